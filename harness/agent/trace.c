/* The debugger of a traced program; see trace.h. The thread that starts a program is its debugger,
 * so each traced program has a thread. */
#include "trace.h"

#include <stdlib.h>

struct trace {
    HANDLE thread;
    struct watch watch;
    /* An event that came before its time, while a thread passed a place. */
    DEBUG_EVENT early;
    BOOL is_early;
};

/* HLT, or what was HLT when the thread came there: the system looks at the instruction only after
 * that, and takes it for another fault without an address if it has been put back meanwhile. */
static BOOL is_stop(const EXCEPTION_RECORD *record)
{
    return record->ExceptionCode == (DWORD)EXCEPTION_PRIV_INSTRUCTION ||
           (record->ExceptionCode == (DWORD)EXCEPTION_ACCESS_VIOLATION &&
            record->ExceptionInformation[1] == ~(ULONG_PTR)0);
}

/* Under a debugger, and only there, a handle that is none makes the system raise an exception; a
 * program that raises the same one itself does so by a function of kernelbase. */
static BOOL is_of_debugging(const struct trace *trace, const EXCEPTION_RECORD *record)
{
    MEMORY_BASIC_INFORMATION about;
    if (record->ExceptionCode == (DWORD)EXCEPTION_BREAKPOINT)
        return trace->watch.debuggee.entry != 0; /* The loader of Windows is about to start it. */
    /* Where it is raised is no address of the 32-bit ntdll in a 32-bit program. */
    return record->ExceptionCode == (DWORD)EXCEPTION_INVALID_HANDLE &&
           !(VirtualQueryEx(trace->watch.debuggee.process, record->ExceptionAddress, &about,
                            sizeof about) &&
             about.AllocationBase == GetModuleHandleW(L"kernelbase"));
}

/* How to go on after an event. */
static DWORD on_event(struct trace *trace, const DEBUG_EVENT *event)
{
    struct thread *thread = threads_find(trace->watch.debuggee.threads, event->dwThreadId);
    const EXCEPTION_RECORD *record = &event->u.Exception.ExceptionRecord;
    switch (event->dwDebugEventCode) {
    case EXCEPTION_DEBUG_EVENT:
        if (thread && is_stop(record))
            return watch_stop(&trace->watch, thread, (ULONG_PTR)record->ExceptionAddress);
        if (record->ExceptionCode == (DWORD)EXCEPTION_SINGLE_STEP && thread && thread->steps) {
            thread->steps = FALSE;
            return DBG_CONTINUE;
        }
        return is_of_debugging(trace, record) ? DBG_CONTINUE : DBG_EXCEPTION_NOT_HANDLED;
    case OUTPUT_DEBUG_STRING_EVENT:
        return DBG_EXCEPTION_NOT_HANDLED; /* It is an exception, for whoever handles it. */
    case EXIT_THREAD_DEBUG_EVENT:
        if (thread)
            watch_thread_ends(&trace->watch, thread);
    }
    debuggee_note(&trace->watch.debuggee, event);
    if (event->dwDebugEventCode == CREATE_PROCESS_DEBUG_EVENT && !trace->watch.debuggee.entry)
        watch_failed(&trace->watch, "ReadProcessMemory");
    return DBG_CONTINUE;
}

static BOOL next_event(struct trace *trace, DEBUG_EVENT *event)
{
    if (!trace->is_early && !WaitForDebugEvent(event, INFINITE)) {
        watch_failed(&trace->watch, "WaitForDebugEvent");
        return FALSE;
    }
    if (trace->is_early)
        *event = trace->early;
    trace->is_early = FALSE;
    trace->watch.debuggee.events++;
    return TRUE;
}

/* Continues the thread past the place where it stopped. */
static void pass(struct trace *trace, struct thread *thread)
{
    const struct place *place = trace->watch.passing;
    const DEBUG_EVENT *early = &trace->early;
    trace->watch.passing = NULL;
    trace->is_early = returns_pass(place, &trace->watch.debuggee, thread, &trace->early);
    trace->watch.own_stop =
        trace->is_early && early->dwThreadId == thread->id &&
        early->dwDebugEventCode == EXCEPTION_DEBUG_EVENT &&
        early->u.Exception.ExceptionRecord.ExceptionAddress == (void *)place->at;
}

static void debug_loop(struct trace *trace)
{
    DEBUG_EVENT event;
    BOOL alive = TRUE;
    while (alive && next_event(trace, &event)) {
        DWORD status = on_event(trace, &event);
        struct thread *thread = threads_find(trace->watch.debuggee.threads, event.dwThreadId);
        alive = event.dwDebugEventCode != EXIT_PROCESS_DEBUG_EVENT;
        trace->watch.own_stop = FALSE;
        if (thread)
            thread->let_go = trace->watch.debuggee.events;
        if (trace->watch.passing && thread)
            pass(trace, thread);
        else if (!ContinueDebugEvent(event.dwProcessId, event.dwThreadId, status))
            watch_failed(&trace->watch, "ContinueDebugEvent");
    }
    stops_end(&trace->watch.stops);
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
    trace->watch.debuggee.process = beginning->launch->process;
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
    trace->watch.how = *how;
    trace->watch.stops.holding = how->hold;
    trace->watch.stops.to = 1;
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
        stops_release(&trace->watch.stops);
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
    calls_free(&trace->watch.calls);
    returns_free(&trace->watch.places);
    while (trace->watch.debuggee.threads)
        threads_remove(&trace->watch.debuggee.threads, trace->watch.debuggee.threads->id);
    free(trace->watch.hooks);
    free(trace);
    return TRUE;
}

struct watch *trace_watch(struct trace *trace)
{
    return &trace->watch;
}
