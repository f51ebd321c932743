/* Programs that would notice a tracer that changes them: notices.exe NAME. Their output must not
 * depend on tracing. */
#include <windows.h>
#include <stdio.h>
#include <string.h>

enum { THREADS = 66, TIMES = 50, MANY = 300 };

static volatile LONG count, arrived;

static DWORD WINAPI waits(void *handle)
{
    InterlockedIncrement(&arrived);
    WaitForSingleObject(handle, INFINITE);
    InterlockedIncrement(&count);
    return 0;
}

/* More threads than a process can wait for at once wait at the same return site. */
static void test_threads(void)
{
    HANDLE threads[THREADS];
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL);
    for (int i = 0; i < THREADS; i++)
        threads[i] = CreateThread(NULL, 0, waits, event, 0, NULL);
    while (arrived < THREADS)
        Sleep(1);
    SetEvent(event);
    for (int i = 0; i < THREADS; i++)
        while (WaitForSingleObject(threads[i], 50) == WAIT_TIMEOUT)
            ;
    printf("%ld threads were here\n", count);
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

/* An exception handler that calls the function from the same return site as the fault. */
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

/* An exception handler that leaves the function, to where the context was captured. */
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

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";
    if (!strcmp(name, "grandchild"))
        return printf("the child speaks\n");
    else if (!strcmp(name, "in-flight"))
        test_threads();
    else if (!strcmp(name, "recursion"))
        test_recursion();
    else if (!strcmp(name, "unwound"))
        test_unwound();
    else if (!strcmp(name, "many"))
        test_many();
    else if (!strcmp(name, "child"))
        test_child(argv[0]);
    else
        return 2;
    return 0;
}
