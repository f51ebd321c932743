/* The places that calls return to; see returns.h. */
#include "returns.h"
#include "agent.h"

#include <stdlib.h>

/* How often a thread that passes is looked at: at once, and then every millisecond. One that has
 * still not left after that stops at the same place again, and passes again. */
enum { LOOKS_AT_ONCE = 16, LOOKS = 48 };

struct place *returns_find(struct place *places, ULONG_PTR at)
{
    while (places && places->at != at)
        places = places->next;
    return places;
}

struct place *returns_await(struct place **places, const struct debuggee *debuggee, ULONG_PTR at)
{
    struct place *place = returns_find(*places, at);
    if (!place) {
        place = allocate(sizeof *place);
        place->at = at;
        place->next = *places;
        *places = place;
    }
    if (!place->awaited && !debuggee_replace(debuggee, at, HLT, &place->replaced))
        return NULL;
    place->awaited++;
    return place;
}

void returns_done(struct place *place, const struct debuggee *debuggee)
{
    if (--place->awaited)
        return;
    debuggee_patch(debuggee, place->at, &place->replaced, 1);
    place->put_back = debuggee->events;
}

BOOL returns_stopped(const struct place *place, const struct thread *thread)
{
    /* A thread that last ran before the instruction was put back has stopped at HLT, and only its
     * turn to be reported came late. */
    return place->awaited || thread->let_go < place->put_back;
}

static BOOL has_left(const struct thread *thread, ULONG_PTR at)
{
    CONTEXT context;
    if (SuspendThread(thread->handle) == (DWORD)-1)
        return TRUE; /* It has ended. */
    BOOL left = thread_context(thread, &context) && thread_place(&context) != at;
    ResumeThread(thread->handle);
    return left;
}

BOOL returns_pass(const struct place *place, const struct debuggee *debuggee, struct thread *thread,
                  DEBUG_EVENT *event)
{
    const BYTE stop = HLT;
    BOOL came = FALSE;
    threads_freeze(debuggee->threads, thread, PASSING);
    debuggee_patch(debuggee, place->at, &place->replaced, 1);
    thread_step(thread);
    ContinueDebugEvent(GetProcessId(debuggee->process), thread->id, DBG_CONTINUE);
    for (int looks = 0; looks < LOOKS; looks++) {
        came = WaitForDebugEvent(event, looks < LOOKS_AT_ONCE ? 0 : 1);
        if (came || has_left(thread, place->at))
            break;
    }
    debuggee_patch(debuggee, place->at, &stop, 1);
    threads_thaw(debuggee->threads, PASSING);
    return came;
}

void returns_free(struct place **places)
{
    for (struct place *place; (place = *places);) {
        *places = place->next;
        free(place);
    }
}
