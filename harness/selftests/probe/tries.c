/* Tries what a submitted program must not do, and prints what succeeded, for test_sandbox.py. Its
 * arguments: a folder with secret.txt and victim.txt, as Windows and Unix path, and the port of a
 * listener on 127.0.0.1. Or the resource to exhaust. */
#include <winsock2.h>

#include <windows.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void files(const char *folder)
{
    static const char *const names[] = {"secret.txt", "victim.txt", "new.txt"};
    char path[MAX_PATH];

    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s\\%s", folder, names[i]);
        FILE *file = fopen(path, i == 0 ? "r" : "w");
        printf("%s: %d\n", names[i], file != NULL);
        if (file)
            fclose(file);
    }
}

static void network(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((u_short)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    WSADATA data;

    WSAStartup(MAKEWORD(2, 2), &data);
    SOCKET line = socket(AF_INET, SOCK_STREAM, 0);
    printf("connect: %d\n", !connect(line, (const struct sockaddr *)&address, sizeof address));
}

/* Unix programs, which could do all that the user can. */
static void shells(const char *folder)
{
    static const char *const ways[] = {"Z:\\bin\\sh", "\\\\?\\unix\\bin\\sh"};

    for (int i = 0; i < 2; i++) {
        STARTUPINFOA startup = {.cb = sizeof startup};
        PROCESS_INFORMATION made;
        char command[600], made_file[600];
        snprintf(command, sizeof command, "%s -c \"cd '%s' && echo > shell%d.txt\"", ways[i],
                 folder, i);
        snprintf(made_file, sizeof made_file, "Z:%s/shell%d.txt", folder, i);
        if (!CreateProcessA(NULL, command, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &made))
            continue;
        /* Wine does not wait for the end of a Unix program. */
        for (int tries = 0; tries < 500 && GetFileAttributesA(made_file) == (DWORD)-1; tries++)
            Sleep(10);
    }
}

static int too_much(const char *what)
{
    char command[] = "tries.exe wait";
    static char block[1 << 20];

    if (!strcmp(what, "wait"))
        Sleep(60000);
    else if (!strcmp(what, "processes"))
        for (int i = 0; i < 300; i++) {
            STARTUPINFOA startup = {.cb = sizeof startup};
            PROCESS_INFORMATION made;
            char file[MAX_PATH];
            GetModuleFileNameA(NULL, file, sizeof file);
            CreateProcessA(file, command, NULL, NULL, FALSE, DETACHED_PROCESS, NULL, NULL, &startup,
                           &made);
        }
    else if (!strcmp(what, "memory"))
        for (int i = 0; i < 8192; i++) {
            char *memory =
                VirtualAlloc(NULL, sizeof block, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
            if (!memory)
                return 9;
            memset(memory, 1, sizeof block);
        }
    else if (!strcmp(what, "file")) {
        FILE *file = fopen("C:\\windows\\temp\\large", "wb");
        for (int i = 0; file && i < 4096; i++)
            if (fwrite(block, 1, sizeof block, file) != sizeof block)
                return 9;
    } else /* all */
        for (DWORD process = 4; process < 4096; process += 4) {
            HANDLE other = OpenProcess(PROCESS_TERMINATE, FALSE, process);
            if (process != GetCurrentProcessId())
                TerminateProcess(other, 0);
        }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 2)
        return too_much(argv[1]);
    if (argc != 4)
        return 1;
    files(argv[1]);
    network(atoi(argv[3]));
    shells(argv[2]);
    return 0;
}
