/* tracer.dll: records the calls that a program's own code makes.
 *
 * A program calls a function of a DLL through its import table: the loader writes the function's
 * address into a slot of that table, and the program calls the address in the slot. The tracer is
 * loaded before any code of the program runs, and replaces the addresses of the functions that it
 * traces by those of its hooks (HOOK in imports.c):
 *
 *     the program                 tracer.dll                          kernel32.dll
 *
 *     call [slot] ──────────────► hook_CloseHandle
 *                                   enter: records the arguments
 *                                   real[…] ────────────────────────► CloseHandle
 *                                   leave: records the result ◄────── ret
 *     … ◄──────────────────────── ret
 *
 * The record is in named shared memory (record.h), which the harness maps, too. Calls within and
 * between system DLLs do not go through the program's import table, and are not recorded. */
#include "tracer.h"

/* The program imports this: the loader loads only DLLs that something is imported from. */
__declspec(dllexport) const char tracer[] = "traced";

static struct record *record;
/* The harness's settings, copied from the record, which a program that writes anywhere may hit. */
static HANDLE stopped, go;
static BOOL holds;
static uint32_t fails_first, fails_last;
static volatile LONG fails_in;
/* The program's own code. */
static ULONG_PTR image, image_size;
/* Only one thread is at a stop at a time; others queue here. */
static SRWLOCK one_at_a_time = SRWLOCK_INIT;

/* Holds the thread until the harness lets the program continue. */
static void stop(void)
{
    if (!holds || record->unheld)
        return;
    AcquireSRWLockExclusive(&one_at_a_time);
    LONG number = InterlockedIncrement(&record->stops);
    while (number >= record->to && !record->unheld) {
        SetEvent(stopped);
        if (WaitForSingleObject(go, INFINITE) != WAIT_OBJECT_0)
            record->unheld = TRUE;
    }
    ReleaseSRWLockExclusive(&one_at_a_time);
}

/* Returns the end of the readable memory at that address, or 0 if it cannot be read. */
static ULONG_PTR readable_until(ULONG_PTR address)
{
    MEMORY_BASIC_INFORMATION about;
    if (!VirtualQuery((void *)address, &about, sizeof about) || about.State != MEM_COMMIT ||
        (about.Protect & (PAGE_NOACCESS | PAGE_GUARD)))
        return 0;
    return (ULONG_PTR)about.BaseAddress + about.RegionSize;
}

/* Measures the readable part of a text in bytes; a character has `unit` bytes. Returns FALSE if
 * none of it can be read. */
static BOOL measure(ULONG_PTR text, DWORD unit, DWORD *bytes)
{
    ULONG_PTR end = text && text < (ULONG_PTR)-LONGEST_TEXT ? readable_until(text) : 0;
    BOOL known = end != 0;
    for (*bytes = 0; end && *bytes + unit <= LONGEST_TEXT; *bytes += unit) {
        const BYTE *at = (const BYTE *)text + *bytes;
        if ((ULONG_PTR)at + unit > end && !(end = readable_until((ULONG_PTR)at + unit - 1)))
            break;
        if (!at[0] && !at[unit - 1])
            break;
    }
    return known;
}

static void note_texts(struct call *call, const struct function *function,
                       const ULONG_PTR *arguments)
{
    DWORD bytes;
    for (int i = 0, number = 0; function->kinds[i]; i++) {
        if (function->kinds[i] != 't')
            continue;
        call->texts[number].at = -1;
        if (measure(arguments[i], function->letter == 'W' ? 2 : 1, &bytes)) {
            LONG at = InterlockedExchangeAdd(&record->bytes, (LONG)bytes);
            if (at >= 0 && at <= ROOM_FOR_TEXTS - (LONG)bytes) {
                copy(record->texts + at, (const BYTE *)arguments[i], bytes);
                call->texts[number].at = at;
                call->texts[number].bytes = bytes;
            }
        }
        number++;
    }
}

/* Returns an argument as a number. The upper half of a 32-bit argument's register is undefined. */
static int64_t number_of(char kind, ULONG_PTR value)
{
    for (const char *wide = "hazt"; *wide; wide++)
        if (*wide == kind)
            return (LONG_PTR)value;
    return (uint32_t)value;
}

