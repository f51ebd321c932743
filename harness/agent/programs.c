/* Starts programs, keeps what they write, waits for them and ends them.
 *
 * Each program has a job object with JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE: its whole tree ends
 * with it, and with the agent, however the agent ends. */
#include "programs.h"
#include "trace.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_PROGRAMS = 64, MOST_ATTEMPTS = 3, GRACE_MS = 5000 };

static struct program *programs[MOST_PROGRAMS];

struct program *program_of(const struct request *request, struct json *answer)
{
    ULONGLONG id = field_number(request, "program", MOST_PROGRAMS);
    struct program *program = id < MOST_PROGRAMS ? programs[id] : NULL;
    if (!program)
        answer_refusal(answer, "no such program");
    return program;
}

BOOL program_ended(const struct program *program, DWORD ms)
{
    return WaitForSingleObject(program->process, ms) == WAIT_OBJECT_0;
}

/* Reads to the end of the stream, whatever its length, so that nobody blocks on a full pipe. What
 * is not kept is read at leisure: a flood takes the processor from nobody. */
static DWORD WINAPI drain(void *argument)
{
    struct capture *capture = argument;
    BYTE piece[4096];
    DWORD count;
    while (ReadFile(capture->pipe, piece, sizeof piece, &count, NULL) && count) {
        DWORD keep = min(count, OUTPUT_KEPT - capture->kept);
        memcpy(capture->bytes + capture->kept, piece, keep);
        capture->kept += keep;
        capture->total += count;
        if (capture->kept == OUTPUT_KEPT)
            Sleep(1);
    }
    return 0;
}

static struct capture *capture_begin(HANDLE *write_end)
{
    SECURITY_ATTRIBUTES inherit = {sizeof inherit, NULL, TRUE};
    struct capture *capture = calloc(1, sizeof *capture);
    if (!capture || !CreatePipe(&capture->pipe, write_end, &inherit, 0)) {
        free(capture);
        return NULL;
    }
    SetHandleInformation(capture->pipe, HANDLE_FLAG_INHERIT, 0);
    capture->thread = CreateThread(NULL, 0, drain, capture, 0, NULL);
    return capture;
}

static void capture_end(struct capture *capture)
{
    if (!capture)
        return;
    /* The writers are gone with the job, so the stream ends; a stray one must not hold us. */
    if (WaitForSingleObject(capture->thread, GRACE_MS) != WAIT_OBJECT_0)
        return; /* The thread still uses the capture. */
    CloseHandle(capture->thread);
    CloseHandle(capture->pipe);
    free(capture);
}

DWORD program_launch(struct program *program, const struct launch *launch, DWORD flags)
{
    STARTUPINFOEXW startup = {.StartupInfo = {.cb = sizeof startup,
                                              .dwFlags = STARTF_USESTDHANDLES,
                                              .hStdInput = launch->input,
                                              .hStdOutput = launch->out,
                                              .hStdError = launch->err}};
    HANDLE inherited[] = {launch->input, launch->out, launch->err};
    PROCESS_INFORMATION made;
    SIZE_T size = 0;
    InitializeProcThreadAttributeList(NULL, 1, 0, &size);
    startup.lpAttributeList = malloc(size);
    if (!startup.lpAttributeList)
        return ERROR_NOT_ENOUGH_MEMORY;
    InitializeProcThreadAttributeList(startup.lpAttributeList, 1, 0, &size);
    UpdateProcThreadAttribute(startup.lpAttributeList, 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST,
                              inherited, sizeof inherited, NULL, NULL);
    flags |= CREATE_SUSPENDED | EXTENDED_STARTUPINFO_PRESENT;
    DWORD error = ERROR_INTERNAL_ERROR;
    /* Once in some thousand starts under Wine a new process dies before anything of the program has
     * run, and one of these errors says so (the first on 8.0, the second on 10.0). The next attempt
     * is another throw of the dice. */
    for (int attempt = 0; (error == ERROR_INTERNAL_ERROR || error == ERROR_BAD_EXE_FORMAT) &&
                          attempt < MOST_ATTEMPTS;
         attempt++) {
        BOOL ok = launch->token ? CreateProcessAsUserW(launch->token, NULL, launch->command, NULL,
                                                       NULL, TRUE, flags, NULL, launch->folder,
                                                       &startup.StartupInfo, &made)
                                : CreateProcessW(NULL, launch->command, NULL, NULL, TRUE, flags,
                                                 NULL, launch->folder, &startup.StartupInfo, &made);
        error = ok ? 0 : GetLastError();
    }
    free(startup.lpAttributeList);
    if (error)
        return error;
    AssignProcessToJobObject(program->job, made.hProcess);
    ResumeThread(made.hThread);
    CloseHandle(made.hThread);
    program->process = made.hProcess;
    program->pid = made.dwProcessId;
    return 0;
}

