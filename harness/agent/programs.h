/* The programs that the agent has started, from `start` to `forget`. */
#pragma once
#include "agent.h"

struct program {
    ULONG number; /* Never given again, so that a request cannot mean another program. */
    HANDLE process, job;
    DWORD pid;
    int console;
    struct capture *out, *err;
    struct trace *trace; /* NULL where the program is not traced. */
    struct program *next;
};

/* The program that the request's field `program` names; NULL, refused in the answer, if none. */
struct program *program_of(const struct request *request, struct json *answer);
/* Whether it ended within `ms` milliseconds. */
BOOL program_ended(const struct program *program, DWORD ms);
