/* What all handlers share: their type, their time, and how they say which call failed. The agent
 * does what only Win32 can do, and answers what it saw; what is expected is decided in Python. */
#pragma once
#include "answer.h"
#include "wire.h"

#include <windows.h>

/* A handler answers one verb: it adds members to the answer. */
#define V(name, needs, may) void handle_##name(const struct request *request, struct json *answer);
VERBS(V)
#undef V

/* What a handler waits for, it waits for until `due`; what has to be done then may take GRACE_MS
 * more, all in all, and nothing may take longer. The Python side waits for longer than both. */
enum { GRACE_MS = 2000 };

static inline ULONGLONG due(const struct request *request)
{
    return request->arrived + number_or(request, f_ms, 0);
}

static inline ULONGLONG overdue(const struct request *request)
{
    return due(request) + GRACE_MS;
}

/* The milliseconds until that tick. */
static inline DWORD until(ULONGLONG tick)
{
    ULONGLONG now = GetTickCount64();
    return tick > now ? (DWORD)(tick - now) : 0;
}

/* Right after the call that failed: notes its name and the last error; returns FALSE. */
static inline BOOL failed(struct failure *failure, const char *call)
{
    *failure = (struct failure){call, GetLastError()};
    return FALSE;
}

/* Right after the call that failed: says so in the answer. */
static inline void answer_last_error(struct json *answer, const char *call)
{
    answer_failure(answer, (struct failure){call, GetLastError()});
}

/* The version of Wine, or NULL on Windows. A debugger can do less on Wine. */
const char *wine_version(void);
/* Memory, all zero; an agent that has none left ends. */
void *allocate(size_t size);
