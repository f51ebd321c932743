/* Programs that would notice a tracer that changes them, whose calls are hard to trace, or that
 * interfere with it: traced.exe NAME. Their output must not depend on tracing. */
#include <windows.h>
#include <stdio.h>
#include <string.h>

enum { THREADS = 66, TIMES = 50, MANY = 300 };

typedef HANDLE WINAPI create_mutex(SECURITY_ATTRIBUTES *, BOOL, const char *);
typedef FARPROC WINAPI get_address(HMODULE, const char *);

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

static void *back[5];

/* An exception handler that leaves the function. */
static LONG CALLBACK leaves(EXCEPTION_POINTERS *info)
{
    if (info->ExceptionRecord->ExceptionCode == EXCEPTION_ACCESS_VIOLATION)
        __builtin_longjmp(back, 1);
    return EXCEPTION_CONTINUE_SEARCH;
}

static void test_unwound(void)
{
    char *page = VirtualAlloc(NULL, 4096, MEM_RESERVE, PAGE_READWRITE);
    AddVectoredExceptionHandler(TRUE, leaves);
    for (volatile int i = 0; i < TIMES; i++) {
        if (__builtin_setjmp(back))
            printf("left ");
        else
            OpenFileMappingA(FILE_MAP_READ, FALSE, page);
        printf("%d ", OpenFileMappingA(FILE_MAP_READ, FALSE, "nothing") != NULL);
    }
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

static HANDLE before_main;

/* Runs in the loader, before the program's start-up code. At the first name in a process the system
 * opens the directory of names, for the tracer or for the program; so this uses a name. */
static void NTAPI at_start(void *module, DWORD reason, void *reserved)
{
    (void)module;
    (void)reserved;
    if (reason == DLL_PROCESS_ATTACH)
        before_main = CreateMutexA(NULL, FALSE, "Local\\traced");
}
__attribute__((section(".CRT$XLF"), used)) static PIMAGE_TLS_CALLBACK callback = at_start;

static void call(FARPROC function)
{
    create_mutex *create = (create_mutex *)(void (*)(void))function;
    HANDLE mutex = create(NULL, TRUE, NULL);
    printf("%d %d\n", mutex != NULL, ReleaseMutex(mutex));
}

/* Functions by name and by ordinal. The function that looks up functions is looked up, too. */
static void test_found(void)
{
    HMODULE module = GetModuleHandleA("kernel32");
    get_address *get = (get_address *)(void (*)(void))GetProcAddress(module, "GetProcAddress");
    FARPROC create = get(module, "CreateMutexA");
    ULONG_PTR ordinal = 1;
    while (ordinal < 0x10000 && get(module, (const char *)ordinal) != create)
        ordinal++;
    call(create);
    call(get(module, (const char *)ordinal));
}

static void test_long(void)
{
    static char text[40000];
    static WCHAR wide[40000];
    for (int i = 0; i < 39999; i++)
        text[i] = 'a', wide[i] = L'w';
    printf("%d ", OpenFileMappingA(FILE_MAP_READ, FALSE, "") != NULL);
    printf("%d ", OpenFileMappingA(FILE_MAP_READ, FALSE, text) != NULL);
    printf("%d ", OpenFileMappingW(FILE_MAP_READ, FALSE, wide) != NULL);
    /* A name whose last byte is the last readable one. */
    char *pages = VirtualAlloc(NULL, 8192, MEM_RESERVE, PAGE_READWRITE);
    VirtualAlloc(pages, 4096, MEM_COMMIT, PAGE_READWRITE);
    memcpy(pages + 4096 - 5, "edge", 5);
    printf("%d\n", OpenFileMappingA(FILE_MAP_READ, FALSE, pages + 4096 - 5) != NULL);
}

/* Last errors are only what the functions set, and handles have the same values. */
static void test_values(void)
{
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL);
    SetLastError(77);
    SetEvent(event);
    printf("%lu ", GetLastError());
    CloseHandle(event);
    CloseHandle(event);
    printf("%lu ", GetLastError());
    SetLastError(78);
    GetProcAddress(GetModuleHandleA("kernel32"), "SetEvent");
    printf("%lu ", GetLastError());
    printf("%p %p\n", CreateMutexA(NULL, FALSE, NULL), before_main);
}

