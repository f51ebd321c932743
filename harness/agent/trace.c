/* Watches the calls that a program's own code makes, as its debugger.
 *
 * When the loader has bound the program's imports, the import-table entry of each function in
 * api.c is redirected to a byte of a page full of breakpoints, which tells by its address which
 * function is called; the debugger notes the arguments and goes on at the real function. Only the
 * program's own code goes through its import table, so what the system calls inside itself is not
 * seen. The return is caught by a breakpoint at the return address, which is taken away again.
 *
 * The thread that starts a program is its debugger, so each traced program has a thread. */
#include "trace.h"
#include "api.h"
#include "debuggee.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_HOOKS = 64, MOST_ARGUMENTS = 8, MOST_CALLS = 512, GRACE_MS = 5000 };

struct hook {
    const struct api *api;
    ULONG_PTR function;
};

struct call {
    const struct api *api;
    ULONG_PTR arguments[MOST_ARGUMENTS], result, return_address;
    WCHAR *texts[MOST_ARGUMENTS];
    DWORD thread, error;
    BYTE replaced;
    BOOL returned;
};

struct trace {
    struct program *program;
    const struct launch *launch;
    HANDLE thread, started, held, go;
    DWORD error;
    BOOL holding, quit, ended;
    ULONGLONG stops; /* How often it was held; the first time is at its start. */
    /* Fault injection: the call of that name, counted from 1, that fails with that error. */
    char fault[32];
    ULONGLONG fault_at, fault_error;
    struct debuggee debuggee;
    ULONG_PTR page;
    int hooks, count;
    struct hook hook[MOST_HOOKS];
    struct call call[MOST_CALLS];
    CRITICAL_SECTION lock; /* Guards count and call against a reader of the calls. */
};

/* Stops the program, where it is held at each step, until `go` or its end. */
static void hold(struct trace *trace)
{
    if (!trace->holding || trace->quit)
        return;
    trace->stops++;
    SetEvent(trace->held);
    WaitForSingleObject(trace->go, INFINITE);
}

/* Redirects one import to its byte in the page of breakpoints. */
static void redirect(const char *name, ULONG_PTR slot, ULONG_PTR function, void *argument)
{
    struct trace *trace = argument;
    const struct api *api = api_find(name);
    if (!api || trace->hooks == MOST_HOOKS)
        return;
    ULONG_PTR target = trace->page + (ULONG_PTR)trace->hooks;
    trace->hook[trace->hooks].api = api;
    trace->hook[trace->hooks].function = function;
    if (debuggee_patch(&trace->debuggee, slot, &target, sizeof target))
        trace->hooks++;
}

/* The names of a function's two character sets differ in a last letter. */
static BOOL is_fault(const struct trace *trace, const char *name)
{
    size_t length = strlen(trace->fault);
    return length && !strncmp(name, trace->fault, length) && strlen(name) <= length + 1;
}

