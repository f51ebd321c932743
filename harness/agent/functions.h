/* The traced functions: those that the documented pair calls, and those that a program might call
 * instead. Functions that the start-up code of every program calls (GetLastError, memory, locale)
 * are not traced.
 *
 * A row has the name, the number of arguments, a letter for the kind of each, and one for the kind
 * of the result. BOTH means two functions, with A and W after the name; CRT means a function of the
 * C run-time library. harness/driver/win32/calls.py reads this table, too, and formats numbers by
 * their kind. n, f, p, m, e, s, k, b and w are 32-bit numbers; the others have the size of a
 * pointer.
 *
 *     h handle                    n number                     s style of a message box
 *     a address                   f TRUE or FALSE              k key
 *     z size                      p protection (PAGE_READWRITE)        b button (IDOK)
 *     t text                      m access to a file mapping   w outcome of a wait
 *                                 e access to an event       v nothing
 *
 * What returns nothing waits for a time: it is never held, and a wait of 0 ms is not recorded.
 */
#pragma once

/* clang-format off */
#define FUNCTIONS(ONE, BOTH, CRT) \
    BOTH(CreateFileMapping, 6, "hapnnt", 'h') \
    BOTH(CreateFileMappingNuma, 7, "hapnntn", 'h') \
    BOTH(CreateFile, 7, "tnnannh", 'h') \
    BOTH(OpenFileMapping, 3, "mft", 'h') \
    ONE(MapViewOfFile, 5, "hmnnz", 'a') \
    ONE(MapViewOfFileEx, 6, "hmnnza", 'a') \
    ONE(MapViewOfFileExNuma, 7, "hmnnzan", 'a') \
    ONE(UnmapViewOfFile, 1, "a", 'f') \
    ONE(UnmapViewOfFileEx, 2, "an", 'f') \
    ONE(FlushViewOfFile, 2, "az", 'f') \
    ONE(CloseHandle, 1, "h", 'f') \
    ONE(DuplicateHandle, 7, "hhhanfn", 'f') \
    BOTH(CreateEvent, 4, "afft", 'h') \
    BOTH(CreateEventEx, 4, "atne", 'h') \
    BOTH(OpenEvent, 3, "eft", 'h') \
    BOTH(CreateMutex, 3, "aft", 'h') \
    BOTH(CreateMutexEx, 4, "atnn", 'h') \
    BOTH(OpenMutex, 3, "nft", 'h') \
    ONE(SetEvent, 1, "h", 'f') \
    ONE(ResetEvent, 1, "h", 'f') \
    ONE(PulseEvent, 1, "h", 'f') \
    ONE(ReleaseMutex, 1, "h", 'f') \
    ONE(WaitForSingleObject, 2, "hn", 'w') \
    ONE(WaitForSingleObjectEx, 3, "hnf", 'w') \
    ONE(WaitForMultipleObjects, 4, "nafn", 'w') \
    ONE(WaitForMultipleObjectsEx, 5, "nafnf", 'w') \
    ONE(SignalObjectAndWait, 4, "hhnf", 'w') \
    ONE(Sleep, 1, "n", 'v') \
    ONE(SleepEx, 2, "nf", 'v') \
    BOTH(MessageBox, 4, "htts", 'b') \
    BOTH(MessageBoxEx, 5, "httsn", 'b') \
    BOTH(MessageBoxIndirect, 1, "a", 'b') \
    BOTH(ReadConsole, 5, "hanaa", 'f') \
    BOTH(ReadConsoleInput, 4, "hana", 'f') \
    CRT(_getch, 0, "", 'k') \
    CRT(_getche, 0, "", 'k') \
    CRT(_getwch, 0, "", 'k') \
    CRT(_getwche, 0, "", 'k') \
    CRT(_kbhit, 0, "", 'k') \
    CRT(getch, 0, "", 'k') \
    CRT(getchar, 0, "", 'k') \
    CRT(getwchar, 0, "", 'k')
/* clang-format on */
