/* The Win32 and CRT functions that a trace reports. */
#pragma once
#include <windows.h>

/* One letter an argument: n as wide as a pointer, d a DWORD or int, a an ANSI string, w a wide
 * string. */
struct api {
    const char *name, *arguments;
    char result;
    BOOL caller_pops; /* The C calling convention: its arguments stay on an i686 stack. */
};

/* The row of that name, or NULL for a function that nobody asks about. */
const struct api *api_find(const char *name);
