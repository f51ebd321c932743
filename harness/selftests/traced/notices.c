/* Programs that would notice a tracer that changes what it watches: notices.exe NAME. Each prints
 * what it has seen, which must not depend on whether it is traced. */
#include <windows.h>
#include <stdio.h>
#include <string.h>

enum { THREADS = 66, TIMES = 50, MANY = 300 };

#ifdef _WIN64
#define IP Rip
#else
#define IP Eip
#endif

static HANDLE event;
static volatile LONG count, arrived;

/* Whoever has nothing to wait for arrives where the wait returns to, without one. */
static __attribute__((noinline)) void wait_if(HANDLE handle)
{
    if (handle)
        WaitForSingleObject(handle, INFINITE);
    InterlockedIncrement(&count);
}

static DWORD WINAPI waits(void *handle)
{
    InterlockedIncrement(&arrived);
    wait_if(handle);
    return 0;
}

static DWORD WINAPI passes(void *times)
{
    for (INT_PTR i = 0; i < (INT_PTR)times; i++)
        wait_if(NULL);
    return 0;
}

static void join(HANDLE *threads, int number)
{
    for (int i = 0; i < number; i++)
        while (WaitForSingleObject(threads[i], 50) == WAIT_TIMEOUT)
            ;
}

/* Threads wait, all from one place, while others come by there. */
static void test_threads(int waiting, int passing)
{
    HANDLE threads[2 * THREADS];
    event = CreateEventA(NULL, TRUE, FALSE, NULL);
    for (int i = 0; i < waiting; i++)
        threads[i] = CreateThread(NULL, 0, waits, event, 0, NULL);
    while (arrived < waiting)
        Sleep(1);
    for (int i = 0; i < passing; i++)
        threads[waiting + i] = CreateThread(NULL, 0, passes, (void *)(INT_PTR)TIMES, 0, NULL);
    join(threads + waiting, passing);
    SetEvent(event);
    join(threads, waiting);
    printf("%ld threads were here\n", count);
}

static DWORD WINAPI waits_in_vain(void *handle)
{
    for (int i = 0; i < 10; i++)
        InterlockedExchangeAdd(&count, WaitForSingleObject(handle, 20) == WAIT_TIMEOUT);
    return 0;
}

/* While the first thread waits in a function, the second calls the same one again and again. */
static void test_two(void)
{
    event = CreateEventA(NULL, TRUE, FALSE, NULL);
    HANDLE thread = CreateThread(NULL, 0, waits_in_vain, event, 0, NULL);
    WaitForSingleObject(thread, INFINITE);
    printf("%ld times in vain\n", count);
}

/* A thread is ended while it waits; others go on from there. */
static void test_ended(void)
{
    event = CreateEventA(NULL, TRUE, FALSE, NULL);
    HANDLE thread = CreateThread(NULL, 0, waits, event, 0, NULL);
    while (!arrived)
        Sleep(1);
    TerminateThread(thread, 7);
    join(&thread, 1);
    passes((void *)(INT_PTR)TIMES);
    SetEvent(event);
    wait_if(event);
    printf("%ld times\n", count);
}

static char *page;
static CONTEXT back;
static volatile BOOL away;

static __attribute__((noinline)) DWORD open_by(const char *name)
{
    HANDLE object = OpenFileMappingA(FILE_MAP_READ, FALSE, name);
    DWORD error = object ? 0 : GetLastError();
    InterlockedIncrement(&count);
    return error;
}

static BOOL is_page(const EXCEPTION_POINTERS *info)
{
    return info->ExceptionRecord->ExceptionCode == EXCEPTION_ACCESS_VIOLATION &&
           info->ExceptionRecord->ExceptionInformation[1] - (ULONG_PTR)page < 4096;
}

/* A handler that calls the function, from the same place, in which the fault happened. */
static LONG CALLBACK supplies(EXCEPTION_POINTERS *info)
{
    if (!is_page(info))
        return EXCEPTION_CONTINUE_SEARCH;
    VirtualAlloc(page, 4096, MEM_COMMIT, PAGE_READWRITE);
    strcpy(page, "outer");
    printf("inner %lu, ", open_by("inner"));
    return EXCEPTION_CONTINUE_EXECUTION;
}

static void test_recursion(void)
{
    page = VirtualAlloc(NULL, 4096, MEM_RESERVE, PAGE_READWRITE);
    AddVectoredExceptionHandler(TRUE, supplies);
    printf("outer %lu, %ld times\n", open_by(page), count);
}

/* A handler that goes back to where the context was taken, out of the function. */
static LONG CALLBACK leaves(EXCEPTION_POINTERS *info)
{
    if (!is_page(info))
        return EXCEPTION_CONTINUE_SEARCH;
    away = TRUE;
    *info->ContextRecord = back;
    return EXCEPTION_CONTINUE_EXECUTION;
}

static __attribute__((noinline)) DWORD try_to_open(void)
{
    away = FALSE;
    RtlCaptureContext(&back);
    return away ? 1 : open_by(page);
}

