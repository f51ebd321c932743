/* Watches the calls that a program's own code makes, as its debugger; see trace.h.
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
 * UNWOUND as soon as its thread is seen further up the stack.
 *
 * The thread that starts a program is its debugger, so each traced program has a thread. */
#include "trace.h"
#include "image.h"

#include <stdlib.h>

struct trace {
    struct tracing how;
    ULONGLONG before; /* How many calls of the function that is to fail there were. */
    HANDLE thread;
    struct calls calls;
    struct stops stops;
    struct debuggee debuggee;
    struct place *places;
    struct hook {
        const struct api *api;
        struct gate gate;
    } * hooks;
    int count, room_for;
    ULONG_PTR room;
    /* An event that came before its time, while a thread passed a place, and whether that thread
     * stopped there once more, at the program's own instruction. */
    DEBUG_EVENT early;
    BOOL is_early, own_stop;
    const struct place *passing; /* Where the thread of the current event has to pass. */
    struct failure failure;      /* The first; guarded by the lock of the calls. */
};

static void note_failure(struct trace *trace, const char *call)
{
    struct failure failure;
    failed(&failure, call);
    EnterCriticalSection(&trace->calls.lock);
    if (!trace->failure.call)
        trace->failure = failure;
    LeaveCriticalSection(&trace->calls.lock);
}

static BOOL hides_debugger(const char *name)
{
    return !lstrcmpA(name, "IsDebuggerPresent");
}

static void count_import(const char *name, ULONG_PTR slot, ULONG_PTR function, void *argument)
{
    (void)slot;
    (void)function;
    ((struct trace *)argument)->room_for += api_find(name) || hides_debugger(name);
}

/* Redirects one import to a gate. */
static void redirect(const char *name, ULONG_PTR slot, ULONG_PTR function, void *argument)
{
    struct trace *trace = argument;
    const struct api *api = api_find(name);
    if ((!api && !hides_debugger(name)) || trace->count == trace->room_for)
        return;
    struct hook *hook = &trace->hooks[trace->count];
    if (!gate_build(&hook->gate, &trace->debuggee, trace->room, trace->count++, function,
                    api ? api_popped(api) : 0)) {
        note_failure(trace, "WriteProcessMemory");
        return;
    }
    hook->api = api;
    ULONG_PTR to = api ? hook->gate.at : gate_failure(&hook->gate);
    if (!debuggee_patch(&trace->debuggee, slot, &to, sizeof to))
        note_failure(trace, "WriteProcessMemory");
}

static void on_start(struct trace *trace)
{
    debuggee_start(&trace->debuggee);
    if (!image_imports(&trace->debuggee, count_import, trace)) {
        note_failure(trace, "ReadProcessMemory");
    } else if (trace->room_for) {
        trace->hooks = allocate((size_t)trace->room_for * sizeof *trace->hooks);
        trace->room = gate_room(&trace->debuggee, trace->room_for);
        if (trace->room)
            image_imports(&trace->debuggee, redirect, trace);
        else
            note_failure(trace, "VirtualAllocEx");
    }
    stops_make(&trace->stops);
}

static const struct hook *hook_at(const struct trace *trace, ULONG_PTR address)
{
    for (int i = 0; i < trace->count; i++)
        if (trace->hooks[i].api && gate_holds(&trace->hooks[i].gate, address))
            return &trace->hooks[i];
    return NULL;
}

/* The thread leaves its innermost call, by a return or otherwise. */
static void leave(struct trace *trace, struct thread *thread, enum state state, ULONG_PTR result)
{
    struct call *call = thread->call;
    thread->call = call->outer;
    if (call->back)
        returns_done(call->back, &trace->debuggee);
    if (call->fails) {
        gate_open(call->gate, &trace->debuggee);
        debuggee_thaw(&trace->debuggee, FAILING);
    }
    calls_leave(&trace->calls, call, state, result,
                state == RETURNED ? debuggee_last_error(&trace->debuggee, thread) : 0);
}

/* The thread has come to where its stack is at `stack`: calls whose return address was below that
 * are over without a return. */
static void unwind(struct trace *trace, struct thread *thread, ULONG_PTR stack)
{
    while (thread->call && thread->call->stack < stack &&
           debuggee_on_stack(&trace->debuggee, thread, thread->call->stack, stack))
        leave(trace, thread, UNWOUND, 0);
}

static void note_arguments(struct trace *trace, struct call *call, const CONTEXT *context)
{
    const char *kinds = call->api->arguments;
    for (int i = 0; kinds[i]; i++) {
        ULONG_PTR value = debuggee_argument(&trace->debuggee, context, i);
        call->arguments[i] = kinds[i] == 'd' ? (DWORD)value : value;
        if (kinds[i] == 'a' || kinds[i] == 'w')
            call->texts[i] = debuggee_text(&trace->debuggee, value, kinds[i] == 'w');
    }
}

static BOOL fault_due(struct trace *trace, const struct api *api)
{
    return trace->how.fail && api_same(trace->how.fail, api) && ++trace->before == trace->how.nth;
}

