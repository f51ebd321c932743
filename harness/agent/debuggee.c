/* The process under the debugger; see debuggee.h. */
#include "debuggee.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#ifdef _WIN64
#define PC Rip
#define SP Rsp
#define RESULT Rax
enum { TEB_LAST_ERROR = 0x68 };
#else
#define PC Eip
#define SP Esp
#define RESULT Eax
enum { TEB_LAST_ERROR = 0x34 };
#endif

enum { PAGE = 4096, LONGEST_TEXT = 4096, LONGEST_NAME = 32 };

static void add_thread(struct debuggee *debuggee, DWORD id, HANDLE handle, void *teb)
{
    for (int i = 0; i < MOST_THREADS; i++)
        if (!debuggee->threads[i].id) {
            debuggee->threads[i].id = id;
            debuggee->threads[i].handle = handle;
            debuggee->threads[i].teb = (ULONG_PTR)teb;
            return;
        }
}

void debuggee_note(struct debuggee *debuggee, const DEBUG_EVENT *event)
{
    if (event->dwDebugEventCode == CREATE_PROCESS_DEBUG_EVENT) {
        const CREATE_PROCESS_DEBUG_INFO *info = &event->u.CreateProcessInfo;
        IMAGE_DOS_HEADER dos;
        IMAGE_NT_HEADERS nt;
        debuggee->base = (ULONG_PTR)info->lpBaseOfImage;
        if (debuggee_read(debuggee, debuggee->base, &dos, sizeof dos) &&
            debuggee_read(debuggee, debuggee->base + (ULONG_PTR)dos.e_lfanew, &nt, sizeof nt))
            debuggee->size = nt.OptionalHeader.SizeOfImage;
        add_thread(debuggee, event->dwThreadId, info->hThread, info->lpThreadLocalBase);
        if (info->hFile)
            CloseHandle(info->hFile);
    } else if (event->dwDebugEventCode == CREATE_THREAD_DEBUG_EVENT) {
        add_thread(debuggee, event->dwThreadId, event->u.CreateThread.hThread,
                   event->u.CreateThread.lpThreadLocalBase);
    } else if (event->dwDebugEventCode == EXIT_THREAD_DEBUG_EVENT) {
        for (int i = 0; i < MOST_THREADS; i++)
            if (debuggee->threads[i].id == event->dwThreadId)
                debuggee->threads[i].id = 0; /* The system closes the handle. */
    } else if (event->dwDebugEventCode == LOAD_DLL_DEBUG_EVENT && event->u.LoadDll.hFile) {
        CloseHandle(event->u.LoadDll.hFile);
    }
}

HANDLE debuggee_thread(const struct debuggee *debuggee, DWORD id)
{
    for (int i = 0; i < MOST_THREADS; i++)
        if (debuggee->threads[i].id == id)
            return debuggee->threads[i].handle;
    return NULL;
}

BOOL debuggee_read(const struct debuggee *debuggee, ULONG_PTR at, void *to, SIZE_T size)
{
    return ReadProcessMemory(debuggee->process, (const void *)at, to, size, NULL);
}

BOOL debuggee_patch(const struct debuggee *debuggee, ULONG_PTR at, const void *from, SIZE_T size)
{
    DWORD protection;
    void *place = (void *)at;
    /* A debugger may write to most pages as they are; asking to change one takes far longer. */
    BOOL ok = WriteProcessMemory(debuggee->process, place, from, size, NULL);
    if (!ok &&
        VirtualProtectEx(debuggee->process, place, size, PAGE_EXECUTE_READWRITE, &protection)) {
        ok = WriteProcessMemory(debuggee->process, place, from, size, NULL);
        VirtualProtectEx(debuggee->process, place, size, protection, &protection);
    }
    FlushInstructionCache(debuggee->process, place, size);
    return ok;
}

static WCHAR *from_ansi(const char *text)
{
    WCHAR *converted = calloc(LONGEST_TEXT + 1, sizeof *converted);
    if (converted)
        MultiByteToWideChar(CP_ACP, 0, text, -1, converted, LONGEST_TEXT);
    return converted;
}

WCHAR *debuggee_text(const struct debuggee *debuggee, ULONG_PTR at, BOOL wide)
{
    SIZE_T room = LONGEST_TEXT * (wide ? sizeof(WCHAR) : 1), count = 0;
    void *text = calloc(1, room + sizeof(WCHAR));
    BOOL readable = text && at, ended = FALSE;
    /* Page by page, since the text may end just before memory that cannot be read. */
    while (readable && !ended && count < room) {
        SIZE_T piece = min(PAGE - (at + count) % PAGE, room - count);
        readable = debuggee_read(debuggee, at + count, (char *)text + count, piece);
        count += piece;
        ended =
            wide ? wmemchr(text, 0, count / sizeof(WCHAR)) != NULL : memchr(text, 0, count) != NULL;
    }
    WCHAR *result = !readable ? NULL : wide ? text : from_ansi(text);
    if (result != text)
        free(text);
    return result;
}

