/* Consoles and their keyboards. The agent is a member of one console at a time; a program is
 * started in the console that the agent is in, and keys go where the program reads them. */
#include "programs.h"

#include <stdlib.h>

static int current, made;

int console_new(void)
{
    FreeConsole();
    current = AllocConsole() ? ++made : 0;
    return current;
}

int console_current(void)
{
    return current ? current : console_new();
}

void console_abandon(int console)
{
    if (console == current) {
        FreeConsole();
        current = 0;
    }
}

HANDLE console_input(void)
{
    SECURITY_ATTRIBUTES inherit = {sizeof inherit, NULL, TRUE};
    HANDLE input =
        CreateFileW(L"CONIN$", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE,
                    &inherit, OPEN_EXISTING, 0, NULL);
    if (input == INVALID_HANDLE_VALUE)
        return NULL;
    FlushConsoleInputBuffer(input);
    return input;
}

/* Joins the program's console, which lives as long as any member does. */
static BOOL join(const struct program *program)
{
    if (program->console == current)
        return TRUE;
    FreeConsole();
    current = AttachConsole(program->pid) ? program->console : 0;
    return current != 0;
}

static HANDLE open_console(const WCHAR *name)
{
    return CreateFileW(name, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                       OPEN_EXISTING, 0, NULL);
}

/* press program=N key=VIRTUAL-KEY [char=N] [control=STATE]: one key, down and up. */
void press(const struct request *request, struct json *answer)
{
    struct program *program = program_of(request, answer);
    if (!program)
        return;
    if (!join(program)) {
        answer_failure(answer, "AttachConsole", GetLastError());
        return;
    }
    WORD key = (WORD)field_number(request, "key", 0);
    INPUT_RECORD records[2] = {{.EventType = KEY_EVENT}};
    KEY_EVENT_RECORD *event = &records[0].Event.KeyEvent;
    event->bKeyDown = TRUE;
    event->wRepeatCount = 1;
    event->wVirtualKeyCode = key;
    event->wVirtualScanCode = (WORD)MapVirtualKeyW(key, MAPVK_VK_TO_VSC);
    event->uChar.UnicodeChar = (WCHAR)field_number(request, "char", 0);
    event->dwControlKeyState = (DWORD)field_number(request, "control", 0);
    records[1] = records[0];
    records[1].Event.KeyEvent.bKeyDown = FALSE;
    DWORD written;
    HANDLE input = open_console(L"CONIN$");
    if (!WriteConsoleInputW(input, records, 2, &written))
        answer_failure(answer, "WriteConsoleInput", GetLastError());
    CloseHandle(input);
}

/* screen program=N: the text on its console up to the cursor, and where the cursor is. */
void screen(const struct request *request, struct json *answer)
{
    struct program *program = program_of(request, answer);
    if (!program)
        return;
    HANDLE output = join(program) ? open_console(L"CONOUT$") : INVALID_HANDLE_VALUE;
    CONSOLE_SCREEN_BUFFER_INFO info;
    if (!GetConsoleScreenBufferInfo(output, &info)) {
        answer_failure(answer, "GetConsoleScreenBufferInfo", GetLastError());
    } else {
        DWORD count =
            (DWORD)info.dwCursorPosition.Y * (DWORD)info.dwSize.X + (DWORD)info.dwCursorPosition.X;
        WCHAR *text = calloc(count + 1, sizeof(WCHAR));
        if (text && ReadConsoleOutputCharacterW(output, text, count, (COORD){0, 0}, &count))
            json_text(answer, "text", text);
        free(text);
        json_number(answer, "row", info.dwCursorPosition.Y);
        json_number(answer, "column", info.dwCursorPosition.X);
    }
    if (output != INVALID_HANDLE_VALUE)
        CloseHandle(output);
}
