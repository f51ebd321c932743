/* The process under the debugger: its memory, its imports, its registers. All that differs
 * between x86_64 and i686 is in here. A program is traced by an agent of its own width. */
#pragma once
#include <windows.h>

enum { BREAKPOINT = 0xCC, MOST_THREADS = 64 };

struct debuggee {
    HANDLE process;
    ULONG_PTR base, size; /* Of the program's own image. */
    struct {
        DWORD id;
        HANDLE handle;
        ULONG_PTR teb;
    } threads[MOST_THREADS];
};

/* Takes in a debug event that is no exception: threads come and go, images are loaded. */
void debuggee_note(struct debuggee *debuggee, const DEBUG_EVENT *event);
HANDLE debuggee_thread(const struct debuggee *debuggee, DWORD id);

BOOL debuggee_read(const struct debuggee *debuggee, ULONG_PTR at, void *to, SIZE_T size);
/* Writes whatever the protection of the page. */
BOOL debuggee_patch(const struct debuggee *debuggee, ULONG_PTR at, const void *from, SIZE_T size);
/* The string there, converted from ANSI if need be, or NULL; to be freed. */
WCHAR *debuggee_text(const struct debuggee *debuggee, ULONG_PTR at, BOOL wide);
/* Whether the address lies in the program's own image. */
BOOL debuggee_owns(const struct debuggee *debuggee, ULONG_PTR address);
/* A new page in which every byte is a breakpoint, or 0. */
ULONG_PTR debuggee_page_of_breakpoints(const struct debuggee *debuggee);
typedef void import_visitor(const char *name, ULONG_PTR slot, ULONG_PTR function, void *argument);
/* Calls `visit` with each function that the image imports by a name of reasonable length, its slot
 * in the import table and the address that the loader has put there. */
void debuggee_imports(const struct debuggee *debuggee, import_visitor *visit, void *argument);

/* At the first instruction of a function: */
ULONG_PTR debuggee_return_address(const struct debuggee *debuggee, const CONTEXT *context);
ULONG_PTR debuggee_argument(const struct debuggee *debuggee, const CONTEXT *context, int number);
/* Makes the function return at once with `result`, taking `popped` arguments off the stack. */
void debuggee_return(CONTEXT *context, ULONG_PTR address, ULONG_PTR result, int popped);
/* At its return: */
ULONG_PTR debuggee_result(const CONTEXT *context);

void debuggee_set_pc(CONTEXT *context, ULONG_PTR address);
DWORD debuggee_last_error(const struct debuggee *debuggee, DWORD thread);
void debuggee_set_last_error(const struct debuggee *debuggee, DWORD thread, DWORD error);
