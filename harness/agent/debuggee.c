/* The process under the debugger; see debuggee.h. */
#include "debuggee.h"
#include "agent.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#ifdef _WIN64
#define IP Rip
#define SP Rsp
#define RESULT Rax
enum { TEB_LAST_ERROR = 0x68, TEB_PEB = 0x60 };
#else
#define IP Eip
#define SP Esp
#define RESULT Eax
enum { TEB_LAST_ERROR = 0x34, TEB_PEB = 0x30 };
#endif

enum { PAGE = 4096, PEB_BEING_DEBUGGED = 2 };

static void add_thread(struct debuggee *debuggee, DWORD id, HANDLE handle, void *teb)
{
    struct thread *thread = allocate(sizeof *thread);
    thread->id = id;
    thread->handle = handle;
    thread->teb = (ULONG_PTR)teb;
    thread->next = debuggee->threads;
    debuggee->threads = thread;
}

static void remove_thread(struct debuggee *debuggee, DWORD id)
{
    struct thread **place = &debuggee->threads, *thread;
    while ((thread = *place) && thread->id != id)
        place = &thread->next;
    if (thread) {
        *place = thread->next;
        free(thread);
    }
}

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
    debuggee->entry = base + nt.OptionalHeader.AddressOfEntryPoint;
    debuggee_replace(debuggee, debuggee->entry, HLT, &debuggee->replaced[0]);
}

/* Before anything has run in the process: where its environment block says that it is debugged,
 * the loader of Windows gives it another heap, with other bytes in fresh memory. The system itself
 * does not look there, but Wine does, and would pass on no exception. */
static void hide(const struct debuggee *debuggee, ULONG_PTR teb)
{
    ULONG_PTR peb;
    BYTE no = 0;
    if (!GetProcAddress(GetModuleHandleW(L"ntdll"), "wine_get_version") &&
        debuggee_read(debuggee, teb + TEB_PEB, &peb, sizeof peb))
        debuggee_patch(debuggee, peb + PEB_BEING_DEBUGGED, &no, sizeof no);
}

void debuggee_note(struct debuggee *debuggee, const DEBUG_EVENT *event)
{
    if (event->dwDebugEventCode == CREATE_PROCESS_DEBUG_EVENT) {
        const CREATE_PROCESS_DEBUG_INFO *info = &event->u.CreateProcessInfo;
        note_image(debuggee, (ULONG_PTR)info->lpBaseOfImage);
        add_thread(debuggee, event->dwThreadId, info->hThread, info->lpThreadLocalBase);
        hide(debuggee, (ULONG_PTR)info->lpThreadLocalBase);
        if (info->hFile)
            CloseHandle(info->hFile);
    } else if (event->dwDebugEventCode == CREATE_THREAD_DEBUG_EVENT) {
        add_thread(debuggee, event->dwThreadId, event->u.CreateThread.hThread,
                   event->u.CreateThread.lpThreadLocalBase);
    } else if (event->dwDebugEventCode == EXIT_THREAD_DEBUG_EVENT) {
        remove_thread(debuggee, event->dwThreadId);
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
    debuggee_patch(debuggee, loader_breakpoint(), &debuggee->replaced[1], 1);
    debuggee->entry = 0;
}

void debuggee_free(struct debuggee *debuggee)
{
    while (debuggee->threads)
        remove_thread(debuggee, debuggee->threads->id);
}

struct thread *debuggee_thread(const struct debuggee *debuggee, DWORD id)
{
    struct thread *thread = debuggee->threads;
    while (thread && thread->id != id)
        thread = thread->next;
    return thread;
}

void debuggee_freeze(struct debuggee *debuggee, const struct thread *but, enum reason reason)
{
    for (struct thread *thread = debuggee->threads; thread; thread = thread->next)
        if (thread != but && SuspendThread(thread->handle) != (DWORD)-1)
            thread->frozen |= reason;
}

void debuggee_thaw(struct debuggee *debuggee, enum reason reason)
{
    for (struct thread *thread = debuggee->threads; thread; thread = thread->next)
        if (thread->frozen & reason) {
            ResumeThread(thread->handle);
            thread->frozen &= ~(unsigned)reason;
        }
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

BOOL debuggee_context(const struct thread *thread, CONTEXT *context)
{
    context->ContextFlags = CONTEXT_CONTROL | CONTEXT_INTEGER;
    return GetThreadContext(thread->handle, context);
}

ULONG_PTR debuggee_place(const CONTEXT *context)
{
    return context->IP;
}

ULONG_PTR debuggee_stack(const CONTEXT *context)
{
    return context->SP;
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

ULONG_PTR debuggee_stack_after(ULONG_PTR stack, int popped)
{
#ifdef _WIN64
    popped = 0; /* The caller keeps the stack. */
#endif
    return stack + sizeof stack * (ULONG_PTR)(1 + popped);
}

ULONG_PTR debuggee_result(const CONTEXT *context)
{
    return context->RESULT;
}

BOOL debuggee_on_stack(const struct debuggee *debuggee, const struct thread *thread, ULONG_PTR one,
                       ULONG_PTR other)
{
    NT_TIB tib;
    if (!debuggee_read(debuggee, thread->teb, &tib, sizeof tib))
        return FALSE;
    ULONG_PTR low = (ULONG_PTR)tib.StackLimit, size = (ULONG_PTR)tib.StackBase - low;
    return one - low < size && other - low < size;
}

DWORD debuggee_last_error(const struct debuggee *debuggee, const struct thread *thread)
{
    DWORD error = 0;
    debuggee_read(debuggee, thread->teb + TEB_LAST_ERROR, &error, sizeof error);
    return error;
}

void debuggee_set_last_error(const struct debuggee *debuggee, const struct thread *thread,
                             DWORD error)
{
    debuggee_patch(debuggee, thread->teb + TEB_LAST_ERROR, &error, sizeof error);
}
