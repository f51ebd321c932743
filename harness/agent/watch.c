/* Watches the calls that a program's own code makes; see watch.h.
 *
 * The program goes through its import table to call a function. When the loader has bound that
 * table, the entry of each function in api.c is redirected to a gate (gate.h), so a call is seen
 * three times:
 *
 *     the program                         gate                       the function
 *
 *     call [import] ────────────────────► HLT   1: noted, AT_GATE
 *                                         HLT   2: let in, INSIDE
 *                                         jmp ─────────────────────► …
 *     HLT  3: RETURNED ◄──────────────────────────────────────────── ret
 *
 *     1  The arguments are read, and HLT is put where the call will return to (returns.h).
 *     2  The gate has turned and shuts again. Another thread that comes is stopped as well.
 *     3  Result and last error are read, and the instruction is put back.
 *
 * What the system calls inside itself does not go through the program's table, and is not seen. A
 * call that is left by an exception, by longjmp or by the end of its thread never comes to 3: it is
 * UNWOUND as soon as its thread is seen further up the stack. */
#include "watch.h"
#include "image.h"

#include <stdlib.h>

struct hook {
    const struct api *api; /* NULL for IsDebuggerPresent. */
    struct gate gate;
};

void watch_failed(struct watch *watch, const char *call)
{
    struct failure failure;
    failed(&failure, call);
    AcquireSRWLockExclusive(&watch->calls.lock);
    if (!watch->failure.call)
        watch->failure = failure;
    ReleaseSRWLockExclusive(&watch->calls.lock);
}

static BOOL hides_debugger(const char *name)
{
    return !lstrcmpA(name, "IsDebuggerPresent");
}

static void count_import(const char *name, ULONG_PTR slot, ULONG_PTR function, void *argument)
{
    (void)slot;
    (void)function;
    ((struct watch *)argument)->room_for += api_find(name) || hides_debugger(name);
}

/* Redirects one import to a gate. */
static void redirect(const char *name, ULONG_PTR slot, ULONG_PTR function, void *argument)
{
    struct watch *watch = argument;
    const struct api *api = api_find(name);
    if ((!api && !hides_debugger(name)) || watch->count == watch->room_for)
        return;
    struct hook *hook = &watch->hooks[watch->count];
    if (!gate_build(&hook->gate, &watch->debuggee, watch->room, watch->count++, function,
                    api ? api_popped(api) : 0)) {
        watch_failed(watch, "WriteProcessMemory");
        return;
    }
    hook->api = api;
    ULONG_PTR to = api ? hook->gate.at : gate_failure(&hook->gate);
    if (!debuggee_patch(&watch->debuggee, slot, &to, sizeof to))
        watch_failed(watch, "WriteProcessMemory");
}

static void on_start(struct watch *watch)
{
    debuggee_start(&watch->debuggee);
    if (!image_imports(&watch->debuggee, count_import, watch)) {
        watch_failed(watch, "ReadProcessMemory");
    } else if (watch->room_for) {
        watch->hooks = allocate((size_t)watch->room_for * sizeof *watch->hooks);
        watch->room = gate_room(&watch->debuggee, watch->room_for);
        if (watch->room)
            image_imports(&watch->debuggee, redirect, watch);
        else
            watch_failed(watch, "VirtualAllocEx");
    }
    stops_make(&watch->stops);
}

static const struct hook *hook_at(const struct watch *watch, ULONG_PTR address)
{
    for (int i = 0; i < watch->count; i++)
        if (watch->hooks[i].api && gate_holds(&watch->hooks[i].gate, address))
            return &watch->hooks[i];
    return NULL;
}

/* The thread leaves its innermost call, by a return or otherwise. */
static void leave(struct watch *watch, struct thread *thread, enum state state, ULONG_PTR result)
{
    struct call *call = thread->call;
    thread->call = call->outer;
    if (call->back)
        returns_done(call->back, &watch->debuggee);
    if (call->fails) {
        gate_open(call->gate, &watch->debuggee);
        threads_thaw(watch->debuggee.threads, FAILING);
    }
    calls_leave(&watch->calls, call, state, result,
                state == RETURNED ? thread_last_error(watch->debuggee.process, thread) : 0);
}

/* The thread has come to where its stack is at `stack`: calls whose return address was below that
 * are over without a return. */
static void unwind(struct watch *watch, struct thread *thread, ULONG_PTR stack)
{
    while (thread->call && thread->call->stack < stack &&
           thread_on_stack(watch->debuggee.process, thread, thread->call->stack, stack))
        leave(watch, thread, UNWOUND, 0);
}