static struct call *note_call(struct trace *trace, const struct hook *hook, const CONTEXT *context,
                              struct thread *thread)
{
    ULONG_PTR back = debuggee_return_address(&trace->debuggee, context);
    if (!debuggee_owns(&trace->debuggee, back))
        return NULL; /* The address was handed to somebody else's code. */
    struct call *call = allocate(sizeof *call);
    call->api = hook->api;
    call->thread = thread->id;
    call->gate = &hook->gate;
    call->stack = debuggee_stack(context);
    note_arguments(trace, call, context);
    calls_add(&trace->calls, call);
    stops_make(&trace->stops);

    call->back = returns_await(&trace->places, &trace->debuggee, back);
    if (!call->back)
        note_failure(trace, "WriteProcessMemory");
    call->outer = thread->call;
    thread->call = call;
    if (fault_due(trace, call->api)) {
        /* Until it has returned, no other thread may take the gate. */
        debuggee_freeze(&trace->debuggee, thread, FAILING);
        call->fails = TRUE;
        gate_close(call->gate, &trace->debuggee);
        debuggee_set_last_error(&trace->debuggee, thread, trace->how.error);
    }
    return call;
}

/* A thread may stop at a gate more than once for one call: half way through, and once more at
 * either place if another thread has made the gate turn in between. What tells a new call is that
 * the stack is another, or that it is at the beginning of the gate again after it was through. */
static void on_gate(struct trace *trace, const struct hook *hook, const CONTEXT *context,
                    struct thread *thread, ULONG_PTR address)
{
    ULONG_PTR stack = debuggee_stack(context);
    unwind(trace, thread, stack);
    struct call *call = thread->call;
    BOOL same = call && call->stack == stack && call->gate == &hook->gate;
    if (call && call->stack == stack &&
        (!same || (call->state == INSIDE && address == hook->gate.at))) {
        leave(trace, thread, UNWOUND, 0);
        same = FALSE;
    }
    if (!same)
        call = note_call(trace, hook, context, thread);
    if (gate_pass(&hook->gate, &trace->debuggee, address) && call)
        call->state = INSIDE;
}

/* A thread is where calls return to: its own, or it comes by. */
static void on_return(struct trace *trace, struct place *place, const CONTEXT *context,
                      struct thread *thread)
{
    ULONG_PTR stack = debuggee_stack(context);
    const struct call *call = thread->call;
    while (call && (call->back != place ||
                    stack != debuggee_stack_after(call->stack, api_popped(call->api))))
        call = call->outer;
    if (call) {
        while (thread->call != call)
            leave(trace, thread, UNWOUND, 0);
        leave(trace, thread, RETURNED, debuggee_result(context));
        stops_make(&trace->stops);
    } else {
        unwind(trace, thread, stack);
    }
    trace->passing = place->awaited ? place : NULL;
}

/* HLT: one of ours, or the program's own. */
static DWORD on_stop(struct trace *trace, struct thread *thread, ULONG_PTR address)
{
    const struct hook *hook = hook_at(trace, address);
    struct place *place = returns_find(trace->places, address);
    CONTEXT context;
    if (address == trace->debuggee.entry) {
        on_start(trace);
        return DBG_CONTINUE;
    }
    if (!hook && (!place || trace->own_stop || !returns_stopped(place, thread)))
        return DBG_EXCEPTION_NOT_HANDLED;
    if (!debuggee_context(thread, &context)) {
        note_failure(trace, "GetThreadContext");
        return DBG_EXCEPTION_NOT_HANDLED;
    }
    if (hook)
        on_gate(trace, hook, &context, thread, address);
    else if (place->awaited)
        on_return(trace, place, &context, thread);
    return DBG_CONTINUE;
}

/* Under a debugger, and only there, a handle that is none makes the system raise an exception. */
static BOOL is_of_debugging(const struct trace *trace, const EXCEPTION_RECORD *record)
{
    MEMORY_BASIC_INFORMATION about;
    if (record->ExceptionCode == (DWORD)EXCEPTION_BREAKPOINT)
        return trace->debuggee.entry != 0; /* The loader of Windows is about to start it. */
    return record->ExceptionCode == (DWORD)EXCEPTION_INVALID_HANDLE &&
           VirtualQueryEx(trace->debuggee.process, record->ExceptionAddress, &about,
                          sizeof about) &&
           about.AllocationBase == GetModuleHandleW(L"ntdll");
}