static BOOL fault_due(const struct trace *trace, const char *name)
{
    ULONGLONG before = 0;
    if (!is_fault(trace, name))
        return FALSE;
    for (int i = 0; i < trace->count; i++)
        before += is_fault(trace, trace->call[i].api->name);
    return before + 1 == trace->fault_at;
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

static void on_call(struct trace *trace, HANDLE thread, DWORD id, CONTEXT *context, int number)
{
    const struct hook *hook = &trace->hook[number];
    ULONG_PTR back = debuggee_return_address(&trace->debuggee, context);
    BYTE breakpoint = BREAKPOINT;
    debuggee_set_pc(context, hook->function);
    SetThreadContext(thread, context);
    if (!debuggee_owns(&trace->debuggee, back) || trace->count == MOST_CALLS)
        return; /* The address was handed to somebody else's code. */

    BOOL fails = fault_due(trace, hook->api->name);
    EnterCriticalSection(&trace->lock);
    struct call *call = &trace->call[trace->count++];
    call->api = hook->api;
    call->thread = id;
    call->return_address = back;
    note_arguments(trace, call, context);
    LeaveCriticalSection(&trace->lock);
    hold(trace);

    debuggee_read(&trace->debuggee, back, &call->replaced, 1);
    debuggee_patch(&trace->debuggee, back, &breakpoint, 1);
    if (fails) {
        int popped = hook->api->caller_pops ? 0 : (int)strlen(hook->api->arguments);
        debuggee_set_last_error(&trace->debuggee, id, (DWORD)trace->fault_error);
        debuggee_return(context, back, 0, popped);
        SetThreadContext(thread, context);
    }
}

static struct call *call_returning_to(struct trace *trace, ULONG_PTR address, DWORD thread)
{
    for (int i = trace->count - 1; i >= 0; i--)
        if (!trace->call[i].returned && trace->call[i].return_address == address &&
            trace->call[i].thread == thread)
            return &trace->call[i];
    return NULL;
}

static void on_return(struct trace *trace, HANDLE thread, CONTEXT *context, struct call *call)
{
    debuggee_patch(&trace->debuggee, call->return_address, &call->replaced, 1);
    debuggee_set_pc(context, call->return_address);
    SetThreadContext(thread, context);
    ULONG_PTR result = debuggee_result(context);
    EnterCriticalSection(&trace->lock);
    call->result = call->api->result == 'd' ? (ULONG_PTR)(int)result : result;
    call->error = debuggee_last_error(&trace->debuggee, call->thread);
    call->returned = TRUE;
    LeaveCriticalSection(&trace->lock);
    hold(trace);
}

/* A breakpoint: the loader's own, which comes first, one of ours, or the program's. */
static DWORD on_breakpoint(struct trace *trace, DWORD id, ULONG_PTR address)
{
    if (!trace->page) {
        trace->page = debuggee_page_of_breakpoints(&trace->debuggee);
        if (trace->page)
            debuggee_imports(&trace->debuggee, redirect, trace);
        hold(trace);
        return DBG_CONTINUE;
    }
    CONTEXT context;
    HANDLE thread = debuggee_thread(&trace->debuggee, id);
    struct call *call;
    ZeroMemory(&context, sizeof context);
    context.ContextFlags = CONTEXT_CONTROL | CONTEXT_INTEGER;
    if (!thread || !GetThreadContext(thread, &context))
        return DBG_EXCEPTION_NOT_HANDLED;
    if (address - trace->page < (ULONG_PTR)trace->hooks)
        on_call(trace, thread, id, &context, (int)(address - trace->page));
    else if ((call = call_returning_to(trace, address, id)))
        on_return(trace, thread, &context, call);
    else
        return DBG_EXCEPTION_NOT_HANDLED;
    return DBG_CONTINUE;
}

static void debug_loop(struct trace *trace)
{
    DEBUG_EVENT event;
    BOOL alive = TRUE;
    while (alive && WaitForDebugEvent(&event, INFINITE)) {
        DWORD status = DBG_CONTINUE;
        if (event.dwDebugEventCode == EXCEPTION_DEBUG_EVENT) {
            const EXCEPTION_RECORD *record = &event.u.Exception.ExceptionRecord;
            status =
                record->ExceptionCode == (DWORD)EXCEPTION_BREAKPOINT
                    ? on_breakpoint(trace, event.dwThreadId, (ULONG_PTR)record->ExceptionAddress)
                    : (DWORD)DBG_EXCEPTION_NOT_HANDLED;
        } else {
            debuggee_note(&trace->debuggee, &event);
            alive = event.dwDebugEventCode != EXIT_PROCESS_DEBUG_EVENT;
        }
        ContinueDebugEvent(event.dwProcessId, event.dwThreadId, status);
    }
    trace->ended = TRUE;
    SetEvent(trace->held);
}

static DWORD WINAPI trace_thread(void *argument)
{
    struct trace *trace = argument;
    trace->error = program_launch(trace->program, trace->launch, DEBUG_ONLY_THIS_PROCESS);
    trace->debuggee.process = trace->program->process;
    SetEvent(trace->started);
    if (!trace->error)
        debug_loop(trace);
    return 0;
}

DWORD trace_begin(struct program *program, const struct launch *launch,
                  const struct request *request)
{
    struct trace *trace = calloc(1, sizeof *trace);
    const WCHAR *fault = field_text(request, "fail");
    if (!trace)
        abort();
    InitializeCriticalSection(&trace->lock);
    trace->program = program;
    trace->launch = launch;
    trace->holding = field_number(request, "hold", 0) != 0;
    trace->fault_at = field_number(request, "nth", 1);
    trace->fault_error = field_number(request, "error", 0);
    if (fault)
        WideCharToMultiByte(CP_UTF8, 0, fault, -1, trace->fault, sizeof trace->fault, NULL, NULL);
    trace->started = CreateEventW(NULL, FALSE, FALSE, NULL);
    trace->held = CreateEventW(NULL, TRUE, FALSE, NULL);
    /* It resets itself, so that a `go` from trace_end is not lost if it comes before the wait. */
    trace->go = CreateEventW(NULL, FALSE, FALSE, NULL);
    trace->thread = CreateThread(NULL, 0, trace_thread, trace, 0, NULL);
    WaitForSingleObject(trace->started, INFINITE);
    program->trace = trace;
    return trace->error;
}

void trace_release(struct trace *trace)
{
    if (!trace)
        return;
    trace->quit = TRUE;
    SetEvent(trace->go);
}

void trace_end(struct trace *trace)
{
    if (!trace)
        return;
    trace_release(trace);
    if (WaitForSingleObject(trace->thread, GRACE_MS) != WAIT_OBJECT_0)
        return; /* The thread still uses the trace. */
    for (int i = 0; i < trace->count; i++)
        for (int k = 0; k < MOST_ARGUMENTS; k++)
            free(trace->call[i].texts[k]);
    CloseHandle(trace->thread);
    CloseHandle(trace->started);
    CloseHandle(trace->held);
    CloseHandle(trace->go);
    DeleteCriticalSection(&trace->lock);
    free(trace);
}

static struct trace *trace_of(const struct request *request, struct json *answer)
{
    struct program *program = program_of(request, answer);
    if (program && !program->trace)
        answer_refusal(answer, "the program is not traced");
    return program ? program->trace : NULL;
}

/* String arguments are a list: the address and, where one can be read there, the text. */
static void answer_call(struct json *answer, const char *name, const struct call *call)
{
    json_open(answer, name, '{');
    json_ascii(answer, "name", call->api->name);
    json_open(answer, "arguments", '[');
    for (int i = 0; call->api->arguments[i]; i++) {
        char kind = call->api->arguments[i];
        LONGLONG value = (LONGLONG)(LONG_PTR)call->arguments[i];
        if (kind == 'n' || kind == 'd') {
            json_number(answer, NULL, kind == 'd' ? (DWORD)value : value);
            continue;
        }
        json_open(answer, NULL, '[');
        json_number(answer, NULL, value);
        if (call->texts[i])
            json_text(answer, NULL, call->texts[i]);
        json_close(answer, ']');
    }
    json_close(answer, ']');
    json_flag(answer, "returned", call->returned);
    if (call->returned) {
        json_number(answer, "result", (LONGLONG)(LONG_PTR)call->result);
        json_number(answer, "error", call->error);
    }
    json_close(answer, '}');
}

/* calls program=N: what a traced program has called so far. */
void trace_calls(const struct request *request, struct json *answer)
{
    struct trace *trace = trace_of(request, answer);
    if (!trace)
        return;
    EnterCriticalSection(&trace->lock);
    json_open(answer, "calls", '[');
    for (int i = 0; i < trace->count; i++)
        answer_call(answer, NULL, &trace->call[i]);
    json_close(answer, ']');
    LeaveCriticalSection(&trace->lock);
}

/* Where a program started with hold=1 stands: how many stops it has made, whether it is held there
 * or has ended, and its last call. Its first stop is at its start; each call makes one before and
 * one after. */
static void answer_place(struct trace *trace, struct json *answer, BOOL held)
{
    json_flag(answer, "ended", held && trace->ended);
    json_flag(answer, "held", held && !trace->ended);
    json_number(answer, "stops", (LONGLONG)trace->stops);
    EnterCriticalSection(&trace->lock);
    if (trace->count)
        answer_call(answer, "call", &trace->call[trace->count - 1]);
    LeaveCriticalSection(&trace->lock);
}

/* Whether it comes to its next stop, or to its end, within `ms` milliseconds. */
static BOOL comes_to_stop(const struct trace *trace, DWORD ms)
{
    return WaitForSingleObject(trace->held, ms) == WAIT_OBJECT_0;
}

/* held program=N ms=N: where it stands, once it does. */
void trace_held(const struct request *request, struct json *answer)
{
    struct trace *trace = trace_of(request, answer);
    if (trace)
        answer_place(trace, answer, comes_to_stop(trace, (DWORD)field_number(request, "ms", 0)));
}

/* go program=N [to=STOP] [ms=N]: lets it go on to its next stop, or until it has made as many as
 * `to` says, and tells where it stands then. With ms=0 it is let go and not waited for. */
void trace_go(const struct request *request, struct json *answer)
{
    struct trace *trace = trace_of(request, answer);
    if (!trace)
        return;
    DWORD ms = (DWORD)field_number(request, "ms", 0);
    ULONGLONG to = field_number(request, "to", trace->stops + 1);
    BOOL held;
    while ((held = comes_to_stop(trace, ms)) && !trace->ended && trace->stops < to) {
        ResetEvent(trace->held);
        SetEvent(trace->go);
    }
    answer_place(trace, answer, held);
}
