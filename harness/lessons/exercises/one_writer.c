/* A solution of the exercise one-writer: the writer leaves an existing object alone. */
#include "solution.h"

int _tmain(void)
{
    HANDLE hMapFile;
    LPTSTR pBuf;

    hMapFile = CreateFileMapping(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, BUF_SIZE, szName);
    if (hMapFile == NULL)
        return Failed(TEXT("create file mapping object"));

    /* Ask at once: the next call may change the last error. */
    if (GetLastError() == ERROR_ALREADY_EXISTS) {
        _tprintf(TEXT("The name is in use.\n"));
        CloseHandle(hMapFile); /* otherwise the name would outlive its owner */
        return 1;
    }

    pBuf = MapView(hMapFile, FILE_MAP_ALL_ACCESS);
    if (pBuf == NULL)
        return 1;

    CopyMemory(pBuf, szMsg, _tcslen(szMsg) * sizeof(TCHAR));
    _getch();
    UnmapViewOfFile(pBuf);
    CloseHandle(hMapFile);
    return 0;
}
