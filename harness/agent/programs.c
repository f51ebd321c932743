/* The programs that the agent has started; see programs.h.
 *
 * Each program has a job object with JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE: its whole tree ends
 * with it, and with the agent, however the agent ends. */
#include "programs.h"
#include "api.h"
#include "capture.h"
#include "console.h"
#include "launch.h"
#include "token.h"
#include "trace.h"

#include <stdlib.h>

static struct program *programs;

struct program *program_of(const struct request *request, struct json *answer)
{
    struct program *program = programs;
    while (program && program->number != request->value[f_program].number)
        program = program->next;
    if (!program)
        answer_refusal(answer, "no such program", NULL);
    return program;
}

BOOL program_ended(const struct program *program, DWORD ms)
{
    return WaitForSingleObject(program->process, ms) == WAIT_OBJECT_0;
}

static void close_if_open(HANDLE handle)
{
    if (handle)
        CloseHandle(handle);
}

/* Ends the tree and frees the program; FALSE, and something is left, if that took too long. */
static BOOL program_free(struct program *program, ULONGLONG end)
{
    close_if_open(program->job); /* Ends the tree. */
    BOOL ok = trace_end(program->trace, end);
    if (program->process)
        ok &= program_ended(program, until(end));
    ok &= capture_end(program->out, end);
    ok &= capture_end(program->err, end);
    close_if_open(program->process);
    free(program);
    return ok;
}

static BOOL make_job(HANDLE *job, struct failure *failure)
{
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {
        .BasicLimitInformation = {.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE}};
    *job = CreateJobObjectW(NULL, NULL);
    if (!*job)
        return failed(failure, "CreateJobObject");
    return SetInformationJobObject(*job, JobObjectExtendedLimitInformation, &limits,
                                   sizeof limits) ||
           failed(failure, "SetInformationJobObject");
}

/* Whether programs are in that console, and all of them run. */
static BOOL all_run_in(int console)
{
    BOOL any = FALSE;
    for (const struct program *program = programs; program; program = program->next) {
        if (program->console == console && program_ended(program, 0))
            return FALSE;
        any |= program->console == console;
    }
    return any;
}

/* The console for a start: the agent's own, unless the request asks for a new one or a program that
 * is no more has left its traces there. */
static int choose_console(const struct request *request, struct failure *failure)
{
    int console = has(request, f_console) ? 0 : console_current();
    return console && (all_run_in(console) || console_untouched()) ? console : console_new(failure);
}

/* Makes all that the process is started with. */
static BOOL prepare(struct program *program, struct launch *launch, const struct request *request)
{
    struct failure *failure = &launch->failure;
    if (has(request, f_token) && !(launch->token = token_without_create_global(failure)))
        return FALSE;
    program->console = choose_console(request, failure);
    if (!program->console || !(launch->input = console_input(failure)) ||
        !(program->out = capture_begin(&launch->out, failure)) ||
        !(program->err = capture_begin(&launch->err, failure)) || !make_job(&program->job, failure))
        return FALSE;
    launch->job = program->job;
    return TRUE;
}

/* What the request says about tracing; FALSE, refused in the answer, if it makes no sense. */
static BOOL read_tracing(const struct request *request, struct json *answer, struct tracing *how)
{
    *how = (struct tracing){.hold = number_or(request, f_hold, 0) != 0,
                            .nth = number_or(request, f_nth, 1),
                            .error = (DWORD)number_or(request, f_error, 0)};
    const char *why = NULL, *word = NULL;
    if (has(request, f_fail) && !(how->fail = api_function(request->value[f_fail].text)))
        why = "not a function that is traced", word = "fail";
    else if (!how->nth)
        why = "calls are counted from 1", word = "nth";
    else if (!has(request, f_fail) && (has(request, f_nth) || has(request, f_error)))
        why = "a field is missing", word = "fail";
    else if (!number_or(request, f_trace, 0) && (how->hold || how->fail))
        why = "only a traced program can be held or made to fail", word = "trace";
    if (why)
        answer_refusal(answer, why, word);
    return !why;
}

/* start command=TEXT [folder=PATH] [console=new] [token=limited]
 *       [trace=1 [hold=1] [fail=CALL [nth=N] [error=N]]]: the program's number, pid and console,
 * and how many attempts its start took. A call that is to fail is named without A or W. */
void handle_start(const struct request *request, struct json *answer)
{
    static ULONG numbers;
    struct tracing how;
    if (!read_tracing(request, answer, &how))
        return;
    struct program *program = allocate(sizeof *program);
    struct launch launch = {.command = request->value[f_command].text,
                            .folder =
                                has(request, f_folder) ? request->value[f_folder].text : NULL};
    BOOL ok = prepare(program, &launch, request);
    if (ok && number_or(request, f_trace, 0))
        ok = (program->trace = trace_begin(&launch, &how)) != NULL;
    else if (ok)
        ok = launch_process(&launch);
    program->process = launch.process;
    program->pid = launch.pid;
    close_if_open(launch.token);
    close_if_open(launch.input);
    close_if_open(launch.out);
    close_if_open(launch.err);
    json_number(answer, "attempts", launch.attempts);
    if (!ok) {
        answer_failure(answer, launch.failure);
        program_free(program, GetTickCount64() + GRACE_MS);
        return;
    }
    program->number = numbers++;
    program->next = programs;
    programs = program;
    json_number(answer, "program", program->number);
    json_number(answer, "pid", program->pid);
    json_number(answer, "console", program->console);
}

/* wait program=N [ms=N]: whether it ended, its exit code if so, and what it has written so far. A
 * stream of a program that ended is over, unless another process has it open. */
void handle_wait(const struct request *request, struct json *answer)
{
    struct program *program = program_of(request, answer);
    DWORD code;
    if (!program)
        return;
    BOOL ended = program_ended(program, until(due(request)));
    json_flag(answer, "ended", ended);
    if (ended && GetExitCodeProcess(program->process, &code))
        json_number(answer, "code", code);
    else if (ended)
        answer_last_error(answer, "GetExitCodeProcess");
    ULONGLONG end = GetTickCount64() + GRACE_MS;
    capture_answer(program->out, answer, "out", ended, end);
    capture_answer(program->err, answer, "err", ended, end);
}

/* terminate program=N: ends it as a crash would, without a word to it. */
void handle_terminate(const struct request *request, struct json *answer)
{
    struct program *program = program_of(request, answer);
    if (!program)
        return;
    BOOL ok = TerminateProcess(program->process, 1);
    if (!ok)
        answer_last_error(answer, "TerminateProcess");
    trace_release(program->trace);
    /* The next program is to find it ended, and what it has left in its console. */
    if (ok && !program_ended(program, GRACE_MS))
        answer_failure(answer, (struct failure){"WaitForSingleObject", WAIT_TIMEOUT});
}

/* forget program=N: ends its tree if need be and frees its number. */
void handle_forget(const struct request *request, struct json *answer)
{
    struct program *program = program_of(request, answer), **place = &programs;
    if (!program)
        return;
    while (*place != program)
        place = &(*place)->next;
    *place = program->next;
    if (!program_free(program, overdue(request)))
        answer_failure(answer, (struct failure){"WaitForSingleObject", WAIT_TIMEOUT});
}
