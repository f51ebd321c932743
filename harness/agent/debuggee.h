/* The process under the debugger: its memory, its threads, their registers. All that differs
 * between x86_64 and i686 is in here and in gate.c. A program is traced by an agent of its own
 * width. */
#pragma once
#include <windows.h>

/* The instruction that stops the program; gate.h says why it is not int3. */
enum { HLT = 0xF4, NOP = 0x90 };

struct call;

struct thread {
    DWORD id;
    HANDLE handle; /* The system closes it. */
    ULONG_PTR teb;
    ULONGLONG let_go;  /* The number of the event after which it last ran. */
    unsigned frozen;   /* The set of reasons for which it is suspended. */
    struct call *call; /* The innermost that it is in. */
    struct thread *next;
};

struct debuggee {
    HANDLE process;
    ULONGLONG events;            /* How many there were. */
    ULONG_PTR base, size, entry; /* Of the program's own image; no entry once it has been there. */
    BYTE replaced[2];            /* By what makes it stop at its entry point, and only there. */
    struct thread *threads;
};

/* Takes in a debug event that is no exception: threads come and go, images are loaded. The program
 * is made to stop at its entry point, when its imports are bound. */
void debuggee_note(struct debuggee *debuggee, const DEBUG_EVENT *event);
/* Puts back what made it stop there. */
void debuggee_start(struct debuggee *debuggee);
void debuggee_free(struct debuggee *debuggee);
struct thread *debuggee_thread(const struct debuggee *debuggee, DWORD id);

/* Suspends all threads but one, so that it alone runs when the program is let go; and ends that. */
enum reason { PASSING = 1, FAILING = 2 };
void debuggee_freeze(struct debuggee *debuggee, const struct thread *but, enum reason reason);
void debuggee_thaw(struct debuggee *debuggee, enum reason reason);

BOOL debuggee_read(const struct debuggee *debuggee, ULONG_PTR at, void *to, SIZE_T size);
/* Writes whatever the protection of the page. */
BOOL debuggee_patch(const struct debuggee *debuggee, ULONG_PTR at, const void *from, SIZE_T size);
/* Puts one byte of code in the place of another, and tells which that was. */
BOOL debuggee_replace(const struct debuggee *debuggee, ULONG_PTR at, BYTE code, BYTE *replaced);
/* The string there, converted from ANSI if need be, or NULL; to be freed. */
WCHAR *debuggee_text(const struct debuggee *debuggee, ULONG_PTR at, BOOL wide);
/* Whether the address lies in the program's own image. */
BOOL debuggee_owns(const struct debuggee *debuggee, ULONG_PTR address);

BOOL debuggee_context(const struct thread *thread, CONTEXT *context);
ULONG_PTR debuggee_place(const CONTEXT *context);
/* At the first instruction of a function: */
ULONG_PTR debuggee_stack(const CONTEXT *context);
ULONG_PTR debuggee_return_address(const struct debuggee *debuggee, const CONTEXT *context);
ULONG_PTR debuggee_argument(const struct debuggee *debuggee, const CONTEXT *context, int number);
/* Where the stack is after its return, if that address was at `stack` and so many arguments are
 * taken off; and the result. */
ULONG_PTR debuggee_stack_after(ULONG_PTR stack, int popped);
ULONG_PTR debuggee_result(const CONTEXT *context);

/* Whether both addresses lie in the stack that the thread uses now, and not in that of a fiber. */
BOOL debuggee_on_stack(const struct debuggee *debuggee, const struct thread *thread, ULONG_PTR one,
                       ULONG_PTR other);
DWORD debuggee_last_error(const struct debuggee *debuggee, const struct thread *thread);
void debuggee_set_last_error(const struct debuggee *debuggee, const struct thread *thread,
                             DWORD error);
