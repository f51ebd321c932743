/* What the agent's files share: each handler answers one verb (the table is in main.c). */
#pragma once
#include "wire.h"

/* Every handler adds members to the answer. A failing Win32 call is answered by its name and its
 * last error; a request that makes no sense, by a sentence. */
typedef void handler(const struct request *request, struct json *answer);
void answer_failure(struct json *answer, const char *call, DWORD error);
void answer_refusal(struct json *answer, const char *why);

/* programs.c */
handler start, wait_exit, terminate, forget;

/* console.c */
handler press, screen;
/* Makes the agent a member of a console of its own that nobody else uses; its number, or 0. */
int console_new(void);
/* The console that the agent is in now. */
int console_current(void);
/* Leaves that console, if the agent is in it, so that no other program is started there: one that
 * is killed while it reads keys can leave its read behind (Wine), which takes the next key. */
void console_abandon(int console);
/* The input of the agent's console, inheritable, emptied of earlier keys. */
HANDLE console_input(void);

/* boxes.c */
handler boxes, answer_box;

/* objects.c */
handler create_object, open_object, map_object, read_object, write_object, unmap_object;
handler section_object, count_handles, close_object;
/* Keeps a new handle of any kind under a number of its own, which it puts into the answer with
 * whether the object existed; or the failure of `call`, if the handle is NULL. Call it right
 * after the Win32 call: it takes the last error. */
void object_keep(struct json *answer, HANDLE handle, const char *call);

/* namespace.c */
handler occupy, directory;

/* token.c */
handler whoami;
/* A copy of the agent's token without SeCreateGlobalPrivilege, or NULL. */
HANDLE token_without_create_global(void);
