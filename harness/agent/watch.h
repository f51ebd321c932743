/* What a debugger does where the program has stopped: sees its calls and lets it go on. */
#pragma once
#include "calls.h"
#include "stops.h"

/* What is to be done beside watching. */
struct tracing {
    BOOL hold;              /* Hold it at each stop. */
    const struct api *fail; /* Let a call of this function fail, or NULL: */
    ULONGLONG nth;          /* which one, counted from 1, */
    DWORD error;            /* and with which error. */
};

struct watch {
    struct tracing how;
    ULONGLONG before; /* How many calls of the function that is to fail there were. */
    struct calls calls;
    struct stops stops;
    struct debuggee debuggee;
    struct place *places;
    struct hook *hooks; /* The imports that are redirected to gates. */
    int count, room_for;
    ULONG_PTR room;
    const struct place *passing; /* Where the thread that has stopped has to pass, or NULL. */
    BOOL own_stop;               /* It has stopped at an instruction of its own. */
    struct failure failure;      /* The first; guarded by the lock of the calls. */
};

/* The thread has stopped at HLT, ours or the program's own: how to continue it. */
DWORD watch_stop(struct watch *watch, struct thread *thread, ULONG_PTR address);
/* The thread ends. */
void watch_thread_ends(struct watch *watch, struct thread *thread);
/* Right after a call that failed, so that the program's calls may be incomplete from now on. */
void watch_failed(struct watch *watch, const char *call);
