/* The threads of the process under the debugger; see threads.h. */
#include "threads.h"
#include "agent.h"
#include "memory.h"

#include <stdlib.h>

#ifdef _WIN64
#define IP Rip
#define SP Rsp
#define RESULT Rax
#else
#define IP Eip
#define SP Esp
#define RESULT Eax
#endif

enum { TRAP_FLAG = 0x100, TEB_LAST_ERROR = sizeof(void *) == 8 ? 0x68 : 0x34 };

void threads_add(struct thread **threads, DWORD id, HANDLE handle, void *teb)
{
    struct thread *thread = allocate(sizeof *thread);
    thread->id = id;
    thread->handle = handle;
    thread->teb = (ULONG_PTR)teb;
    thread->next = *threads;
    *threads = thread;
}

void threads_remove(struct thread **threads, DWORD id)
{
    while (*threads && (*threads)->id != id)
        threads = &(*threads)->next;
    struct thread *thread = *threads;
    if (thread) {
        *threads = thread->next;
        free(thread);
    }
}

struct thread *threads_find(struct thread *threads, DWORD id)
{
    while (threads && threads->id != id)
        threads = threads->next;
    return threads;
}

void threads_freeze(struct thread *threads, const struct thread *but, enum reason reason)
{
    for (struct thread *thread = threads; thread; thread = thread->next)
        if (thread != but && SuspendThread(thread->handle) != (DWORD)-1)
            thread->frozen |= reason;
}

void threads_thaw(struct thread *threads, enum reason reason)
{
    for (struct thread *thread = threads; thread; thread = thread->next)
        if (thread->frozen & reason) {
            ResumeThread(thread->handle);
            thread->frozen &= ~(unsigned)reason;
        }
}

BOOL thread_context(const struct thread *thread, CONTEXT *context)
{
    context->ContextFlags = CONTEXT_CONTROL | CONTEXT_INTEGER;
    return GetThreadContext(thread->handle, context);
}

void thread_step(struct thread *thread)
{
    CONTEXT context;
    if (!thread_context(thread, &context))
        return;
    context.EFlags |= TRAP_FLAG;
    thread->steps = SetThreadContext(thread->handle, &context);
}

ULONG_PTR thread_place(const CONTEXT *context)
{
    return context->IP;
}

ULONG_PTR thread_stack(const CONTEXT *context)
{
    return context->SP;
}

ULONG_PTR thread_return_address(HANDLE process, const CONTEXT *context)
{
    ULONG_PTR address = 0;
    memory_read(process, context->SP, &address, sizeof address);
    return address;
}

ULONG_PTR thread_argument(HANDLE process, const CONTEXT *context, int number)
{
    ULONG_PTR value = 0;
#ifdef _WIN64
    const DWORD64 registers[] = {context->Rcx, context->Rdx, context->R8, context->R9};
    if (number < 4)
        return registers[number];
#endif
    memory_read(process, context->SP + sizeof value * (ULONG_PTR)(number + 1), &value,
                sizeof value);
    return value;
}

ULONG_PTR thread_stack_after(ULONG_PTR stack, int popped)
{
#ifdef _WIN64
    popped = 0; /* The caller keeps the stack. */
#endif
    return stack + sizeof stack * (ULONG_PTR)(1 + popped);
}

ULONG_PTR thread_result(const CONTEXT *context)
{
    return context->RESULT;
}

BOOL thread_on_stack(HANDLE process, const struct thread *thread, ULONG_PTR one, ULONG_PTR other)
{
    NT_TIB tib;
    if (!memory_read(process, thread->teb, &tib, sizeof tib))
        return FALSE;
    ULONG_PTR low = (ULONG_PTR)tib.StackLimit, size = (ULONG_PTR)tib.StackBase - low;
    return one - low < size && other - low < size;
}

DWORD thread_last_error(HANDLE process, const struct thread *thread)
{
    DWORD error = 0;
    memory_read(process, thread->teb + TEB_LAST_ERROR, &error, sizeof error);
    return error;
}

void thread_set_last_error(HANDLE process, const struct thread *thread, DWORD error)
{
    memory_write(process, thread->teb + TEB_LAST_ERROR, &error, sizeof error);
}
