/* The start of a process: suspended, put into its job, let go. */
#pragma once
#include "agent.h"

struct launch {
    const WCHAR *command, *folder; /* The folder may be NULL. */
    HANDLE token, input, out, err, job;
    DWORD flags; /* For CreateProcess, beside its own. */
    /* What came of it: */
    HANDLE process;
    DWORD pid;
    int attempts;
    struct failure failure;
};

/* FALSE with the failure. Whoever is to debug the process must be the thread that calls this. */
BOOL launch_process(struct launch *launch);
