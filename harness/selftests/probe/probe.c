/* A Windows program that does what its first argument says. */
#include <winsock2.h>

#include <windows.h>

#include <conio.h>
#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    static char data[65536];
    int got, total = 0;

    while ((got = _read(0, data, sizeof data)) > 0)
        total += _write(1, data, (unsigned)got);
    fprintf(stderr, "%d\n", total);
    return 0;
}

static HANDLE start(char *command, DWORD flags)
{
    STARTUPINFOA how = {.cb = sizeof how};
    PROCESS_INFORMATION child = {0};

    CreateProcessA(NULL, command, NULL, NULL, TRUE, flags, NULL, NULL, &how, &child);
    return child.hProcess;
}

/* Starts a child that stays, without waiting for it. */
static int leave_a_child(char *command)
{
    puts("left");
    return !start(command, CREATE_NEW_PROCESS_GROUP);
}

/* Creates or opens an object, and stays until another process has opened it. */
static int meet(void)
{
    HANDLE all = CreateSemaphoreA(NULL, 0, 2, "Global\\probe");

    if (GetLastError() == ERROR_ALREADY_EXISTS) {
        puts("second");
        return !ReleaseSemaphore(all, 1, NULL);
    }
    puts("ready");
    return WaitForSingleObject(all, 20000) != WAIT_OBJECT_0;
}

/* Writes pieces of 64 KiB to each stream; -1 pieces never end. */
static int speak(int pieces)
{
    static char piece[65536];

    memset(piece, 'y', sizeof piece);
    while (pieces--) {
        _write(1, piece, sizeof piece);
        _write(2, piece, sizeof piece);
    }
    return 0;
}

/* Shows five message boxes, and long handles no messages. */
static int hang(void)
{
    MSG message;

    for (int i = 0; i < 5; i++)
        CreateWindowA("#32770", "hangs", WS_POPUP | WS_VISIBLE, 0, 0, 50, 50, NULL, NULL, NULL,
                      NULL);
    Sleep(8000);
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
    HANDLE child = start(command, 0);
    DWORD code = 99;

    WaitForSingleObject(child, INFINITE);
    GetExitCodeProcess(child, &code);
    return (int)code;
}

static BOOL WINAPI end_at_event(DWORD event)
{
    printf("event %lu\n", event);
    ExitProcess(44);
    return TRUE;
}

static BOOL WINAPI ignore_event(DWORD event)
{
    return printf("ignored %lu\n", event) > 0;
}

static int wait_for_event(PHANDLER_ROUTINE handler)
{
    SetConsoleCtrlHandler(handler, TRUE);
    puts("ready");
    Sleep(20000);
    return 0;
}

static int terminal(void)
{
    printf("%d %d\n", _isatty(0), _isatty(1));
    fflush(stdout);
    printf("key %c\n", _getch());
    return 0;
}

/* Tries what a submitted program must not do, and prints which files it could open. The arguments:
 * a folder with secret.txt and victim.txt, as Windows and Unix path, and the port of a listener on
 * 127.0.0.1. */
static int try_harm(char **arguments)
{
    static const char *const names[] = {"secret.txt", "victim.txt", "new.txt"};
    static const char *const shells[] = {"Z:\\bin\\sh", "\\\\?\\unix\\bin\\sh"};
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((u_short)atoi(arguments[2])),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    char path[600], command[600];
    WSADATA data;

    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s\\%s", arguments[0], names[i]);
        FILE *file = fopen(path, i == 0 ? "r" : "w");
        if (file && puts(names[i]) >= 0)
            fclose(file);
    }
    WSAStartup(MAKEWORD(2, 2), &data);
    connect(socket(AF_INET, SOCK_STREAM, 0), (const struct sockaddr *)&address, sizeof address);
    for (int i = 0; i < 2; i++) {
        snprintf(command, sizeof command, "%s -c \"cd '%s' && echo > shell%d.txt\"", shells[i],
                 arguments[1], i);
        snprintf(path, sizeof path, "Z:%s/shell%d.txt", arguments[1], i);
        /* Wine does not wait for the end of a Unix program. */
        for (int tries = run(command) == 99 ? 500 : 0;
             tries < 500 && GetFileAttributesA(path) == (DWORD)-1; tries++)
            Sleep(10);
    }
    puts("tried");
    return 0;
}

static int use_up(const char *what)
{
    static char block[1 << 20];

    for (int i = 0; i < 300 && *what == 'p'; i++)
        leave_a_child(strdup("probe.exe wait"));
    for (int i = 0; i < 8192 && *what == 'm'; i++) {
        char *memory = VirtualAlloc(NULL, sizeof block, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
        if (!memory)
            return 9;
        memset(memory, 1, sizeof block);
    }
    FILE *file = *what == 'f' ? fopen("C:\\windows\\temp\\large", "wb") : NULL;
    for (int i = 0; file && i < 4096; i++)
        if (fwrite(block, 1, sizeof block, file) != sizeof block)
            return 9;
    return 0;
}

/* Ends all other processes that it can reach. */
static int end_all(void)
{
    for (DWORD process = 4; process < 4096; process += 4)
        if (process != GetCurrentProcessId())
            TerminateProcess(OpenProcess(PROCESS_TERMINATE, FALSE, process), 0);
    return 0;
}

static int show_box(void)
{
    puts("ready");
    return MessageBoxA(NULL, "text", "probe", MB_OK);
}

#define ON(word, result)                                                                           \
    if (!strcmp(what, word))                                                                       \
    return result

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "", *more = argc > 2 ? argv[2] : "";

    for (int stream = 0; stream < 3; stream++)
        _setmode(stream, _O_BINARY);
    /* To a terminal, each character of an unbuffered line would be written alone. */
    if (!_isatty(1))
        setvbuf(stdout, NULL, _IONBF, 0);
    ON("arguments", arguments());
    ON("copy", copy());
    ON("exit", (ExitProcess(strtoul(more, NULL, 0)), 0));
    ON("overflow", recurse(more));
    ON("run", run(argv[2]));
    ON("load", LoadLibraryA(more) ? 7 : 1);
    ON("event", wait_for_event(end_at_event));
    ON("ignore", wait_for_event(ignore_event));
    ON("box", show_box());
    ON("lies", !MessageBoxA(NULL, "Message from first process.", "Process2", MB_OK));
    ON("child", leave_a_child(strdup("probe.exe box")));
    ON("end-all", end_all());
    ON("meet", meet());
    ON("shell", system(more));
    ON("services", OpenSCManagerA(NULL, NULL, SC_MANAGER_CONNECT) != NULL);
    ON("terminal", terminal());
    ON("read", (printf("reads"), getchar()) == EOF ? 5 : 6);
    ON("speak", speak(640));
    ON("floods", speak(-1));
    ON("hang", hang());
    ON("wait", (Sleep(60000), 0));
    ON("harm", try_harm(argv + 2));
    ON("use-up", use_up(more));
    puts("hello");
    return 0;
}
