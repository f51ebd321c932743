/* agent.exe: a resident Win32 process that calls a function for each request on standard input.
 *
 * A request is a `struct request`, its arguments, and a block of bytes. An argument is a number, or
 * the place of something in that block, of which the function gets the address. The answer is a
 * `struct answer` and the block as the function has left it. What is called, and what it means, is
 * decided in Python (harness/driver/win32/agent.py). Before the first answer come the addresses
 * from which all others can be had (`struct greeting`).
 *
 * A request that makes no sense ends the agent, with the reason on standard error. The end of its
 * input is its end, and the end of every program that it started: each is in a job that ends with
 * the last handle to it. With an argument it opens a message box instead and ends when that is
 * answered: the smallest program that shows whether message boxes work here. */
#include <windows.h>

#include <fcntl.h>
#include <io.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ARGUMENTS = 12, MOST_BYTES = 1 << 20, KEPT = 65536 };

struct greeting {
    uint64_t pointer_bytes, get_proc_address, load_library, drain, ignore;
};

struct request {
    uint64_t function;
    uint32_t arguments, bytes;
};

struct argument {
    uint64_t value;
    uint64_t is_place; /* The value is the place in the block of bytes. */
};

struct answer {
    uint64_t result;
    uint32_t error, bytes;
};

/* A pipe that is read to its end, whatever comes, so that no program blocks on a full one. */
struct stream {
    uint64_t pipe;
    volatile uint64_t total; /* Bytes that came. */
    volatile uint32_t kept;  /* The first of them. */
    uint32_t unused;
    BYTE bytes[KEPT], piece[KEPT];
};

/* A thread's start: reads a stream to its end. */
static DWORD WINAPI drain(void *argument)
{
    struct stream *stream = argument;
    DWORD count;
    while (ReadFile((HANDLE)(ULONG_PTR)stream->pipe, stream->piece, KEPT, &count, NULL)) {
        DWORD keep = min(count, KEPT - stream->kept);
        memcpy(stream->bytes + stream->kept, stream->piece, keep);
        stream->kept += keep;
        stream->total += count;
    }
    return 0;
}

/* For SetConsoleCtrlHandler: Ctrl-C and Ctrl-Break are meant for the programs. */
static BOOL WINAPI ignore(DWORD event)
{
    return event == CTRL_C_EVENT || event == CTRL_BREAK_EVENT;
}

/* Calls a function with so many arguments. Its result may have 64 bits in 32-bit code too, where
 * the upper half of another result is anything. */
static uint64_t call(uint64_t function, const uintptr_t *a, uint32_t count)
{
#ifdef _WIN64
    /* Arguments that the function does not have do no harm: the caller gives the stack back. */
    typedef uintptr_t WINAPI any(uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t,
                                 uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t);
    (void)count;
    return ((any *)(uintptr_t)function)(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9],
                                        a[10], a[11]);
#else
    /* Whether caller or callee gives the stack back (CDECL or WINAPI), it is as before at the end.
     */
    uint64_t result;
    __asm__ volatile("movl %%esp, %%ebx\n\t"
                     "1: testl %%ecx, %%ecx\n\t"
                     "jz 2f\n\t"
                     "decl %%ecx\n\t"
                     "pushl (%%esi,%%ecx,4)\n\t"
                     "jmp 1b\n\t"
                     "2: call *%%edi\n\t"
                     "movl %%ebx, %%esp"
                     : "=A"(result), "+c"(count)
                     : "S"(a), "D"((uintptr_t)function)
                     : "ebx", "memory", "cc");
    return result;
#endif
}

static void end_if(BOOL broken, const char *reason)
{
    if (broken) {
        fprintf(stderr, "agent: %s\n", reason);
        exit(2);
    }
}

/* Reads the rest of a request, does it, and answers; FALSE if nobody reads the answer. */
static BOOL serve(const struct request *request)
{
    static BYTE bytes[MOST_BYTES];
    struct argument given[MOST_ARGUMENTS];
    uintptr_t arguments[MOST_ARGUMENTS] = {0};
    end_if(request->arguments > MOST_ARGUMENTS, "a request with more than 12 arguments");
    end_if(request->bytes > MOST_BYTES, "a request with more than 1 MiB");
    end_if(!request->function || request->function > UINTPTR_MAX, "a request without a function");
    end_if(fread(given, sizeof *given, request->arguments, stdin) != request->arguments ||
               fread(bytes, 1, request->bytes, stdin) != request->bytes,
           "the input ended within a request");
    for (uint32_t i = 0; i < request->arguments; i++) {
        uint64_t value = given[i].value;
        end_if(given[i].is_place > 1 || (given[i].is_place && value > request->bytes),
               "an argument that is neither a number nor a place in the request");
        arguments[i] = given[i].is_place ? (uintptr_t)(bytes + value) : (uintptr_t)value;
    }
    SetLastError(0);
    struct answer answer = {.result = call(request->function, arguments, request->arguments)};
    answer.error = GetLastError();
    answer.bytes = request->bytes;
    return fwrite(&answer, sizeof answer, 1, stdout) == 1 &&
           fwrite(bytes, 1, answer.bytes, stdout) == answer.bytes && !fflush(stdout);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return MessageBoxA(NULL, argv[1], "agent", MB_OK) != IDOK;
    /* A program that crashes is to end, and not to open a window about it; it inherits this. */
    SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX);
    end_if(_setmode(0, _O_BINARY) < 0 || _setmode(1, _O_BINARY) < 0, "no standard streams");
    struct greeting greeting = {sizeof(void *), (uintptr_t)GetProcAddress, (uintptr_t)LoadLibraryA,
                                (uintptr_t)drain, (uintptr_t)ignore};
    struct request request;
    BOOL heard = fwrite(&greeting, sizeof greeting, 1, stdout) == 1 && !fflush(stdout);
    for (size_t got; heard && (got = fread(&request, 1, sizeof request, stdin));) {
        end_if(got != sizeof request, "the input ended within a request");
        heard = serve(&request);
    }
    return 0;
}
