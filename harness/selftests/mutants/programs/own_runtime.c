/* The documented writer with its own C run-time library, as cl /MT links it: it imports no function
 * of a run-time DLL, and _getch appears as the functions that it calls. */
#include <conio.h>
#include <stdarg.h>
#include <stdio.h>
#include <tchar.h>
#include <windows.h>

#define printf own_printf
#define _getch own_getch
#define strlen lstrlenA
static int own_printf(const char *format, ...);
static int own_getch(void);
#include "../../../../first_process/first_process.c"

void __main(void) {}

void *memcpy(void *to, const void *from, size_t size)
{
    for (size_t i = 0; i < size; i++)
        ((volatile char *)to)[i] = ((const char *)from)[i];
    return to;
}

static int own_printf(const char *format, ...)
{
    char text[256];
    DWORD length, written;
    va_list arguments;
    va_start(arguments, format);
    length = (DWORD)wvsprintfA(text, format, arguments);
    va_end(arguments);
    /* Each text ends with "\n". */
    return lstrcpyA(text + length - 1, "\r\n") &&
           WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), text, length + 1, &written, NULL);
}

/* As in Microsoft's library: opens the console, changes its mode, and reads its events until one is
 * a key with a character. */
static int own_getch(void)
{
    HANDLE console = CreateFileW(L"CONIN$", GENERIC_READ | GENERIC_WRITE,
                                 FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
    INPUT_RECORD event = {.EventType = 0};
    DWORD mode, count;
    GetConsoleMode(console, &mode);
    SetConsoleMode(console, 0);
    do
        if (!ReadConsoleInputA(console, &event, 1, &count))
            break;
    while (
        event.EventType != KEY_EVENT || !event.Event.KeyEvent.bKeyDown ||
        (!event.Event.KeyEvent.uChar.AsciiChar && event.Event.KeyEvent.wVirtualKeyCode < VK_PRIOR));
    SetConsoleMode(console, mode);
    CloseHandle(console);
    return event.Event.KeyEvent.uChar.AsciiChar;
}

void mainCRTStartup(void)
{
    ExitProcess((UINT)main());
}
