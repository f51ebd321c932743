/* agent.exe: a resident Win32 process that does for the harness what only Win32 can do. It takes
 * one-line requests on standard input (wire.h) and gives one-line answers on standard output
 * (answer.h), one at a time and in order. The end of its input is its end, and the end of every
 * program that it started. With any argument it opens a message box instead and ends when that is
 * answered: the smallest program that shows whether boxes work here. */
#include "agent.h"
#include "console.h"

#include <fcntl.h>
#include <io.h>
#include <stdlib.h>

static void (*const handlers[])(const struct request *, struct json *) = {
#define V(name, needs, may) handle_##name,
    VERBS(V)
#undef V
};

void *allocate(size_t size)
{
    void *memory = calloc(1, size);
    if (!memory)
        abort();
    return memory;
}

const char *wine_version(void)
{
    FARPROC get = GetProcAddress(GetModuleHandleW(L"ntdll"), "wine_get_version");
    return get ? ((const char *(CDECL *)(void))(void (*)(void))get)() : NULL;
}

int main(int argc, char **argv)
{
    static struct line line;
    if (argc > 1)
        return MessageBoxA(NULL, argv[1], "agent", MB_OK) != IDOK;
    /* A program that crashes is to end, and not to open a window about it. */
    SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX);
    /* In text mode a Ctrl-Z would end the input. */
    if (_setmode(_fileno(stdin), _O_BINARY) < 0 || _setmode(_fileno(stdout), _O_BINARY) < 0)
        return 2;
    console_ignore_ctrl_c();
    for (BOOL heard = TRUE; heard && wire_read(stdin, &line);) {
        struct request request;
        struct json answer = {0};
        BOOL good = request_parse(&request, &line);
        request.arrived = GetTickCount64();
        answer_begin(&answer, request.id);
        if (good)
            handlers[request.verb](&request, &answer);
        else
            answer_refusal(&answer, request.refusal, request.word);
        heard = answer_send(&answer, stdout);
        request_free(&request);
    }
    return 0;
}
