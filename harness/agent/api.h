/* The Win32 and CRT functions that a trace reports. */
#pragma once
#include <windows.h>

enum { MOST_ARGUMENTS = 8 };

/* One letter an argument: n as wide as a pointer, d a DWORD or int, a an ANSI string, w a wide
 * string. */
struct api {
    const char *name, *arguments;
    char result;
    BOOL caller_pops; /* The C calling convention: its arguments stay on an i686 stack. */
};

/* The row of that name, or NULL for a function that nobody asks about. */
const struct api *api_find(const char *name);
/* The first row of that name without A or W, or NULL. */
const struct api *api_function(const WCHAR *name);
/* Whether both are the same function, be it for one character set or the other. */
BOOL api_same(const struct api *one, const struct api *other);
/* The arguments that it takes off the stack of an i686. */
int api_popped(const struct api *api);
