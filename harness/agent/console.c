/* The agent's console; see console.h. */
#include "console.h"

static int current, made;
static DWORD first_mode; /* That of the input of a new console. */

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

static HANDLE open_input(struct failure *failure)
{
    SECURITY_ATTRIBUTES inherit = {sizeof inherit, NULL, TRUE};
    HANDLE input =
        CreateFileW(L"CONIN$", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE,
                    &inherit, OPEN_EXISTING, 0, NULL);
    if (input != INVALID_HANDLE_VALUE)
        return input;
    failed(failure, "CreateFile(CONIN$)");
    return NULL;
}

int console_new(struct failure *failure)
{
    FreeConsole(); /* Fails where there was none. */
    current = AllocConsole() ? ++made : 0;
    console_ignore_ctrl_c();
    if (!current) {
        failed(failure, "AllocConsole");
        return 0;
    }
    HANDLE input = open_input(failure);
    if (!input)
        return 0;
    BOOL ok = GetConsoleMode(input, &first_mode) || failed(failure, "GetConsoleMode");
    CloseHandle(input);
    return ok ? current : 0;
}

int console_current(void)
{
    return current;
}

BOOL console_untouched(void)
{
    struct failure failure;
    INPUT_RECORD released = {.EventType = KEY_EVENT};
    DWORD mode, count;
    HANDLE input = open_input(&failure);
    if (!input)
        return FALSE;
    BOOL ok = GetConsoleMode(input, &mode) && mode == first_mode &&
              FlushConsoleInputBuffer(input) && WriteConsoleInputW(input, &released, 1, &count) &&
              GetNumberOfConsoleInputEvents(input, &count) && count == 1;
    CloseHandle(input);
    return ok;
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

HANDLE console_input(struct failure *failure)
{
    HANDLE input = open_input(failure);
    if (!input || FlushConsoleInputBuffer(input))
        return input;
    failed(failure, "FlushConsoleInputBuffer");
    CloseHandle(input);
    return NULL;
}