static void close_if_open(HANDLE handle)
{
    if (handle)
        CloseHandle(handle);
}

static void program_free(struct program *program)
{
    if (program->process && !program_ended(program, 0))
        console_abandon(program->console);
    close_if_open(program->job); /* Ends the tree. */
    trace_end(program->trace);
    if (program->process)
        program_ended(program, GRACE_MS);
    capture_end(program->out);
    capture_end(program->err);
    close_if_open(program->process);
    free(program);
}

/* start command=TEXT [folder=PATH] [console=new] [token=limited] [trace=1 [hold=1]
 *       [fail=CALL nth=N error=N]]: the program's number, pid and console. */
void start(const struct request *request, struct json *answer)
{
    int id = 0;
    while (id < MOST_PROGRAMS && programs[id])
        id++;
    const WCHAR *command = field_text(request, "command");
    if (id == MOST_PROGRAMS || !command) {
        answer_refusal(answer, command ? "too many programs" : "start needs command=");
        return;
    }
    struct program *program = calloc(1, sizeof *program);
    struct launch launch = {.command = _wcsdup(command), .folder = field_text(request, "folder")};
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {
        .BasicLimitInformation = {.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE}};
    if (!program || !launch.command)
        abort();
    if (field_text(request, "token"))
        launch.token = token_without_create_global();
    program->console = field_text(request, "console") ? console_new() : console_current();
    launch.input = console_input();
    program->out = capture_begin(&launch.out);
    program->err = capture_begin(&launch.err);
    program->job = CreateJobObjectW(NULL, NULL);
    SetInformationJobObject(program->job, JobObjectExtendedLimitInformation, &limits,
                            sizeof limits);

    DWORD error;
    if (field_text(request, "token") && !launch.token)
        error = GetLastError();
    else if (field_number(request, "trace", 0))
        error = trace_begin(program, &launch, request);
    else
        error = program_launch(program, &launch, 0);

    close_if_open(launch.token);
    close_if_open(launch.input);
    close_if_open(launch.out);
    close_if_open(launch.err);
    free(launch.command);
    if (error) {
        program_free(program);
        answer_failure(answer, "CreateProcess", error);
        return;
    }
    programs[id] = program;
    json_number(answer, "program", id);
    json_number(answer, "pid", program->pid);
    json_number(answer, "console", program->console);
}

static void answer_output(struct json *answer, const char *name, const char *total,
                          const struct capture *capture, DWORD ms)
{
    WaitForSingleObject(capture->thread, ms);
    json_hex(answer, name, capture->bytes, capture->kept);
    json_number(answer, total, (LONGLONG)capture->total);
}

/* wait program=N ms=N: whether it ended, its exit code if so, and what it has written. */
void wait_exit(const struct request *request, struct json *answer)
{
    struct program *program = program_of(request, answer);
    if (!program)
        return;
    DWORD code;
    BOOL ended = program_ended(program, (DWORD)field_number(request, "ms", 0));
    json_flag(answer, "ended", ended);
    if (ended && GetExitCodeProcess(program->process, &code))
        json_number(answer, "code", code);
    answer_output(answer, "out", "out_total", program->out, ended ? GRACE_MS : 0);
    answer_output(answer, "err", "err_total", program->err, ended ? GRACE_MS : 0);
}

/* terminate program=N: ends it as a crash would, without a word to it. */
void terminate(const struct request *request, struct json *answer)
{
    struct program *program = program_of(request, answer);
    if (!program)
        return;
    if (!TerminateProcess(program->process, 1))
        answer_failure(answer, "TerminateProcess", GetLastError());
    console_abandon(program->console);
    trace_release(program->trace);
}

/* forget program=N: ends its tree if need be and frees its number. */
void forget(const struct request *request, struct json *answer)
{
    struct program *program = program_of(request, answer);
    if (!program)
        return;
    programs[field_number(request, "program", 0)] = NULL;
    program_free(program);
}
