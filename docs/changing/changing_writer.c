/* changing_writer: shares a record with changing_reader and changes it as you type.
 *
 *   changing_writer none|sequence|mutex
 *
 * Each pair of keys is a new record: the first key for one half, the second for the other. Escape
 * as a first key ends the program. Exits with 1 if it could not share the record. */
#include "changing.h"
#include <conio.h>

enum { ESCAPE = 27 };

/* Changes one half, waits for a key, and changes the other half. A real program has both halves
 * ready before it begins; this one takes its time so that you can look at half a change. */
static void change(struct record *record, enum way way, LONG key)
{
    if (way == SEQUENCE)
        InterlockedIncrement(&record->sequence); /* odd, before anything changes */
    record->first = key;
    record->second = _getch();
    if (way == SEQUENCE)
        InterlockedIncrement(&record->sequence); /* even, after everything has changed */
}

/* Changes the record until Escape is pressed. The mutex is only ever held for one change. */
static int serve(struct record *record, enum way way, HANDLE mutex)
{
    for (int key = _getch(); key != ESCAPE; key = _getch()) {
        if (mutex && WaitForSingleObject(mutex, INFINITE) == WAIT_FAILED)
            return failed("wait for the mutex", GetLastError());
        change(record, way, key);
        if (mutex)
            ReleaseMutex(mutex);
    }
    return 0;
}

int main(int argc, char **argv)
{
    enum way way = way_of(argc, argv);
    HANDLE mutex = open_mutex(way);
    SECURITY_ATTRIBUTES security = only_me(FILE_MAP_READ | READ_CONTROL);
    HANDLE mapping = CreateFileMappingW(INVALID_HANDLE_VALUE, &security, PAGE_READWRITE, 0,
                                        sizeof(struct record), RECORD_NAME);
    DWORD error = GetLastError();
    struct record *record = NULL;
    int code = 0;
    if (!mapping || error == ERROR_ALREADY_EXISTS)
        code = failed("create the record (is another writer running?)", error);
    else if (!(record = MapViewOfFile(mapping, FILE_MAP_WRITE, 0, 0, sizeof *record)))
        code = failed("map the record", GetLastError());
    else
        code = serve(record, way, mutex);
    if (record)
        UnmapViewOfFile(record);
    if (mapping)
        CloseHandle(mapping);
    if (mutex)
        CloseHandle(mutex);
    LocalFree(security.lpSecurityDescriptor);
    return code;
}
