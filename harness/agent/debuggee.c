/* The process under the debugger; see debuggee.h. */
#include "debuggee.h"

#include <stdlib.h>
#include <string.h>

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

enum { LONGEST_TEXT = 4096 };

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
    if (!VirtualProtectEx(debuggee->process, place, size, PAGE_EXECUTE_READWRITE, &protection))
        return FALSE;
    BOOL ok = WriteProcessMemory(debuggee->process, place, from, size, NULL);
    VirtualProtectEx(debuggee->process, place, size, protection, &protection);
    FlushInstructionCache(debuggee->process, place, size);
    return ok;
}

WCHAR *debuggee_text(const struct debuggee *debuggee, ULONG_PTR at, BOOL wide)
{
    union {
        char narrow[LONGEST_TEXT * sizeof(WCHAR)];
        WCHAR wide[LONGEST_TEXT];
    } *text = calloc(1, sizeof *text + sizeof(WCHAR));
    SIZE_T unit = wide ? sizeof(WCHAR) : 1;
    BOOL readable = text && at;
    for (SIZE_T i = 0; readable && i < LONGEST_TEXT; i++) {
        readable = debuggee_read(debuggee, at + i * unit, text->narrow + i * unit, unit);
        if (readable && !(wide ? text->wide[i] : text->narrow[i]))
            break;
    }
    if (!readable) {
        free(text);
        return NULL;
    }
    if (!wide) {
        WCHAR *converted = calloc(LONGEST_TEXT + 1, sizeof(WCHAR));
        if (converted)
            MultiByteToWideChar(CP_ACP, 0, text->narrow, -1, converted, LONGEST_TEXT);
        free(text);
        return converted;
    }
    return text->wide;
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

void debuggee_imports(const struct debuggee *debuggee, import_visitor *visit, void *argument)
{
    IMAGE_DOS_HEADER dos;
    IMAGE_NT_HEADERS nt;
    IMAGE_IMPORT_DESCRIPTOR dll;
    ULONG_PTR base = debuggee->base;
    if (!debuggee_read(debuggee, base, &dos, sizeof dos) ||
        !debuggee_read(debuggee, base + (ULONG_PTR)dos.e_lfanew, &nt, sizeof nt))
        return;
    ULONG_PTR at =
        base + nt.OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_IMPORT].VirtualAddress;
    for (; at != base && debuggee_read(debuggee, at, &dll, sizeof dll); at += sizeof dll) {
        if (!dll.FirstThunk)
            break;
        for (ULONG_PTR i = 0, entry; dll.OriginalFirstThunk; i += sizeof entry) {
            char name[32] = {0};
            if (!debuggee_read(debuggee, base + dll.OriginalFirstThunk + i, &entry, sizeof entry) ||
                !entry)
                break;
            if (entry >> (8 * sizeof entry - 1))
                continue; /* Imported by number. */
            /* The name stands behind a hint of two bytes; a longer one is none of ours. */
            debuggee_read(debuggee, base + entry + 2, name, sizeof name - 1);
            visit(name, base + dll.FirstThunk + i, argument);
        }
    }
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