/* Returns room for a call, or NULL if the record is full. */
static struct call *next_call(void)
{
    LONG count;
    do {
        count = record->count;
        /* A program that writes anywhere may have damaged the count. */
        if (count < 0 || count >= ROOM_FOR_CALLS)
            return NULL;
    } while (InterlockedCompareExchange(&record->count, count + 1, count) != count);
    return &record->calls[count];
}

struct call *enter(int number, ULONG_PTR returns_to, const ULONG_PTR *arguments)
{
    const struct function *function = &functions[number];
    DWORD error = GetLastError();
    struct call *call = function->result == 'v' && !arguments[0] ? NULL : next_call();
    if (call) {
        call->function = (uint32_t)number;
        call->thread = GetCurrentThreadId();
        call->returns_to = returns_to - image < image_size ? returns_to - image : 0;
        for (int i = 0; function->kinds[i]; i++)
            call->arguments[i] = number_of(function->kinds[i], arguments[i]);
        note_texts(call, function, arguments);
        /* Comes after all other stores, for readers on other processors, too. */
        InterlockedExchange(&call->state, ENTERED);
    }
    if (function->result != 'v')
        stop();
    SetLastError(error);
    return call;
}

ULONG_PTR leave(struct call *call, int number, ULONG_PTR result)
{
    DWORD error = GetLastError();
    char kind = functions[number].result;
    if (call) {
        call->result = kind == 'h' || kind == 'a' ? (int64_t)(LONG_PTR)result : (int32_t)result;
        call->error = error;
        InterlockedExchange(&call->state, RETURNED);
    }
    if (kind != 'v')
        stop();
    SetLastError(error);
    return result;
}

BOOL fails(int number)
{
    uint32_t plus_one = (uint32_t)number + 1;
    if ((plus_one != fails_first && plus_one != fails_last) || InterlockedDecrement(&fails_in))
        return FALSE;
    SetLastError(record->fails_with);
    return TRUE;
}

ULONG_PTR failure(void)
{
    return (ULONG_PTR)record->fails_returning;
}

/* Opens and maps the record, or returns NULL. Its name ends with the process id in eight
 * hexadecimal digits. */
static struct record *open_record(void)
{
    WCHAR name[sizeof RECORD_NAME / sizeof(WCHAR) + 8];
    DWORD length = 0, pid = GetCurrentProcessId();
    for (; RECORD_NAME[length]; length++)
        name[length] = RECORD_NAME[length];
    for (int shift = 28; shift >= 0; shift -= 4)
        name[length++] = L"0123456789abcdef"[pid >> shift & 15];
    name[length] = 0;
    HANDLE mapping = OpenFileMappingW(FILE_MAP_WRITE, FALSE, name);
    if (!mapping)
        return NULL;
    struct record *view = MapViewOfFile(mapping, FILE_MAP_WRITE, 0, 0, 0);
    /* The view keeps the memory. With this handle closed, the program's handles get the same values
     * as without a tracer, if it uses a name itself: the first use of a name also opens a handle to
     * the directory of names. */
    CloseHandle(mapping);
    return view;
}

BOOL WINAPI DllMain(HINSTANCE dll, DWORD reason, void *reserved)
{
    (void)dll;
    (void)reserved;
    if (reason != DLL_PROCESS_ATTACH)
        return TRUE;
    DWORD error = GetLastError();
    if (!(record = open_record()))
        return TRUE;
    image = (ULONG_PTR)GetModuleHandleW(NULL);
    image_size = headers_of(image)->OptionalHeader.SizeOfImage;
    stopped = (HANDLE)(ULONG_PTR)record->stopped;
    go = (HANDLE)(ULONG_PTR)record->go;
    holds = record->holds != 0;
    fails_first = record->fails[0];
    fails_last = record->fails[1];
    fails_in = record->fails_in;
    if (holds) {
        /* A program that closes every possible handle gets an error for these. */
        SetHandleInformation(stopped, HANDLE_FLAG_PROTECT_FROM_CLOSE,
                             HANDLE_FLAG_PROTECT_FROM_CLOSE);
        SetHandleInformation(go, HANDLE_FLAG_PROTECT_FROM_CLOSE, HANDLE_FLAG_PROTECT_FROM_CLOSE);
    }
    restore_directories(image, record);
    redirect_imports(image);
    record->ready = READY;
    SetLastError(error);
    return TRUE;
}
