/* The programs that the agent has started. */
#pragma once
#include "agent.h"

enum { OUTPUT_KEPT = 65536 };

/* What a program wrote to one stream: the first OUTPUT_KEPT bytes, and how many there were. */
struct capture {
    HANDLE pipe, thread;
    BYTE bytes[OUTPUT_KEPT];
    volatile DWORD kept;
    volatile ULONGLONG total;
};

struct trace;

struct program {
    HANDLE process, job;
    DWORD pid;
    int console;
    struct capture *out, *err;
    struct trace *trace; /* NULL where the program is not traced. */
};

/* The program that the request's field `program` names; NULL, refused in the answer, if none. */
struct program *program_of(const struct request *request, struct json *answer);
/* Whether it ended within `ms` milliseconds. */
BOOL program_ended(const struct program *program, DWORD ms);

/* What is needed to start a program, made by `start` and used by the thread that starts it. */
struct launch {
    WCHAR *command;
    const WCHAR *folder;
    HANDLE token, input, out, err;
};
/* CreateProcess into the program's job; `flags` go with its own. 0 or the last error. */
DWORD program_launch(struct program *program, const struct launch *launch, DWORD flags);
