/* Redirects the program's calls to the hooks: those through its import table, and those through
 * addresses from GetProcAddress. */
#include "tracer.h"

#define ARGS0 void
#define ARGS1 ULONG_PTR a
#define ARGS2 ARGS1, ULONG_PTR b
#define ARGS3 ARGS2, ULONG_PTR c
#define ARGS4 ARGS3, ULONG_PTR d
#define ARGS5 ARGS4, ULONG_PTR e
#define ARGS6 ARGS5, ULONG_PTR f
#define ARGS7 ARGS6, ULONG_PTR g
#define PASS0
#define PASS1 a
#define PASS2 a, b
#define PASS3 a, b, c
#define PASS4 a, b, c, d
#define PASS5 a, b, c, d, e
#define PASS6 a, b, c, d, e, f
#define PASS7 a, b, c, d, e, f, g

#define NUMBER(name, ...) number_##name,
#define NUMBERS(name, ...) number_##name##A, number_##name##W,
enum { FUNCTIONS(NUMBER, NUMBERS, NUMBER) FUNCTION_COUNT };

/* The addresses of the real functions, once the program has them. If it imports a function from two
 * DLLs (_getch of msvcrt.dll and of ucrtbase.dll), the first one is used. */
static ULONG_PTR real[FUNCTION_COUNT];

/* The hook that the program calls instead of a function. The call may return to a system DLL and is
 * still the program's: compilers turn the last call of a thread or atexit function into a jump. */
#define HOOK(name, count, convention, ...)                                                         \
    static ULONG_PTR convention hook_##name(ARGS##count)                                           \
    {                                                                                              \
        ULONG_PTR(convention *function)                                                            \
        (ARGS##count) = (ULONG_PTR(convention *)(ARGS##count))real[number_##name];                 \
        const ULONG_PTR arguments[] = {__VA_ARGS__};                                               \
        struct call *call =                                                                        \
            enter(number_##name, (ULONG_PTR)__builtin_return_address(0), arguments);               \
        ULONG_PTR result = fails(number_##name) ? failure() : function(PASS##count);               \
        return leave(call, number_##name, result);                                                 \
    }
#define ONE(name, count, ...) HOOK(name, count, WINAPI, PASS##count)
#define BOTH(name, count, ...)                                                                     \
    HOOK(name##A, count, WINAPI, PASS##count) HOOK(name##W, count, WINAPI, PASS##count)
#define CRT(name, count, ...) HOOK(name, count, CDECL, 0)
FUNCTIONS(ONE, BOTH, CRT)
#undef ONE
#undef BOTH

#define ROW(name, kinds, letter, result)                                                           \
    {#name, kinds, letter, result, (void (*)(void))hook_##name},
#define ONE(name, count, kinds, result) ROW(name, kinds, '-', result)
#define BOTH(name, count, kinds, result)                                                           \
    ROW(name##A, kinds, 'A', result) ROW(name##W, kinds, 'W', result)
const struct function functions[] = {FUNCTIONS(ONE, BOTH, ONE)};

static BOOL same(const char *one, const char *other)
{
    while (*one && *one == *other)
        one++, other++;
    return *one == *other;
}

void copy(BYTE *to, const BYTE *from, SIZE_T bytes)
{
    for (SIZE_T i = 0; i < bytes; i++)
        to[i] = from[i];
}

/* Returns whether it is the address of the function of that name, in any DLL. */
static BOOL is_address_of(const char *name, ULONG_PTR address)
{
    HMODULE module;
    return GetModuleHandleExA(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS |
                                  GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                              (const char *)address, &module) &&
           (ULONG_PTR)GetProcAddress(module, name) == address;
}

static FARPROC WINAPI hook_GetProcAddress(HMODULE module, const char *name);

/* Returns the hook for the function at that address, or 0 if it is not traced. The name is NULL if
 * the program uses an ordinal instead. */
static ULONG_PTR hook_for(const char *name, ULONG_PTR address)
{
    if ((!name || same(name, "GetProcAddress")) && is_address_of("GetProcAddress", address))
        return (ULONG_PTR)hook_GetProcAddress;
    for (int i = 0; i < FUNCTION_COUNT; i++)
        if ((!name || same(name, functions[i].name)) && is_address_of(functions[i].name, address)) {
            if (!real[i])
                real[i] = address;
            return (ULONG_PTR)functions[i].hook;
        }
    return 0;
}

/* Traces functions that a program looks up, delay-loaded ones included. */
static FARPROC WINAPI hook_GetProcAddress(HMODULE module, const char *name)
{
    FARPROC found = GetProcAddress(module, name);
    DWORD error = GetLastError();
    ULONG_PTR hook = found ? hook_for((ULONG_PTR)name >> 16 ? name : NULL, (ULONG_PTR)found) : 0;
    SetLastError(error);
    return hook ? (FARPROC)hook : found;
}

static void write_over(void *place, const void *bytes, SIZE_T size)
{
    DWORD before;
    if (VirtualProtect(place, size, PAGE_READWRITE, &before)) {
        copy(place, bytes, size);
        VirtualProtect(place, size, before, &before);
    }
}

const IMAGE_NT_HEADERS *headers_of(ULONG_PTR image)
{
    return (const IMAGE_NT_HEADERS *)(image +
                                      (ULONG_PTR)((const IMAGE_DOS_HEADER *)image)->e_lfanew);
}

void restore_directories(ULONG_PTR image, const struct record *record)
{
    const IMAGE_DATA_DIRECTORY *directories = headers_of(image)->OptionalHeader.DataDirectory;
    write_over((void *)&directories[IMAGE_DIRECTORY_ENTRY_IMPORT], &record->directories[0],
               sizeof *directories);
    write_over((void *)&directories[IMAGE_DIRECTORY_ENTRY_BOUND_IMPORT], &record->directories[1],
               sizeof *directories);
}

void redirect_imports(ULONG_PTR image)
{
    const ULONG_PTR by_number = (ULONG_PTR)1 << (8 * sizeof(ULONG_PTR) - 1);
    ULONG_PTR at = headers_of(image)
                       ->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_IMPORT]
                       .VirtualAddress;
    const IMAGE_IMPORT_DESCRIPTOR *dll = (const IMAGE_IMPORT_DESCRIPTOR *)(image + at);
    for (; at && dll->FirstThunk; dll++) {
        const ULONG_PTR *entry = (const ULONG_PTR *)(image + dll->OriginalFirstThunk);
        for (ULONG_PTR *slot = (ULONG_PTR *)(image + dll->FirstThunk); *slot; slot++, entry++) {
            /* Some linkers omit the table of names. A name follows a two-byte hint. */
            BOOL named = dll->OriginalFirstThunk && !(*entry & by_number);
            ULONG_PTR hook = hook_for(named ? (const char *)image + *entry + 2 : NULL, *slot);
            if (hook)
                write_over(slot, &hook, sizeof hook);
        }
    }
}