static void test_unwound(void)
{
    page = VirtualAlloc(NULL, 4096, MEM_RESERVE, PAGE_READWRITE);
    AddVectoredExceptionHandler(TRUE, leaves);
    for (int i = 0; i < TIMES; i++)
        printf("%lu%lu ", try_to_open(), open_by("nothing"));
    printf("%ld times\n", count);
}

static LONG CALLBACK counts(EXCEPTION_POINTERS *info)
{
    printf("exception %lx\n", info->ExceptionRecord->ExceptionCode);
    return EXCEPTION_CONTINUE_SEARCH;
}

static void test_handles(void)
{
    AddVectoredExceptionHandler(TRUE, counts);
    HANDLE handle = CreateEventA(NULL, TRUE, FALSE, NULL);
    for (int i = 0; i < 3; i++) {
        SetLastError(0);
        printf("closed %d", CloseHandle(handle));
        printf(", error %lu\n", GetLastError());
    }
    printf("closed %d\n", CloseHandle((HANDLE)(ULONG_PTR)0xBAD0));
}

static void test_debugger(void)
{
    AddVectoredExceptionHandler(TRUE, counts);
    printf("debugger %d\n", IsDebuggerPresent());
    OutputDebugStringA("seen by whoever handles exceptions");
    SetLastError(12345);
    printf("debugger %d, error %lu\n", IsDebuggerPresent(), GetLastError());
}

static void test_many(void)
{
    int good = 0;
    for (int i = 0; i < MANY; i++) {
        HANDLE handle = CreateMutexA(NULL, FALSE, NULL);
        good += handle && CloseHandle(handle);
    }
    printf("%d of %d\n", good, MANY);
}

static void test_child(const char *self)
{
    char command[MAX_PATH + 16];
    STARTUPINFOA startup = {.cb = sizeof startup};
    PROCESS_INFORMATION made;
    DWORD code = 0;
    sprintf(command, "\"%s\" grandchild", self);
    fflush(stdout);
    if (CreateProcessA(NULL, command, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &made)) {
        WaitForSingleObject(made.hProcess, INFINITE);
        GetExitCodeProcess(made.hProcess, &code);
    }
    printf("the child ended with %lu\n", code);
}

/* A privileged instruction where a call returns to, which the program handles. */
DWORD WINAPI wait_then_halt(HANDLE handle, DWORD ms);
#ifdef _WIN64
__asm__(".globl wait_then_halt\nwait_then_halt:\nsubq $40, %rsp\n"
        "call *__imp_WaitForSingleObject(%rip)\nhlt\naddq $40, %rsp\nret\n");
#else
__asm__(".globl _wait_then_halt@8\n_wait_then_halt@8:\npushl 8(%esp)\npushl 8(%esp)\n"
        "call *__imp__WaitForSingleObject@8\nhlt\nret $8\n");
#endif

static LONG CALLBACK skips(EXCEPTION_POINTERS *info)
{
    if (info->ExceptionRecord->ExceptionCode != EXCEPTION_PRIV_INSTRUCTION)
        return EXCEPTION_CONTINUE_SEARCH;
    InterlockedIncrement(&count);
    info->ContextRecord->IP++;
    return EXCEPTION_CONTINUE_EXECUTION;
}

static DWORD WINAPI halts(void *handle)
{
    InterlockedIncrement(&arrived);
    return wait_then_halt(handle, INFINITE);
}

static void test_halts(void)
{
    event = CreateEventA(NULL, TRUE, FALSE, NULL);
    AddVectoredExceptionHandler(TRUE, skips);
    HANDLE thread = CreateThread(NULL, 0, halts, event, 0, NULL);
    while (!arrived)
        Sleep(1);
    for (int i = 0; i < 3; i++)
        printf("%lx ", wait_then_halt(event, 1));
    SetEvent(event);
    join(&thread, 1);
    printf("%lx, %ld times\n", wait_then_halt(event, 1), count);
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";
    if (!strcmp(name, "grandchild"))
        return printf("the child speaks\n");
    else if (!strcmp(name, "passing"))
        test_threads(1, 2);
    else if (!strcmp(name, "in-flight"))
        test_threads(THREADS, 0);
    else if (!strcmp(name, "both"))
        test_threads(3, 3);
    else if (!strcmp(name, "two"))
        test_two();
    else if (!strcmp(name, "ended"))
        test_ended();
    else if (!strcmp(name, "recursion"))
        test_recursion();
    else if (!strcmp(name, "unwound"))
        test_unwound();
    else if (!strcmp(name, "handles"))
        test_handles();
    else if (!strcmp(name, "debugger"))
        test_debugger();
    else if (!strcmp(name, "many"))
        test_many();
    else if (!strcmp(name, "child"))
        test_child(argv[0]);
    else if (!strcmp(name, "halts"))
        test_halts();
    else
        return 2;
    return 0;
}
