/* changing_reader: prints the record of changing_writer.
 *
 *   changing_reader none|sequence|mutex [MILLISECONDS [READS]]
 *
 * Tries at most that long (default: 1,000). With READS, reads that often and prints the time of one
 * read. Exits with 1 if there is nothing to print. */
#include "changing.h"

/* Copies the record. Returns FALSE if it kept changing until `end`: its writer may have died. */
static BOOL copy_in_sequence(const struct record *record, struct record *copy, ULONGLONG end)
{
    for (;; SwitchToThread()) {
        copy->sequence = record->sequence;
        MemoryBarrier(); /* nothing below is read before it */
        copy->first = record->first;
        copy->second = record->second;
        MemoryBarrier(); /* nothing above is read after it */
        if (copy->sequence % 2 == 0 && record->sequence == copy->sequence)
            return TRUE;
        if (GetTickCount64() >= end)
            return FALSE;
    }
}

/* Copies the record in one of the three ways. Returns what is wrong, with the last error set, or
 * NULL. If the writer died during a change, this reader now owns the mutex: it should repair or
 * mark the record, because the next owner of the mutex does not get WAIT_ABANDONED. */
static const char *copy_record(const struct record *record, struct record *copy, enum way way,
                               HANDLE mutex, DWORD milliseconds)
{
    DWORD waited = mutex ? WaitForSingleObject(mutex, milliseconds) : WAIT_OBJECT_0;
    if (waited == WAIT_TIMEOUT)
        SetLastError(ERROR_TIMEOUT);
    if (waited == WAIT_TIMEOUT || waited == WAIT_FAILED)
        return "get the mutex";
    if (way == SEQUENCE) {
        BOOL copied = copy_in_sequence(record, copy, GetTickCount64() + milliseconds);
        SetLastError(ERROR_TIMEOUT);
        return copied ? NULL : "read the record (it kept changing)";
    }
    copy->first = record->first;
    copy->second = record->second;
    if (mutex)
        ReleaseMutex(mutex);
    SetLastError(ERROR_INVALID_DATA);
    return waited == WAIT_ABANDONED ? "use the record (its writer died while it changed it)" : NULL;
}

/* Prints the record, or the time of each of `reads` reads. */
static int show(const struct record *record, enum way way, HANDLE mutex, DWORD milliseconds,
                DWORD reads)
{
    struct record copy = {0};
    LARGE_INTEGER frequency, begin, end;
    QueryPerformanceFrequency(&frequency);
    QueryPerformanceCounter(&begin);
    for (DWORD read = 0; !read || read < reads; read++) {
        const char *wrong = copy_record(record, &copy, way, mutex, milliseconds);
        if (wrong)
            return failed(wrong, GetLastError());
    }
    QueryPerformanceCounter(&end);
    if (reads)
        printf("%.1f ns for each of %lu reads\n",
               (double)(end.QuadPart - begin.QuadPart) * 1e9 / (double)frequency.QuadPart / reads,
               reads);
    else
        printf("%c%c%s\n", copy.first ? (int)copy.first : '-', copy.second ? (int)copy.second : '-',
               copy.first == copy.second ? "" : ": half of a change");
    return 0;
}

int main(int argc, char **argv)
{
    enum way way = way_of(argc, argv);
    DWORD milliseconds = argc > 2 ? strtoul(argv[2], NULL, 10) : 1000;
    DWORD reads = argc > 3 ? strtoul(argv[3], NULL, 10) : 0;
    HANDLE mutex = open_mutex(way);
    HANDLE mapping = OpenFileMappingW(FILE_MAP_READ, FALSE, RECORD_NAME);
    const struct record *record = NULL;
    int code = 0;
    if (!mapping)
        code = failed("open the record (is its writer running?)", GetLastError());
    else if (!(record = MapViewOfFile(mapping, FILE_MAP_READ, 0, 0, sizeof *record)))
        code = failed("map the record", GetLastError());
    else
        code = show(record, way, mutex, milliseconds, reads);
    if (record)
        UnmapViewOfFile(record);
    if (mapping)
        CloseHandle(mapping);
    if (mutex)
        CloseHandle(mutex);
    return code;
}
