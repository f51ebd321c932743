/* Shared by changing_writer and changing_reader: a record that changes, and three ways to share it.
 * The record is consistent if both halves are the same. */
#pragma once
#include "../robust/robust.h"

#define RECORD_NAME L"Local\\NamedSharedMemory.Changing.Record"
#define MUTEX_NAME L"Local\\NamedSharedMemory.Changing.Mutex"

struct record {
    volatile LONG sequence; /* odd while the record changes */
    volatile LONG first;
    volatile LONG second;
};

enum way { NONE, SEQUENCE, MUTEX };

/* Returns the way that the first argument names, or exits with 1. */
static inline enum way way_of(int argc, char **argv)
{
    static const char *const names[] = {"none", "sequence", "mutex"};
    for (int way = NONE; argc > 1 && way <= MUTEX; way++)
        if (!strcmp(argv[1], names[way]))
            return (enum way)way;
    fprintf(stderr, "Give a way: none, sequence or mutex.\n");
    exit(1);
}

/* Opens the mutex, or creates it; returns NULL for the other ways. Exits with 1 if it fails. */
static inline HANDLE open_mutex(enum way way)
{
    if (way != MUTEX)
        return NULL;
    SECURITY_ATTRIBUTES security = only_me(SYNCHRONIZE | READ_CONTROL);
    HANDLE mutex = CreateMutexExW(&security, MUTEX_NAME, 0, SYNCHRONIZE);
    if (!mutex)
        exit(failed("open the mutex", GetLastError()));
    LocalFree(security.lpSecurityDescriptor);
    return mutex;
}
