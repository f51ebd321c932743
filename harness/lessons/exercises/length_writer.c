/* A solution of the exercise length: the size of the text, in bytes, precedes the text. */
#include <windows.h>
#include <stdio.h>
#include <conio.h>
#include <tchar.h>

#define BUF_SIZE 256
TCHAR szName[] = TEXT("Global\\MyFileMappingObject");
TCHAR szMsg[] = TEXT("Message from first process.");

int _tmain(void)
{
    HANDLE hMapFile;
    DWORD *pBuf;
    DWORD size = (DWORD)(_tcslen(szMsg) * sizeof(TCHAR));

    hMapFile = CreateFileMapping(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, BUF_SIZE, szName);
    if (hMapFile == NULL) {
        _tprintf(TEXT("Could not create file mapping object (%d).\n"), (int)GetLastError());
        return 1;
    }

    pBuf = (DWORD *)MapViewOfFile(hMapFile, FILE_MAP_ALL_ACCESS, 0, 0, BUF_SIZE);
    if (pBuf == NULL) {
        _tprintf(TEXT("Could not map view of file (%d).\n"), (int)GetLastError());
        CloseHandle(hMapFile);
        return 1;
    }

    /* The compiler may reorder these two, so the length does not mean that the text is complete.
     * For that, use an event: see the exercise event. */
    CopyMemory(pBuf + 1, szMsg, size);
    *pBuf = size;
    _getch();
    UnmapViewOfFile(pBuf);
    CloseHandle(hMapFile);
    return 0;
}
