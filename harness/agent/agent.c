/* agent.exe: a resident Win32 process that calls a function for each request on standard input.
 *
 * A request is a `struct request`, its arguments, and a block of bytes. An argument is a number, or
 * an offset into that block, which is passed as an address. The answer is a `struct answer` and the
 * block as the function left it. Python decides which function to call and what the answer means
 * (harness/driver/win32/agent.py). The agent first sends the addresses of the functions that find
 * all others (`struct greeting`).
 *
 * The agent exits on an invalid request, with the reason on standard error, and when its input
 * ends. Every program that it started then ends, too: each is in a job that ends with its last
 * handle. With an argument, it only opens a message box, and exits when that is answered: the
 * smallest program that shows whether message boxes work. */
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
    uint64_t is_place; /* The value is an offset into the block of bytes. */
};

struct answer {
    uint64_t result;
    uint32_t error, bytes;
};

/* A pipe that is read to its end, so that no program blocks because it is full. */
struct stream {
    uint64_t pipe;
    volatile uint64_t total; /* Bytes read. */
    volatile uint32_t kept;  /* How many of them, from the first on, are in `bytes`. */
    uint32_t unused;
    BYTE bytes[KEPT], piece[KEPT];
};

/* Thread function: reads a stream to its end. */
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

/* Control handler: ignores Ctrl-C and Ctrl-Break, which are meant for the programs. */
static BOOL WINAPI ignore(DWORD event)
{
    return event == CTRL_C_EVENT || event == CTRL_BREAK_EVENT;
}

/* Calls a function with `count` arguments. The result may have 64 bits in 32-bit code, too; the
 * upper half of a 32-bit result is undefined there. */
static uint64_t call(uint64_t function, const uintptr_t *a, uint32_t count)
{
#ifdef _WIN64
    /* Surplus arguments do no harm: the caller frees the stack. */
    typedef uintptr_t WINAPI any(uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t,
                                 uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t);
    (void)count;
    return ((any *)(uintptr_t)function)(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9],
                                        a[10], a[11]);
#else
    /* Restores the stack pointer, whether caller or callee frees the stack (CDECL or WINAPI). */
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

/* Reads the rest of a request, executes it, and answers. FALSE if nobody reads the answer. */
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
    /* Programs inherit this: a crashing one ends, and does not open a window about it. */
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
