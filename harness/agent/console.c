/* The agent's console; see console.h. */
#include "console.h"

static int current, made;

static BOOL WINAPI ignore(DWORD event)
{
    return event == CTRL_C_EVENT || event == CTRL_BREAK_EVENT;
}

/* A routine, and not NULL: that would be inherited by every program, as it may have been by the
 * agent, so it is undone. Windows forgets the routine with each change of the console. */
void console_ignore_ctrl_c(void)
{
    SetConsoleCtrlHandler(NULL, FALSE);
    SetConsoleCtrlHandler(ignore, FALSE);
    SetConsoleCtrlHandler(ignore, TRUE);
}

int console_new(struct failure *failure)
{
    FreeConsole(); /* Fails where there was none. */
    current = AllocConsole() ? ++made : 0;
    if (!current)
        failed(failure, "AllocConsole");
    console_ignore_ctrl_c();
    return current;
}

int console_current(struct failure *failure)
{
    return current ? current : console_new(failure);
}

BOOL console_join(int console, DWORD pid, struct failure *failure)
{
    if (console == current)
        return TRUE;
    FreeConsole();
    current = AttachConsole(pid) ? console : 0;
    if (!current)
        return failed(failure, "AttachConsole");
    console_ignore_ctrl_c();
    return TRUE;
}

void console_abandon(int console)
{
    if (console == current) {
        FreeConsole();
        current = 0;
    }
}

HANDLE console_input(struct failure *failure)
{
    SECURITY_ATTRIBUTES inherit = {sizeof inherit, NULL, TRUE};
    HANDLE input =
        CreateFileW(L"CONIN$", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE,
                    &inherit, OPEN_EXISTING, 0, NULL);
    if (input == INVALID_HANDLE_VALUE) {
        failed(failure, "CreateFile(CONIN$)");
        return NULL;
    }
    if (!FlushConsoleInputBuffer(input)) {
        failed(failure, "FlushConsoleInputBuffer");
        CloseHandle(input);
        return NULL;
    }
    return input;
}
