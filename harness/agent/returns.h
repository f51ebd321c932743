/* The places that calls return to. While a call is on its way, HLT stands where it will come back,
 * so that the program stops there.
 *
 * Several calls may be on their way back to one place, so they are counted. And others may come by
 * who return from nothing: where `if (handle) CloseHandle(handle);` goes on, whoever had no handle
 * arrives as well. They pass: all other threads are suspended, the instruction is put back until
 * this one has left it, and HLT is there again before the others go on. The thread is made to stop
 * after one instruction. Wine 8.0 does not do that in a 32-bit program on a 64-bit system, so it is
 * also looked at; there, one that passes and is at the place once more before it is looked at is
 * not seen the second time. */
#pragma once
#include "debuggee.h"

struct place {
    ULONG_PTR at;
    BYTE replaced;
    unsigned awaited; /* How many calls are to return here; HLT stands here while there are any. */
    ULONGLONG put_back; /* The number of the event at which there were none any more. */
    struct place *next;
};

/* Awaits one more return there; NULL, with the last error, where code cannot be changed. */
struct place *returns_await(struct place **places, const struct debuggee *debuggee, ULONG_PTR at);
/* Awaits one less. */
void returns_done(struct place *place, const struct debuggee *debuggee);
struct place *returns_find(struct place *places, ULONG_PTR at);
/* Whether a thread that stopped here did so at our HLT, though that may have been put back since;
 * if not, the program's own code has it stop. */
BOOL returns_stopped(const struct place *place, const struct thread *thread);
/* Continues the thread, which has stopped here, past the place. Returns whether a debug event came
 * before that was done, which is then in `event`. */
BOOL returns_pass(const struct place *place, const struct debuggee *debuggee, struct thread *thread,
                  DEBUG_EVENT *event);
void returns_free(struct place **places);