static void test_closes(void)
{
    int closed = 0;
    for (ULONG_PTR handle = 4; handle < 0x400; handle += 4)
        if (handle != (ULONG_PTR)GetStdHandle(STD_INPUT_HANDLE) &&
            handle != (ULONG_PTR)GetStdHandle(STD_OUTPUT_HANDLE) &&
            handle != (ULONG_PTR)GetStdHandle(STD_ERROR_HANDLE))
            closed += CloseHandle((HANDLE)handle);
    printf("%d closed, %d\n", closed, CreateMutexA(NULL, FALSE, NULL) != NULL);
}

/* Its last call is a jump, so that it returns to the system DLL that called the function. */
static DWORD WINAPI wait_for_it(void *event)
{
    return WaitForSingleObject(event, INFINITE);
}

static void test_jumps(void)
{
    HANDLE event = CreateEventA(NULL, TRUE, TRUE, NULL);
    printf("%lu",
           WaitForSingleObject(CreateThread(NULL, 0, wait_for_it, event, 0, NULL), INFINITE));
}

/* Overwrites all large shared memory, and makes calls afterwards. */
static void overwrite(int with)
{
    MEMORY_BASIC_INFORMATION about;
    for (BYTE *at = NULL; VirtualQuery(at, &about, sizeof about);
         at = (BYTE *)about.BaseAddress + about.RegionSize)
        if (about.Type == MEM_MAPPED && about.State == MEM_COMMIT &&
            about.Protect == PAGE_READWRITE && about.RegionSize > 8 << 20)
            memset(about.BaseAddress, with, about.RegionSize);
    for (int i = 0; i < 100; i++)
        CreateMutexA(NULL, FALSE, "Local\\traced");
    printf("%d\n", CreateMutexA(NULL, FALSE, NULL) != NULL);
}

static void test_overwritten(void)
{
    CreateMutexA(NULL, FALSE, NULL);
    overwrite(0xFF);
    overwrite(0);
}

static void test_modules(void)
{
    const BYTE *base = (const BYTE *)GetModuleHandleA(NULL);
    const IMAGE_NT_HEADERS *nt =
        (const IMAGE_NT_HEADERS *)(base + ((const IMAGE_DOS_HEADER *)base)->e_lfanew);
    const IMAGE_DATA_DIRECTORY *imports = &nt->OptionalHeader.DataDirectory[1];
    const IMAGE_IMPORT_DESCRIPTOR *dll =
        (const IMAGE_IMPORT_DESCRIPTOR *)(base + imports->VirtualAddress);
    for (; dll->FirstThunk; dll++)
        printf("%s ", (const char *)base + dll->Name);
    printf("%lu\n", imports->Size);
}

/* Without the debugger that a whole Wine starts for a crash. */
static LONG CALLBACK ends(EXCEPTION_POINTERS *info)
{
    if (info->ExceptionRecord->ExceptionCode == (DWORD)EXCEPTION_STACK_OVERFLOW)
        TerminateProcess(GetCurrentProcess(), 9);
    return EXCEPTION_CONTINUE_SEARCH;
}

static int overflow(int depth)
{
    volatile char room[10000];
    room[0] = (char)depth;
    return depth < 0 ? 0 : overflow(depth + 1) + room[0];
}

static void test_overflow(void)
{
    printf("deep\n");
    fflush(stdout);
    AddVectoredExceptionHandler(TRUE, ends);
    overflow(0);
}

static void test_fills(void)
{
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL);
    for (int i = 0; i < 70000; i++)
        SetEvent(event);
    printf("filled\n");
}

/* clang-format off */
#define TESTS(DO)                                                                        \
    DO(threads) DO(unwound) DO(many) DO(found) DO(long) DO(values) DO(jumps) DO(closes)  \
    DO(overwritten) DO(modules) DO(fills) DO(overflow)
/* clang-format on */
#define IF_NAMED(test)                                                                             \
    if (argc > 1 && !strcmp(argv[1], #test))                                                       \
        return test_##test(), 0;

int main(int argc, char **argv)
{
    TESTS(IF_NAMED)
    return 2;
}
