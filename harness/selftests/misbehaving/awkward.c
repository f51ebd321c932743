/* A program that is hard to control: awkward.exe TASK. */
#include <windows.h>
#include <conio.h>
#include <stdio.h>
#include <string.h>

/* Writes 64 KiB that many times. */
static int speak(int times)
{
    static char piece[65536];
    DWORD written;
    memset(piece, 'y', sizeof piece);
    while (times--)
        WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), piece, sizeof piece, &written, NULL);
    return 0;
}

/* Starts a child that keeps its output open. */
static int leave_child(const char *self)
{
    char command[MAX_PATH + 16];
    STARTUPINFOA startup = {.cb = sizeof startup};
    PROCESS_INFORMATION made;
    sprintf(command, "\"%s\" stay", self);
    printf("gone");
    fflush(stdout);
    return CreateProcessA(NULL, command, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &made) ? 3 : 4;
}

/* Shows that many message boxes, and handles no messages before the time is over. */
static int hang(int windows, DWORD milliseconds)
{
    MSG message;
    for (int i = 0; i < windows; i++)
        CreateWindowA("#32770", "hangs", WS_POPUP | WS_VISIBLE, 0, 0, 50, 50, NULL, NULL, NULL,
                      NULL);
    Sleep(milliseconds);
    while (GetMessageA(&message, NULL, 0, 0) > 0)
        DispatchMessageA(&message);
    return 0;
}

int main(int argc, char **argv)
{
    const char *task = argc > 1 ? argv[1] : "";
    if (!strcmp(task, "speak"))
        return speak(640);
    if (!strcmp(task, "leave"))
        return leave_child(argv[0]);
    if (!strcmp(task, "hang"))
        return hang(5, INFINITE);
    if (!strcmp(task, "late"))
        return hang(1, 2500);
    if (!strcmp(task, "read"))
        return printf("reads"), fflush(stdout), getchar() == EOF ? 5 : 6;
    if (!strcmp(task, "key"))
        return _getch();
    if (!strcmp(task, "stay"))
        Sleep(INFINITE);
    return 2;
}
