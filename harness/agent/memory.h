/* The memory of another process, at addresses of its own. */
#pragma once
#include <windows.h>

BOOL memory_read(HANDLE process, ULONG_PTR at, void *to, SIZE_T size);

/* Writes to pages as they are protected. */
BOOL memory_write(HANDLE process, ULONG_PTR at, const void *from, SIZE_T size);
