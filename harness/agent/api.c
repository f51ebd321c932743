/* The table of api.h: what the documented pair calls, and what a program might call instead.
 * What every start-up code calls (GetLastError, memory, locale) is left out on purpose. */
#include "api.h"

#include <string.h>

static const struct api table[] = {
    {"CreateFileMappingA", "nnddda", 'n', FALSE},
    {"CreateFileMappingW", "nndddw", 'n', FALSE},
    {"CreateFileMappingNumaA", "nndddad", 'n', FALSE},
    {"CreateFileMappingNumaW", "nndddwd", 'n', FALSE},
    {"CreateFileA", "addnddn", 'n', FALSE},
    {"CreateFileW", "wddnddn", 'n', FALSE},
    {"OpenFileMappingA", "dda", 'n', FALSE},
    {"OpenFileMappingW", "ddw", 'n', FALSE},
    {"MapViewOfFile", "ndddn", 'n', FALSE},
    {"MapViewOfFileEx", "ndddnn", 'n', FALSE},
    {"UnmapViewOfFile", "n", 'd', FALSE},
    {"FlushViewOfFile", "nn", 'd', FALSE},
    {"CloseHandle", "n", 'd', FALSE},
    {"DuplicateHandle", "nnnnddd", 'd', FALSE},
    {"CreateEventA", "ndda", 'n', FALSE},
    {"CreateEventW", "nddw", 'n', FALSE},
    {"CreateEventExA", "nadd", 'n', FALSE},
    {"CreateEventExW", "nwdd", 'n', FALSE},
    {"OpenEventA", "dda", 'n', FALSE},
    {"OpenEventW", "ddw", 'n', FALSE},
    {"CreateMutexA", "nda", 'n', FALSE},
    {"CreateMutexW", "ndw", 'n', FALSE},
    {"OpenMutexA", "dda", 'n', FALSE},
    {"OpenMutexW", "ddw", 'n', FALSE},
    {"WaitForSingleObject", "nd", 'd', FALSE},
    {"SetEvent", "n", 'd', FALSE},
    {"ResetEvent", "n", 'd', FALSE},
    {"ReleaseMutex", "n", 'd', FALSE},
    {"MessageBoxA", "naad", 'd', FALSE},
    {"MessageBoxW", "nwwd", 'd', FALSE},
    {"MessageBoxExA", "naadd", 'd', FALSE},
    {"MessageBoxExW", "nwwdd", 'd', FALSE},
    {"MessageBoxIndirectA", "n", 'd', FALSE},
    {"MessageBoxIndirectW", "n", 'd', FALSE},
    {"ReadConsoleA", "nndnn", 'd', FALSE},
    {"ReadConsoleW", "nndnn", 'd', FALSE},
    {"ReadConsoleInputA", "nndn", 'd', FALSE},
    {"ReadConsoleInputW", "nndn", 'd', FALSE},
    {"_getch", "", 'd', TRUE},
    {"_getche", "", 'd', TRUE},
    {"_getwch", "", 'd', TRUE},
    {"_getwche", "", 'd', TRUE},
    {"_kbhit", "", 'd', TRUE},
    {"getch", "", 'd', TRUE},
    {"getchar", "", 'd', TRUE},
    {"getwchar", "", 'd', TRUE},
};

const struct api *api_find(const char *name)
{
    for (size_t i = 0; i < ARRAYSIZE(table); i++)
        if (!strcmp(table[i].name, name))
            return &table[i];
    return NULL;
}

/* The length of a name without the A or W of its character set. */
static size_t bare_length(const char *name)
{
    size_t length = strlen(name);
    return length && (name[length - 1] == 'A' || name[length - 1] == 'W') ? length - 1 : length;
}

BOOL api_same(const struct api *one, const struct api *other)
{
    size_t length = bare_length(one->name);
    return length == bare_length(other->name) && !strncmp(one->name, other->name, length);
}

const struct api *api_function(const WCHAR *name)
{
    for (size_t i = 0; i < ARRAYSIZE(table); i++) {
        size_t length = 0, bare = bare_length(table[i].name);
        while (length < bare && name[length] == (WCHAR)table[i].name[length])
            length++;
        if (length == bare && !name[length])
            return &table[i];
    }
    return NULL;
}

int api_popped(const struct api *api)
{
    return api->caller_pops ? 0 : (int)strlen(api->arguments);
}
