/* Programs with calls that are hard to trace, or that interfere with the tracer: corners.exe NAME.
 * Their output must not depend on tracing. */
#include <windows.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef HANDLE WINAPI create_mutex(SECURITY_ATTRIBUTES *, BOOL, const char *);
typedef FARPROC WINAPI get_address(HMODULE, const char *);

static HANDLE before_main;

/* Runs in the loader, before the program's start-up code. At the first name in a process the system
 * opens the directory of names, for the tracer or for the program; so this uses a name. */
static void NTAPI at_start(void *module, DWORD reason, void *reserved)
{
    (void)module;
    (void)reserved;
    if (reason == DLL_PROCESS_ATTACH)
        before_main = CreateMutexA(NULL, FALSE, "Local\\corners");
}
__attribute__((section(".CRT$XLF"), used)) static PIMAGE_TLS_CALLBACK callback = at_start;

static FARPROC find(const char *name)
{
    /* The function that looks up functions is looked up, too. */
    HMODULE module = GetModuleHandleA("kernel32");
    get_address *get = (get_address *)(void (*)(void))GetProcAddress(module, "GetProcAddress");
    return get(module, name);
}

/* Returns the ordinal of a function that kernel32.dll exports. */
static WORD ordinal_of(const char *wanted)
{
    const BYTE *base = (const BYTE *)GetModuleHandleA("kernel32");
    const IMAGE_NT_HEADERS *nt =
        (const IMAGE_NT_HEADERS *)(base + ((const IMAGE_DOS_HEADER *)base)->e_lfanew);
    const IMAGE_EXPORT_DIRECTORY *exports =
        (const IMAGE_EXPORT_DIRECTORY *)(base + nt->OptionalHeader.DataDirectory[0].VirtualAddress);
    const DWORD *names = (const DWORD *)(base + exports->AddressOfNames);
    const WORD *ordinals = (const WORD *)(base + exports->AddressOfNameOrdinals);
    for (DWORD i = 0; i < exports->NumberOfNames; i++)
        if (!strcmp((const char *)base + names[i], wanted))
            return (WORD)(exports->Base + ordinals[i]);
    return 0;
}

static void call(FARPROC function)
{
    create_mutex *create = (create_mutex *)(void (*)(void))function;
    HANDLE mutex = create(NULL, TRUE, NULL);
    printf("%d %d\n", mutex != NULL, ReleaseMutex(mutex));
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

/* The last error is only what the functions set. */
static void test_errors(void)
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
    printf("%lu\n", GetLastError());
}

static void test_values(void)
{
    for (int i = 0; i < 5; i++)
        printf("%p ", CreateMutexA(NULL, FALSE, NULL));
    printf("%p\n", before_main);
}

static void test_closes(void)
{
    HANDLE kept[] = {GetStdHandle(STD_INPUT_HANDLE), GetStdHandle(STD_OUTPUT_HANDLE),
                     GetStdHandle(STD_ERROR_HANDLE)};
    int closed = 0;
    for (ULONG_PTR handle = 4; handle < 0x400; handle += 4)
        if (handle != (ULONG_PTR)kept[0] && handle != (ULONG_PTR)kept[1] &&
            handle != (ULONG_PTR)kept[2])
            closed += CloseHandle((HANDLE)handle);
    printf("%d closed, %d\n", closed, CreateMutexA(NULL, FALSE, NULL) != NULL);
}

static HANDLE kept;

/* Its last call is a jump, so that it returns to the system DLL that called the function. */
static DWORD WINAPI wait_for_it(void *event)
{
    return WaitForSingleObject(event, INFINITE);
}

static void close_it(void)
{
    CloseHandle(kept);
}

static void test_jumps(void)
{
    kept = CreateEventA(NULL, TRUE, TRUE, NULL);
    HANDLE thread = CreateThread(NULL, 0, wait_for_it, kept, 0, NULL);
    printf("%lu", WaitForSingleObject(thread, INFINITE));
    atexit(close_it);
}

/* Overwrites all large shared memory. */
static void test_writes(int with)
{
    MEMORY_BASIC_INFORMATION about;
    CreateMutexA(NULL, FALSE, NULL);
    for (BYTE *at = NULL; VirtualQuery(at, &about, sizeof about);
         at = (BYTE *)about.BaseAddress + about.RegionSize)
        if (about.Type == MEM_MAPPED && about.State == MEM_COMMIT &&
            about.Protect == PAGE_READWRITE && about.RegionSize > 8 << 20)
            memset(about.BaseAddress, with, about.RegionSize);
    for (int i = 0; i < 100; i++)
        CreateMutexA(NULL, FALSE, "Local\\corners");
    printf("%d\n", CreateMutexA(NULL, FALSE, NULL) != NULL);
}

static void test_modules(void)
{
    HMODULE own;
    char path[MAX_PATH];
    const BYTE *base = (const BYTE *)GetModuleHandleA(NULL);
    const IMAGE_NT_HEADERS *nt =
        (const IMAGE_NT_HEADERS *)(base + ((const IMAGE_DOS_HEADER *)base)->e_lfanew);
    const IMAGE_DATA_DIRECTORY *imports = &nt->OptionalHeader.DataDirectory[1];
    const IMAGE_IMPORT_DESCRIPTOR *dll =
        (const IMAGE_IMPORT_DESCRIPTOR *)(base + imports->VirtualAddress);
    for (; dll->FirstThunk; dll++)
        printf("%s ", (const char *)base + dll->Name);
    GetModuleHandleExA(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS,
                       (const char *)(ULONG_PTR)test_modules, &own);
    GetModuleFileNameA(own, path, sizeof path);
    printf("%lu %d %s\n", imports->Size, own == GetModuleHandleA(NULL), strrchr(path, '\\'));
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

static void test_fills(void)
{
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL);
    for (int i = 0; i < 70000; i++)
        SetEvent(event);
    printf("filled\n");
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";
    if (!strcmp(name, "by-name"))
        call(find("CreateMutexA"));
    else if (!strcmp(name, "by-ordinal"))
        call(find((const char *)(ULONG_PTR)ordinal_of("CreateMutexA")));
    else if (!strcmp(name, "before-main"))
        printf("%d\n", before_main != NULL);
    else if (!strcmp(name, "long"))
        test_long();
    else if (!strcmp(name, "errors"))
        test_errors();
    else if (!strcmp(name, "values"))
        test_values();
    else if (!strcmp(name, "jumps"))
        test_jumps();
    else if (!strcmp(name, "closes"))
        test_closes();
    else if (!strcmp(name, "ones"))
        test_writes(0xFF);
    else if (!strcmp(name, "zeros"))
        test_writes(0);
    else if (!strcmp(name, "modules"))
        test_modules();
    else if (!strcmp(name, "fills"))
        test_fills();
    else if (!strcmp(name, "overflow"))
        return printf("deep\n"), fflush(stdout), AddVectoredExceptionHandler(TRUE, ends),
               overflow(0);
    else
        return 2;
    return 0;
}
