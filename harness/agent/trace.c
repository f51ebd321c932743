/* Watches the calls that a program's own code makes, as its debugger.
 *
 * When the loader has bound the program's imports, the import-table entry of each function in
 * api.c is redirected to a gate, where the program stops; the debugger notes the arguments and lets
 * it pass. Only the program's own code goes through its import table, so what the system calls
 * inside itself is not seen. To stop the program once more at its return, HLT takes the place of
 * the instruction there until then.
 *
 * The thread that starts a program is its debugger, so each traced program has a thread. */
#include "trace.h"
#include "api.h"
#include "gate.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_HOOKS = 64, MOST_ARGUMENTS = 8, MOST_CALLS = 512, GRACE_MS = 5000 };

struct hook {
    const struct api *api;
    struct gate gate;
};

struct call {
    const struct api *api;
    ULONG_PTR arguments[MOST_ARGUMENTS], result, return_address, stack;
    WCHAR *texts[MOST_ARGUMENTS];
    DWORD thread, error;
    BYTE replaced;             /* By HLT, where it returns to. */
    const struct gate *closed; /* The gate that fails this call. */
    BOOL entered, returned;
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
    ULONG_PTR room;
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

static int popped_by(const struct api *api)
{
    return api->caller_pops ? 0 : (int)strlen(api->arguments);
}

/* Redirects one import to a gate. */
static void redirect(const char *name, ULONG_PTR slot, ULONG_PTR function, void *argument)
{
    struct trace *trace = argument;
    const struct api *api = api_find(name);
    if (!api || trace->hooks == MOST_HOOKS)
        return;
    struct hook *hook = &trace->hook[trace->hooks];
    hook->api = api;
    if (gate_build(&hook->gate, &trace->debuggee, trace->room, trace->hooks, function,
                   popped_by(api)) &&
        debuggee_patch(&trace->debuggee, slot, &hook->gate.at, sizeof hook->gate.at))
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

/* The newest call of that thread that has not returned, and was made from that address if one is
 * given. */
static struct call *open_call(struct trace *trace, DWORD thread, ULONG_PTR return_address)
{
    for (int i = trace->count - 1; i >= 0; i--) {
        struct call *call = &trace->call[i];
        if (!call->returned && call->thread == thread &&
            (!return_address || call->return_address == return_address))
            return call;
    }
    return NULL;
}

/* Makes the program stop where the call returns to. If another thread is to return there too, HLT
 * stands there already. */
static void stop_at_return(struct trace *trace, struct call *call)
{
    debuggee_replace(&trace->debuggee, call->return_address, HLT, &call->replaced);
    for (const struct call *other = trace->call; other != call; other++)
        if (!other->returned && other->return_address == call->return_address)
            call->replaced = other->replaced;
}

static const struct hook *hook_at(const struct trace *trace, ULONG_PTR address)
{
    for (int i = 0; i < trace->hooks; i++)
        if (gate_holds(&trace->hook[i].gate, address))
            return &trace->hook[i];
    return NULL;
}

static struct call *note_call(struct trace *trace, const struct hook *hook, const CONTEXT *context,
                              DWORD thread)
{
    ULONG_PTR back = debuggee_return_address(&trace->debuggee, context);
    if (!debuggee_owns(&trace->debuggee, back) || trace->count == MOST_CALLS)
        return NULL; /* The address was handed to somebody else's code. */
    BOOL fails = fault_due(trace, hook->api->name);
    EnterCriticalSection(&trace->lock);
    struct call *call = &trace->call[trace->count++];
    call->api = hook->api;
    call->thread = thread;
    call->return_address = back;
    call->stack = debuggee_stack(context);
    note_arguments(trace, call, context);
    LeaveCriticalSection(&trace->lock);
    hold(trace);

    stop_at_return(trace, call);
    if (fails) {
        call->closed = &hook->gate;
        gate_close(call->closed, &trace->debuggee);
        debuggee_set_last_error(&trace->debuggee, thread, (DWORD)trace->fault_error);
    }
    return call;
}

/* A thread may stop at a gate more than once for one call: half way through, and once more at
 * either place if another thread has made the gate turn in between. What tells a new call is that
 * the stack is another, or that it is at the beginning of the gate again after it was through. */
static void on_gate(struct trace *trace, const struct hook *hook, const CONTEXT *context,
                    DWORD thread, ULONG_PTR address)
{
    struct call *call = open_call(trace, thread, 0);
    if (!call || call->stack != debuggee_stack(context) ||
        (call->entered && address == hook->gate.at))
        call = note_call(trace, hook, context, thread);
    BOOL entered = gate_pass(&hook->gate, &trace->debuggee, address);
    if (call)
        call->entered |= entered;
}

static void on_return(struct trace *trace, const CONTEXT *context, struct call *call)
{
    ULONG_PTR result = debuggee_result(context);
    debuggee_patch(&trace->debuggee, call->return_address, &call->replaced, 1);
    if (call->closed)
        gate_open(call->closed, &trace->debuggee);
    EnterCriticalSection(&trace->lock);
    call->result = call->api->result == 'd' ? (ULONG_PTR)(int)result : result;
    call->error = debuggee_last_error(&trace->debuggee, call->thread);
    call->returned = TRUE;
    LeaveCriticalSection(&trace->lock);
    hold(trace);
}

static void on_start(struct trace *trace)
{
    debuggee_start(&trace->debuggee);
    trace->room = gate_room(&trace->debuggee, MOST_HOOKS);
    if (trace->room)
        debuggee_imports(&trace->debuggee, redirect, trace);
    hold(trace);
}

/* HLT: one of ours, or the program's own. */
static DWORD on_stop(struct trace *trace, DWORD thread, ULONG_PTR address)
{
    const struct hook *hook = hook_at(trace, address);
    struct call *call = open_call(trace, thread, address);
    CONTEXT context = {.ContextFlags = CONTEXT_CONTROL | CONTEXT_INTEGER};
    if (address == trace->debuggee.entry)
        on_start(trace);
    else if (!GetThreadContext(debuggee_thread(&trace->debuggee, thread), &context))
        return DBG_EXCEPTION_NOT_HANDLED;
    else if (hook)
        on_gate(trace, hook, &context, thread, address);
    else if (call)
        on_return(trace, &context, call);
    else
        return DBG_EXCEPTION_NOT_HANDLED;
    return DBG_CONTINUE;
}

static DWORD on_exception(struct trace *trace, DWORD thread, const EXCEPTION_RECORD *record)
{
    if (record->ExceptionCode == (DWORD)EXCEPTION_PRIV_INSTRUCTION)
        return on_stop(trace, thread, (ULONG_PTR)record->ExceptionAddress);
    /* The loader of Windows announces with a breakpoint that it is about to start the program. */
    return record->ExceptionCode == (DWORD)EXCEPTION_BREAKPOINT && trace->debuggee.entry
               ? DBG_CONTINUE
               : DBG_EXCEPTION_NOT_HANDLED;
}

static void debug_loop(struct trace *trace)
{
    DEBUG_EVENT event;
    BOOL alive = TRUE;
    while (alive && WaitForDebugEvent(&event, INFINITE)) {
        DWORD status = DBG_CONTINUE;
        if (event.dwDebugEventCode == EXCEPTION_DEBUG_EVENT) {
            status = on_exception(trace, event.dwThreadId, &event.u.Exception.ExceptionRecord);
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
