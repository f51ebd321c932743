/* The threads of the process under the debugger, and their registers. */
#pragma once
#include <windows.h>

struct call;

struct thread {
    DWORD id;
    HANDLE handle; /* The system closes it. */
    ULONG_PTR teb;
    ULONGLONG let_go;  /* The number of the event after which it last ran. */
    BOOL steps;        /* It was let go for one instruction, and has not yet stopped after it. */
    unsigned frozen;   /* The set of reasons for which it is suspended. */
    struct call *call; /* The innermost that it is in. */
    struct thread *next;
};

void threads_add(struct thread **threads, DWORD id, HANDLE handle, void *teb);
void threads_remove(struct thread **threads, DWORD id);
struct thread *threads_find(struct thread *threads, DWORD id);

/* Suspends all threads but one, so that it alone runs when the program is let go; and ends that. */
enum reason { PASSING = 1, FAILING = 2 };
void threads_freeze(struct thread *threads, const struct thread *but, enum reason reason);
void threads_thaw(struct thread *threads, enum reason reason);

BOOL thread_context(const struct thread *thread, CONTEXT *context);
/* Has the thread stop again after its next instruction, where that can be had; returns.h says where
 * not. */
void thread_step(struct thread *thread);
ULONG_PTR thread_place(const CONTEXT *context);
/* At the first instruction of a function: */
ULONG_PTR thread_stack(const CONTEXT *context);
ULONG_PTR thread_return_address(HANDLE process, const CONTEXT *context);
ULONG_PTR thread_argument(HANDLE process, const CONTEXT *context, int number);
/* Where the stack is after its return, if that address was at `stack` and so many arguments are
 * taken off; and the result. */
ULONG_PTR thread_stack_after(ULONG_PTR stack, int popped);
ULONG_PTR thread_result(const CONTEXT *context);

/* Whether both addresses lie in the stack that the thread uses now, and not in that of a fiber. */
BOOL thread_on_stack(HANDLE process, const struct thread *thread, ULONG_PTR one, ULONG_PTR other);
DWORD thread_last_error(HANDLE process, const struct thread *thread);
void thread_set_last_error(HANDLE process, const struct thread *thread, DWORD error);
