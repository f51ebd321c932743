/* Reads and writes the memory of another process; see memory.h. */
#include "memory.h"

#include <winternl.h>

NTSTATUS NTAPI NtWriteVirtualMemory(HANDLE, void *, const void *, SIZE_T, SIZE_T *);

BOOL memory_read(HANDLE process, ULONG_PTR at, void *to, SIZE_T size)
{
    return ReadProcessMemory(process, (const void *)at, to, size, NULL);
}

BOOL memory_write(HANDLE process, ULONG_PTR at, const void *from, SIZE_T size)
{
    /* WriteProcessMemory looks at the protection first. Wine 10.0 has the other process tell it,
     * and waits for ever if that is killed meanwhile. */
    return NtWriteVirtualMemory(process, (void *)at, from, size, NULL) >= 0;
}
