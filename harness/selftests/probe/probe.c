/* A Windows program that does what its first argument says, for test_run.py and test_agent.py. */
#include <conio.h>
#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>
#include <windows.h>

/* Prints the arguments as Windows programs see them, in UTF-8, with a null after each. */
static int arguments(void)
{
    int count;
    wchar_t **words = CommandLineToArgvW(GetCommandLineW(), &count);
    char text[4096];

    for (int i = 2; i < count; i++) {
        WideCharToMultiByte(CP_UTF8, 0, words[i], -1, text, sizeof text, NULL, NULL);
        fwrite(text, 1, strlen(text) + 1, stdout);
    }
    LocalFree(words);
    return 0;
}

/* Copies standard input to standard output as it comes; prints its size to standard error. */
static int copy(void)
{
    HANDLE in = GetStdHandle(STD_INPUT_HANDLE), out = GetStdHandle(STD_OUTPUT_HANDLE);
    static char data[65536];
    DWORD got, written, total = 0;

    while (ReadFile(in, data, sizeof data, &got, NULL) && got) {
        total += got;
        for (DWORD done = 0; done < got; done += written)
            if (!WriteFile(out, data + done, got - done, &written, NULL))
                return 1;
    }
    fprintf(stderr, "%lu\n", total);
    return 0;
}

/* Starts a child that stays, without waiting for it. */
static int leave_a_child(char *command)
{
    STARTUPINFOA how = {.cb = sizeof how};
    PROCESS_INFORMATION child;
    char file[MAX_PATH];

    GetModuleFileNameA(NULL, file, sizeof file);
    if (!CreateProcessA(file, command, NULL, NULL, TRUE, CREATE_NEW_PROCESS_GROUP, NULL, NULL, &how,
                        &child))
        return 1;
    puts("left");
    return 0;
}

/* Lets a child end this process, with an exit code. */
static int be_ended(void)
{
    char command[40];

    snprintf(command, sizeof command, "probe.exe end %lu", GetCurrentProcessId());
    leave_a_child(command);
    Sleep(20000);
    return 0;
}

/* Creates or opens an object, and stays until another process has opened it. */
static int meet(void)
{
    HANDLE all = CreateSemaphoreA(NULL, 0, 2, "Global\\probe");

    if (GetLastError() == ERROR_ALREADY_EXISTS) {
        puts("second");
        return !ReleaseSemaphore(all, 1, NULL);
    }
    puts("first");
    fflush(stdout);
    return WaitForSingleObject(all, 20000) != WAIT_OBJECT_0;
}

/* Writes 40 MB. */
static int speak(void)
{
    static char piece[65536];
    DWORD written;

    memset(piece, 'y', sizeof piece);
    for (int i = 0; i < 640; i++)
        WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), piece, sizeof piece, &written, NULL);
    return 0;
}

/* Shows that many message boxes, and handles no messages before the time is over. */
static int hang(int windows, DWORD milliseconds)
{
    MSG message;

    while (windows--)
        CreateWindowA("#32770", "hangs", WS_POPUP | WS_VISIBLE, 0, 0, 50, 50, NULL, NULL, NULL,
                      NULL);
    Sleep(milliseconds);
    while (GetMessageA(&message, NULL, 0, 0) > 0)
        DispatchMessageA(&message);
    return 0;
}

static int recurse(volatile const char *above)
{
    volatile char more[4000];

    more[0] = *above;
    return *above == 'x' ? 0 : recurse(more) + more[0];
}

/* Runs a child and returns its exit code, as a shell does. */
static int run(char *command)
{
    STARTUPINFOA how = {.cb = sizeof how};
    PROCESS_INFORMATION child;
    DWORD code;

    if (!CreateProcessA(NULL, command, NULL, NULL, TRUE, 0, NULL, NULL, &how, &child))
        return 99;
    WaitForSingleObject(child.hProcess, INFINITE);
    GetExitCodeProcess(child.hProcess, &code);
    return (int)code;
}

static BOOL goes_on;

static BOOL WINAPI on_event(DWORD event)
{
    printf("event %lu\n", event);
    fflush(stdout);
    if (!goes_on)
        ExitProcess(44);
    return TRUE;
}

static int wait_for_event(const char *how)
{
    goes_on = *how != '\0';
    SetConsoleCtrlHandler(on_event, TRUE);
    puts("ready");
    fflush(stdout);
    Sleep(20000);
    return 0;
}

static int say(const char *name)
{
    const char *value = getenv(name);

    printf("%s", value ? value : "(none)");
    return 0;
}

static int terminal(void)
{
    printf("%d %d\n", _isatty(0), _isatty(1));
    fflush(stdout);
    printf("key %c\n", _getch());
    return 0;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "", *more = argc > 2 ? argv[2] : "";

    _setmode(1, _O_BINARY);
    _setmode(2, _O_BINARY);
    if (!strcmp(what, "arguments"))
        return arguments();
    if (!strcmp(what, "copy"))
        return copy();
    if (!strcmp(what, "exit"))
        ExitProcess(strtoul(more, NULL, 0));
    if (!strcmp(what, "overflow"))
        return recurse(more);
    if (!strcmp(what, "run"))
        return run(argv[2]);
    if (!strcmp(what, "load"))
        return LoadLibraryA(more) ? 7 : 1;
    if (!strcmp(what, "event"))
        return wait_for_event(more);
    if (!strcmp(what, "box")) {
        printf("box\n");
        fflush(stdout);
        return MessageBoxA(NULL, "text", "probe", MB_OK);
    }
    if (!strcmp(what, "child"))
        return leave_a_child(strdup("probe.exe box"));
    if (!strcmp(what, "ended"))
        return be_ended();
    if (!strcmp(what, "end"))
        return !TerminateProcess(OpenProcess(PROCESS_TERMINATE, FALSE, strtoul(more, NULL, 0)), 7);
    if (!strcmp(what, "meet"))
        return meet();
    if (!strcmp(what, "variable"))
        return say(more);
    if (!strcmp(what, "shell"))
        return system(more);
    if (!strcmp(what, "terminal"))
        return terminal();
    if (!strcmp(what, "speak"))
        return speak();
    if (!strcmp(what, "hang"))
        return hang(5, INFINITE);
    if (!strcmp(what, "late"))
        return hang(1, 2500);
    if (!strcmp(what, "read"))
        return printf("reads"), fflush(stdout), getchar() == EOF ? 5 : 6;
    if (!strcmp(what, "folder")) {
        char folder[MAX_PATH];
        GetCurrentDirectoryA(sizeof folder, folder);
        printf("%s", folder);
        return 0;
    }
    puts("hello");
    return 0;
}
