/* The process under the debugger; see debuggee.h. */
#include "debuggee.h"
#include "agent.h"
#include "memory.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

enum { PAGE = 4096, TEB_PEB = sizeof(void *) == 8 ? 0x60 : 0x30, PEB_BEING_DEBUGGED = 2 };

/* The loader stops a traced program at an int3 in this function, which is too early for us and on
 * Wine 8.0 the end of a 32-bit program. It lies at the same address in every process. */
static ULONG_PTR loader_breakpoint(void)
{
    return (ULONG_PTR)GetProcAddress(GetModuleHandleW(L"ntdll"), "DbgBreakPoint");
}

static void note_image(struct debuggee *debuggee, ULONG_PTR base)
{
    IMAGE_DOS_HEADER dos;
    IMAGE_NT_HEADERS nt;
    debuggee->base = base;
    if (!debuggee_read(debuggee, base, &dos, sizeof dos) ||
        !debuggee_read(debuggee, base + (ULONG_PTR)dos.e_lfanew, &nt, sizeof nt))
        return;
    debuggee->size = nt.OptionalHeader.SizeOfImage;
    ULONG_PTR entry = base + nt.OptionalHeader.AddressOfEntryPoint;
    if (debuggee_replace(debuggee, entry, HLT, &debuggee->replaced[0]))
        debuggee->entry = entry;
}

/* Before anything has run in the process: where its environment block says that it is debugged,
 * the loader of Windows gives it another heap, with other bytes in fresh memory. The system itself
 * does not look there, but Wine does, and would pass on no exception. */
static void hide(const struct debuggee *debuggee, ULONG_PTR teb)
{
    ULONG_PTR peb;
    BYTE no = 0;
    if (!wine_version() && debuggee_read(debuggee, teb + TEB_PEB, &peb, sizeof peb))
        debuggee_patch(debuggee, peb + PEB_BEING_DEBUGGED, &no, sizeof no);
}

void debuggee_note(struct debuggee *debuggee, const DEBUG_EVENT *event)
{
    if (event->dwDebugEventCode == CREATE_PROCESS_DEBUG_EVENT) {
        const CREATE_PROCESS_DEBUG_INFO *info = &event->u.CreateProcessInfo;
        note_image(debuggee, (ULONG_PTR)info->lpBaseOfImage);
        threads_add(&debuggee->threads, event->dwThreadId, info->hThread, info->lpThreadLocalBase);
        hide(debuggee, (ULONG_PTR)info->lpThreadLocalBase);
        if (info->hFile)
            CloseHandle(info->hFile);
    } else if (event->dwDebugEventCode == CREATE_THREAD_DEBUG_EVENT) {
        threads_add(&debuggee->threads, event->dwThreadId, event->u.CreateThread.hThread,
                    event->u.CreateThread.lpThreadLocalBase);
    } else if (event->dwDebugEventCode == EXIT_THREAD_DEBUG_EVENT) {
        threads_remove(&debuggee->threads, event->dwThreadId);
    } else if (event->dwDebugEventCode == LOAD_DLL_DEBUG_EVENT) {
        if (debuggee->entry && event->u.LoadDll.lpBaseOfDll == GetModuleHandleW(L"ntdll"))
            debuggee_replace(debuggee, loader_breakpoint(), NOP, &debuggee->replaced[1]);
        if (event->u.LoadDll.hFile)
            CloseHandle(event->u.LoadDll.hFile);
    }
}

void debuggee_start(struct debuggee *debuggee)
{
    debuggee_patch(debuggee, debuggee->entry, &debuggee->replaced[0], 1);
    if (debuggee->replaced[1])
        debuggee_patch(debuggee, loader_breakpoint(), &debuggee->replaced[1], 1);
    debuggee->entry = 0;
}

BOOL debuggee_read(const struct debuggee *debuggee, ULONG_PTR at, void *to, SIZE_T size)
{
    return memory_read(debuggee->process, at, to, size);
}

BOOL debuggee_patch(const struct debuggee *debuggee, ULONG_PTR at, const void *from, SIZE_T size)
{
    DWORD protection;
    void *place = (void *)at;
    /* A debugger may write to most pages as they are; asking to change one takes far longer. */
    BOOL ok = memory_write(debuggee->process, at, from, size);
    if (!ok &&
        VirtualProtectEx(debuggee->process, place, size, PAGE_EXECUTE_READWRITE, &protection)) {
        ok = memory_write(debuggee->process, at, from, size);
        VirtualProtectEx(debuggee->process, place, size, protection, &protection);
    }
    FlushInstructionCache(debuggee->process, place, size);
    return ok;
}

BOOL debuggee_replace(const struct debuggee *debuggee, ULONG_PTR at, BYTE code, BYTE *replaced)
{
    return debuggee_read(debuggee, at, replaced, 1) && debuggee_patch(debuggee, at, &code, 1);
}

static WCHAR *from_ansi(char *text)
{
    int units = MultiByteToWideChar(CP_ACP, 0, text, -1, NULL, 0);
    WCHAR *converted = allocate((size_t)(units + 1) * sizeof *converted);
    MultiByteToWideChar(CP_ACP, 0, text, -1, converted, units);
    free(text);
    return converted;
}

WCHAR *debuggee_text(const struct debuggee *debuggee, ULONG_PTR at, BOOL wide)
{
    char *text = NULL;
    SIZE_T count = 0;
    BOOL ended = FALSE;
    /* Page by page, since the text may end just before memory that cannot be read. */
    while (at && !ended) {
        SIZE_T piece = PAGE - (at + count) % PAGE;
        char *larger = realloc(text, count + piece);
        if (!larger)
            abort();
        text = larger;
        if (!debuggee_read(debuggee, at + count, text + count, piece)) {
            free(text);
            return NULL;
        }
        count += piece;
        ended = wide ? wmemchr((WCHAR *)text, 0, count / sizeof(WCHAR)) != NULL
                     : memchr(text, 0, count) != NULL;
    }
    return wide || !text ? (WCHAR *)text : from_ansi(text);
}

BOOL debuggee_owns(const struct debuggee *debuggee, ULONG_PTR address)
{
    return address - debuggee->base < debuggee->size;
}