/* How to go on after an event. */
static DWORD on_event(struct trace *trace, const DEBUG_EVENT *event)
{
    struct thread *thread = debuggee_thread(&trace->debuggee, event->dwThreadId);
    const EXCEPTION_RECORD *record = &event->u.Exception.ExceptionRecord;
    switch (event->dwDebugEventCode) {
    case EXCEPTION_DEBUG_EVENT:
        if (record->ExceptionCode == (DWORD)EXCEPTION_PRIV_INSTRUCTION && thread)
            return on_stop(trace, thread, (ULONG_PTR)record->ExceptionAddress);
        return is_of_debugging(trace, record) ? DBG_CONTINUE : DBG_EXCEPTION_NOT_HANDLED;
    case OUTPUT_DEBUG_STRING_EVENT:
        return DBG_EXCEPTION_NOT_HANDLED; /* It is an exception, for whoever handles it. */
    case EXIT_THREAD_DEBUG_EVENT:
        while (thread && thread->call)
            leave(trace, thread, UNWOUND, 0);
    }
    debuggee_note(&trace->debuggee, event);
    return DBG_CONTINUE;
}

static BOOL next_event(struct trace *trace, DEBUG_EVENT *event)
{
    if (!trace->is_early && !WaitForDebugEvent(event, INFINITE)) {
        note_failure(trace, "WaitForDebugEvent");
        return FALSE;
    }
    if (trace->is_early)
        *event = trace->early;
    trace->is_early = FALSE;
    trace->debuggee.events++;
    return TRUE;
}

/* Continues the thread past the place where it stopped. */
static void pass(struct trace *trace, struct thread *thread)
{
    const struct place *place = trace->passing;
    const DEBUG_EVENT *early = &trace->early;
    trace->passing = NULL;
    trace->is_early = returns_pass(place, &trace->debuggee, thread, &trace->early);
    trace->own_stop = trace->is_early && early->dwThreadId == thread->id &&
                      early->dwDebugEventCode == EXCEPTION_DEBUG_EVENT &&
                      early->u.Exception.ExceptionRecord.ExceptionAddress == (void *)place->at;
}

static void debug_loop(struct trace *trace)
{
    DEBUG_EVENT event;
    BOOL alive = TRUE;
    while (alive && next_event(trace, &event)) {
        DWORD status = on_event(trace, &event);
        struct thread *thread = debuggee_thread(&trace->debuggee, event.dwThreadId);
        alive = event.dwDebugEventCode != EXIT_PROCESS_DEBUG_EVENT;
        trace->own_stop = FALSE;
        if (thread)
            thread->let_go = trace->debuggee.events;
        if (trace->passing && thread)
            pass(trace, thread);
        else if (!ContinueDebugEvent(event.dwProcessId, event.dwThreadId, status))
            note_failure(trace, "ContinueDebugEvent");
    }
    stops_end(&trace->stops);
}

/* What the debugger's thread is given; it lives until `started` is set. */
struct beginning {
    struct trace *trace;
    struct launch *launch;
    HANDLE started;
    BOOL ok;
};

static DWORD WINAPI debug(void *argument)
{
    struct beginning *beginning = argument;
    struct trace *trace = beginning->trace;
    BOOL ok = beginning->ok = launch_process(beginning->launch);
    trace->debuggee.process = beginning->launch->process;
    SetEvent(beginning->started);
    if (ok)
        debug_loop(trace);
    return 0;
}

struct trace *trace_begin(struct launch *launch, const struct tracing *how)
{
    struct trace *trace = allocate(sizeof *trace);
    struct beginning beginning = {trace, launch, CreateEventW(NULL, FALSE, FALSE, NULL), FALSE};
    launch->flags = DEBUG_ONLY_THIS_PROCESS;
    trace->how = *how;
    calls_begin(&trace->calls);
    stops_begin(&trace->stops, how->hold);
    if (!beginning.started)
        failed(&launch->failure, "CreateEvent");
    else if (!(trace->thread = CreateThread(NULL, 0, debug, &beginning, 0, NULL)))
        failed(&launch->failure, "CreateThread");
    else
        WaitForSingleObject(beginning.started, INFINITE);
    if (beginning.started)
        CloseHandle(beginning.started);
    if (beginning.ok)
        return trace;
    trace_end(trace, GetTickCount64() + GRACE_MS);
    return NULL;
}

void trace_release(struct trace *trace)
{
    if (trace)
        stops_release(&trace->stops);
}

BOOL trace_end(struct trace *trace, ULONGLONG end)
{
    if (!trace)
        return TRUE;
    trace_release(trace);
    if (trace->thread) {
        if (WaitForSingleObject(trace->thread, until(end)) != WAIT_OBJECT_0)
            return FALSE; /* The thread still uses the trace. */
        CloseHandle(trace->thread);
    }
    calls_end(&trace->calls);
    stops_free(&trace->stops);
    returns_free(&trace->places);
    debuggee_free(&trace->debuggee);
    free(trace->hooks);
    free(trace);
    return TRUE;
}

struct calls *trace_calls_of(struct trace *trace)
{
    return &trace->calls;
}

struct stops *trace_stops_of(struct trace *trace)
{
    return &trace->stops;
}

BOOL trace_failed(struct trace *trace, struct failure *failure)
{
    EnterCriticalSection(&trace->calls.lock);
    *failure = trace->failure;
    LeaveCriticalSection(&trace->calls.lock);
    return failure->call != NULL;
}