static void note_arguments(struct watch *watch, struct call *call, const CONTEXT *context)
{
    const char *kinds = call->api->arguments;
    for (int i = 0; kinds[i]; i++) {
        ULONG_PTR value = thread_argument(watch->debuggee.process, context, i);
        call->arguments[i] = kinds[i] == 'd' ? (DWORD)value : value;
        if (kinds[i] == 'a' || kinds[i] == 'w')
            call->texts[i] = debuggee_text(&watch->debuggee, value, kinds[i] == 'w');
    }
}

static BOOL fault_due(struct watch *watch, const struct api *api)
{
    return watch->how.fail && api_same(watch->how.fail, api) && ++watch->before == watch->how.nth;
}

static struct call *note_call(struct watch *watch, const struct hook *hook, const CONTEXT *context,
                              struct thread *thread)
{
    ULONG_PTR back = thread_return_address(watch->debuggee.process, context);
    if (!debuggee_owns(&watch->debuggee, back))
        return NULL; /* The address was handed to somebody else's code. */
    struct call *call = allocate(sizeof *call);
    call->api = hook->api;
    call->thread = thread->id;
    call->gate = &hook->gate;
    call->stack = thread_stack(context);
    note_arguments(watch, call, context);
    calls_add(&watch->calls, call);
    stops_make(&watch->stops);

    call->back = returns_await(&watch->places, &watch->debuggee, back);
    if (!call->back)
        watch_failed(watch, "WriteProcessMemory");
    call->outer = thread->call;
    thread->call = call;
    if (fault_due(watch, call->api)) {
        /* Until it has returned, no other thread may take the gate. */
        threads_freeze(watch->debuggee.threads, thread, FAILING);
        call->fails = TRUE;
        gate_close(call->gate, &watch->debuggee);
        thread_set_last_error(watch->debuggee.process, thread, watch->how.error);
    }
    return call;
}

/* A thread may stop at a gate more than once for one call: half way through, and once more at
 * either place if another thread has made the gate turn in between. What tells a new call is that
 * the stack is another, or that it is at the beginning of the gate again after it was through. */
static void on_gate(struct watch *watch, const struct hook *hook, const CONTEXT *context,
                    struct thread *thread, ULONG_PTR address)
{
    ULONG_PTR stack = thread_stack(context);
    unwind(watch, thread, stack);
    struct call *call = thread->call;
    BOOL same = call && call->stack == stack && call->gate == &hook->gate;
    if (call && call->stack == stack &&
        (!same || (call->state == INSIDE && address == hook->gate.at))) {
        leave(watch, thread, UNWOUND, 0);
        same = FALSE;
    }
    if (!same)
        call = note_call(watch, hook, context, thread);
    if (gate_pass(&hook->gate, &watch->debuggee, address) && call)
        call->state = INSIDE;
}

/* A thread is where calls return to: its own, or it comes by. */
static void on_return(struct watch *watch, struct place *place, const CONTEXT *context,
                      struct thread *thread)
{
    ULONG_PTR stack = thread_stack(context);
    const struct call *call = thread->call;
    while (call &&
           (call->back != place || stack != thread_stack_after(call->stack, api_popped(call->api))))
        call = call->outer;
    if (call) {
        while (thread->call != call)
            leave(watch, thread, UNWOUND, 0);
        leave(watch, thread, RETURNED, thread_result(context));
        stops_make(&watch->stops);
    } else {
        unwind(watch, thread, stack);
    }
    watch->passing = place->awaited ? place : NULL;
}

/* HLT: one of ours, or the program's own. */
DWORD watch_stop(struct watch *watch, struct thread *thread, ULONG_PTR address)
{
    const struct hook *hook = hook_at(watch, address);
    struct place *place = returns_find(watch->places, address);
    CONTEXT context;
    if (address == watch->debuggee.entry) {
        on_start(watch);
        return DBG_CONTINUE;
    }
    if (!hook && (!place || watch->own_stop || !returns_stopped(place, thread)))
        return DBG_EXCEPTION_NOT_HANDLED;
    if (!thread_context(thread, &context)) {
        if (WaitForSingleObject(thread->handle, 0) != WAIT_OBJECT_0)
            watch_failed(watch, "GetThreadContext"); /* And it was not ended meanwhile. */
        return DBG_EXCEPTION_NOT_HANDLED;
    }
    if (hook)
        on_gate(watch, hook, &context, thread, address);
    else if (place->awaited)
        on_return(watch, place, &context, thread);
    return DBG_CONTINUE;
}

void watch_thread_ends(struct watch *watch, struct thread *thread)
{
    while (thread->call)
        leave(watch, thread, UNWOUND, 0);
}