BOOL debuggee_owns(const struct debuggee *debuggee, ULONG_PTR address)
{
    return address - debuggee->base < debuggee->size;
}

ULONG_PTR debuggee_page_of_breakpoints(const struct debuggee *debuggee)
{
    BYTE breakpoints[64];
    memset(breakpoints, BREAKPOINT, sizeof breakpoints);
    void *page = VirtualAllocEx(debuggee->process, NULL, sizeof breakpoints,
                                MEM_RESERVE | MEM_COMMIT, PAGE_EXECUTE_READ);
    if (page)
        debuggee_patch(debuggee, (ULONG_PTR)page, breakpoints, sizeof breakpoints);
    return (ULONG_PTR)page;
}

/* The image's `size` bytes at that offset, or NULL where it has fewer. */
static const void *within(const BYTE *image, SIZE_T image_size, ULONG_PTR offset, SIZE_T size)
{
    return offset <= image_size && size <= image_size - offset ? image + offset : NULL;
}

void debuggee_imports(const struct debuggee *debuggee, import_visitor *visit, void *argument)
{
    /* One reading of all, since each takes the time of two task switches at least. */
    SIZE_T size = debuggee->size + LONGEST_NAME; /* A name may be the last thing in it. */
    BYTE *image = calloc(1, size);
    const IMAGE_DOS_HEADER *dos;
    const IMAGE_NT_HEADERS *nt;
    const IMAGE_IMPORT_DESCRIPTOR *dll;
    const ULONG_PTR *entry, *function;
    const char *name;
    if (image && debuggee_read(debuggee, debuggee->base, image, debuggee->size) &&
        (dos = within(image, size, 0, sizeof *dos)) &&
        (nt = within(image, size, (ULONG_PTR)dos->e_lfanew, sizeof *nt))) {
        ULONG_PTR at =
            nt->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_IMPORT].VirtualAddress;
        for (; at && (dll = within(image, size, at, sizeof *dll)) && dll->FirstThunk;
             at += sizeof *dll) {
            ULONG_PTR names = dll->OriginalFirstThunk, slot = dll->FirstThunk;
            for (; names && (entry = within(image, size, names, sizeof *entry)) && *entry;
                 names += sizeof *entry, slot += sizeof *entry) {
                /* A name stands behind a hint of two bytes; the highest bit means a number. */
                name = *entry >> (8 * sizeof *entry - 1)
                           ? NULL
                           : within(image, size, *entry + 2, LONGEST_NAME);
                function = within(image, size, slot, sizeof *function);
                if (name && function && memchr(name, 0, LONGEST_NAME))
                    visit(name, debuggee->base + slot, *function, argument);
            }
        }
    }
    free(image);
}

ULONG_PTR debuggee_return_address(const struct debuggee *debuggee, const CONTEXT *context)
{
    ULONG_PTR address = 0;
    debuggee_read(debuggee, context->SP, &address, sizeof address);
    return address;
}

ULONG_PTR debuggee_argument(const struct debuggee *debuggee, const CONTEXT *context, int number)
{
    ULONG_PTR value = 0;
#ifdef _WIN64
    const DWORD64 registers[] = {context->Rcx, context->Rdx, context->R8, context->R9};
    if (number < 4)
        return registers[number];
#endif
    debuggee_read(debuggee, context->SP + sizeof value * (ULONG_PTR)(number + 1), &value,
                  sizeof value);
    return value;
}

void debuggee_return(CONTEXT *context, ULONG_PTR address, ULONG_PTR result, int popped)
{
#ifdef _WIN64
    popped = 0; /* On x86_64 the caller keeps the stack. */
#endif
    context->PC = address;
    context->SP += sizeof address * (ULONG_PTR)(1 + popped);
    context->RESULT = result;
}

ULONG_PTR debuggee_result(const CONTEXT *context)
{
    return context->RESULT;
}

void debuggee_set_pc(CONTEXT *context, ULONG_PTR address)
{
    context->PC = address;
}

static ULONG_PTR last_error_of(const struct debuggee *debuggee, DWORD thread)
{
    for (int i = 0; i < MOST_THREADS; i++)
        if (debuggee->threads[i].id == thread)
            return debuggee->threads[i].teb + TEB_LAST_ERROR;
    return 0;
}

DWORD debuggee_last_error(const struct debuggee *debuggee, DWORD thread)
{
    DWORD error = 0;
    debuggee_read(debuggee, last_error_of(debuggee, thread), &error, sizeof error);
    return error;
}

void debuggee_set_last_error(const struct debuggee *debuggee, DWORD thread, DWORD error)
{
    WriteProcessMemory(debuggee->process, (void *)last_error_of(debuggee, thread), &error,
                       sizeof error, NULL);
}
