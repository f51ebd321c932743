/* The start of a process; see launch.h. */
#include "launch.h"

#include <stdlib.h>
#include <wchar.h>

enum { MOST_ATTEMPTS = 3 };

/* The process inherits its three streams and no other handle of the agent's. To be freed; NULL with
 * the failure. */
static LPPROC_THREAD_ATTRIBUTE_LIST inherit_only(HANDLE *streams, SIZE_T bytes,
                                                 struct failure *failure)
{
    SIZE_T size = 0;
    InitializeProcThreadAttributeList(NULL, 1, 0, &size); /* Fails, but says the size. */
    LPPROC_THREAD_ATTRIBUTE_LIST list = allocate(size);
    if (!InitializeProcThreadAttributeList(list, 1, 0, &size)) {
        failed(failure, "InitializeProcThreadAttributeList");
    } else if (!UpdateProcThreadAttribute(list, 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, streams,
                                          bytes, NULL, NULL)) {
        failed(failure, "UpdateProcThreadAttribute");
        DeleteProcThreadAttributeList(list);
    } else {
        return list;
    }
    free(list);
    return NULL;
}

static BOOL create(struct launch *launch, STARTUPINFOEXW *startup, PROCESS_INFORMATION *made)
{
    DWORD flags = launch->flags | CREATE_SUSPENDED | EXTENDED_STARTUPINFO_PRESENT;
    WCHAR *command = _wcsdup(launch->command); /* CreateProcess may write to it. */
    if (!command)
        abort();
    BOOL ok = launch->token
                  ? CreateProcessAsUserW(launch->token, NULL, command, NULL, NULL, TRUE, flags,
                                         NULL, launch->folder, &startup->StartupInfo, made)
                  : CreateProcessW(NULL, command, NULL, NULL, TRUE, flags, NULL, launch->folder,
                                   &startup->StartupInfo, made);
    if (!ok)
        failed(&launch->failure, launch->token ? "CreateProcessAsUser" : "CreateProcess");
    free(command);
    return ok;
}

BOOL launch_process(struct launch *launch)
{
    HANDLE streams[] = {launch->input, launch->out, launch->err};
    PROCESS_INFORMATION made;
    STARTUPINFOEXW startup = {.StartupInfo = {.cb = sizeof startup,
                                              .dwFlags = STARTF_USESTDHANDLES,
                                              .hStdInput = launch->input,
                                              .hStdOutput = launch->out,
                                              .hStdError = launch->err},
                              .lpAttributeList =
                                  inherit_only(streams, sizeof streams, &launch->failure)};
    if (!startup.lpAttributeList)
        return FALSE;
    /* Once in some thousand starts under Wine a new process dies before anything of the program has
     * run. One of these errors says so: the first where Wine finds something at an address that it
     * has to have, the second on a busy machine, for a reason that is not known. The next attempt
     * is another throw of the dice; the answer says how many there were. */
    BOOL ok;
    do {
        launch->attempts++;
        ok = create(launch, &startup, &made);
    } while (!ok && launch->attempts < MOST_ATTEMPTS &&
             (launch->failure.error == ERROR_INTERNAL_ERROR ||
              launch->failure.error == ERROR_BAD_EXE_FORMAT));
    DeleteProcThreadAttributeList(startup.lpAttributeList);
    free(startup.lpAttributeList);
    if (!ok)
        return FALSE;
    if (!AssignProcessToJobObject(launch->job, made.hProcess))
        ok = failed(&launch->failure, "AssignProcessToJobObject");
    else if (ResumeThread(made.hThread) == (DWORD)-1)
        ok = failed(&launch->failure, "ResumeThread");
    if (!ok) {
        TerminateProcess(made.hProcess, 1);
        CloseHandle(made.hProcess);
    }
    CloseHandle(made.hThread);
    launch->process = ok ? made.hProcess : NULL;
    launch->pid = made.dwProcessId;
    return ok;
}
