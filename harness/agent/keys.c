/* A program's keyboard and screen. */
#include "console.h"
#include "programs.h"

#include <stdlib.h>

/* The console of the program that the request names, opened by CONIN$ or CONOUT$; or
 * INVALID_HANDLE_VALUE, with the reason in the answer. */
static HANDLE open_console(const struct request *request, struct json *answer, const WCHAR *name)
{
    struct failure failure;
    const struct program *program = program_of(request, answer);
    HANDLE console = INVALID_HANDLE_VALUE;
    if (!program)
        return console;
    if (!console_join(program->console, program->pid, &failure)) {
        answer_failure(answer, failure);
        return console;
    }
    console = CreateFileW(name, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE,
                          NULL, OPEN_EXISTING, 0, NULL);
    if (console == INVALID_HANDLE_VALUE)
        answer_last_error(answer, "CreateFile");
    return console;
}

/* press program=N key=VIRTUAL-KEY [char=N] [control=STATE]: one key, down and up. */
void handle_press(const struct request *request, struct json *answer)
{
    HANDLE input = open_console(request, answer, L"CONIN$");
    if (input == INVALID_HANDLE_VALUE)
        return;
    WORD key = (WORD)request->value[f_key].number;
    INPUT_RECORD records[2] = {{.EventType = KEY_EVENT}};
    KEY_EVENT_RECORD *event = &records[0].Event.KeyEvent;
    event->bKeyDown = TRUE;
    event->wRepeatCount = 1;
    event->wVirtualKeyCode = key;
    event->wVirtualScanCode = (WORD)MapVirtualKeyW(key, MAPVK_VK_TO_VSC);
    event->uChar.UnicodeChar = (WCHAR)number_or(request, f_char, 0);
    event->dwControlKeyState = (DWORD)number_or(request, f_control, 0);
    records[1] = records[0];
    records[1].Event.KeyEvent.bKeyDown = FALSE;
    DWORD written;
    if (!WriteConsoleInputW(input, records, 2, &written))
        answer_last_error(answer, "WriteConsoleInput");
    else if (written != 2)
        answer_failure(answer, (struct failure){"WriteConsoleInput", ERROR_WRITE_FAULT});
    CloseHandle(input);
}

/* screen program=N: the text on its console up to the cursor, and where the cursor is. */
void handle_screen(const struct request *request, struct json *answer)
{
    CONSOLE_SCREEN_BUFFER_INFO info;
    HANDLE output = open_console(request, answer, L"CONOUT$");
    if (output == INVALID_HANDLE_VALUE)
        return;
    if (!GetConsoleScreenBufferInfo(output, &info)) {
        answer_last_error(answer, "GetConsoleScreenBufferInfo");
    } else {
        DWORD count =
            (DWORD)info.dwCursorPosition.Y * (DWORD)info.dwSize.X + (DWORD)info.dwCursorPosition.X;
        WCHAR *text = allocate((count + 1) * sizeof(WCHAR));
        if (count && !ReadConsoleOutputCharacterW(output, text, count, (COORD){0, 0}, &count)) {
            answer_last_error(answer, "ReadConsoleOutputCharacter");
        } else {
            json_text(answer, "text", text);
            json_number(answer, "row", info.dwCursorPosition.Y);
            json_number(answer, "column", info.dwCursorPosition.X);
        }
        free(text);
    }
    CloseHandle(output);
}
