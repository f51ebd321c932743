/* The process under the debugger: its memory, and what its debug events tell. A program is traced
 * by an agent of its own architecture; all that differs between x86_64 and i686 is in threads.c and
 * gate.c. */
#pragma once
#include "threads.h"

/* The instruction that stops the program; gate.h says why it is not int3. */
enum { HLT = 0xF4, NOP = 0x90 };

struct debuggee {
    HANDLE process;
    ULONGLONG events;            /* How many there were. */
    ULONG_PTR base, size, entry; /* Of the program's own image; no entry once it was there. */
    BYTE replaced[2];            /* By what makes it stop at its entry point, and only there. */
    struct thread *threads;
};

/* Takes in a debug event that is no exception: threads come and go, images are loaded. The program
 * is made to stop at its entry point, when its imports are bound. */
void debuggee_note(struct debuggee *debuggee, const DEBUG_EVENT *event);
/* Puts back what made it stop there. */
void debuggee_start(struct debuggee *debuggee);
BOOL debuggee_read(const struct debuggee *debuggee, ULONG_PTR at, void *to, SIZE_T size);
/* Writes whatever the protection of the page. */
BOOL debuggee_patch(const struct debuggee *debuggee, ULONG_PTR at, const void *from, SIZE_T size);
/* Replaces one byte of code and returns the byte that was there. */
BOOL debuggee_replace(const struct debuggee *debuggee, ULONG_PTR at, BYTE code, BYTE *replaced);
/* The string there, converted from ANSI if need be, or NULL; to be freed. */
WCHAR *debuggee_text(const struct debuggee *debuggee, ULONG_PTR at, BOOL wide);
/* Whether the address lies in the program's own image. */
BOOL debuggee_owns(const struct debuggee *debuggee, ULONG_PTR address);
