/* The calls of a traced program, in the order in which they were made. */
#pragma once
#include "agent.h"
#include "api.h"
#include "gate.h"
#include "returns.h"

enum state {
    AT_GATE,  /* Noted, but not yet let into the function. */
    INSIDE,   /* On its way. */
    RETURNED, /* With its result. */
    UNWOUND   /* Its thread left it without a return: by an exception, longjmp or its end. */
};

struct call {
    const struct api *api;
    DWORD thread, error;
    enum state state;
    ULONG_PTR arguments[MOST_ARGUMENTS], result;
    WCHAR *texts[MOST_ARGUMENTS];
    /* While it is open, that is at the gate or inside: */
    const struct gate *gate;
    BOOL fails;         /* The gate is closed for it. */
    ULONG_PTR stack;    /* Where its return address is. */
    struct place *back; /* Where it will return to; NULL where that could not be watched. */
    struct call *outer; /* The one in which its thread was when it made this one. */
    struct call *later; /* The next in the order of all. */
};

/* The debugger adds to the list while requests read it. Begins as all zero. */
struct calls {
    SRWLOCK lock;
    struct call *first, *last;
};

void calls_add(struct calls *calls, struct call *call);
/* Changes its state; for RETURNED, with result and last error. */
void calls_leave(struct calls *calls, struct call *call, enum state state, ULONG_PTR result,
                 DWORD error);
void calls_free(struct calls *calls);

/* A list of all as the member `calls`; the last one as the member `call`, if there is one. */
void calls_answer(struct calls *calls, struct json *answer);
void calls_answer_last(struct calls *calls, struct json *answer);
