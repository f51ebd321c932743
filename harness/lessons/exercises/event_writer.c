/* A solution of the exercise event: the writer sets the event when its message is
 * complete, and keeps both objects until a key is pressed. */
#include <windows.h>
#include <stdio.h>
#include <conio.h>
#include <tchar.h>

#define BUF_SIZE 256
TCHAR szName[] = TEXT("Global\\MyFileMappingObject");
TCHAR szMsg[] = TEXT("Message from first process.");
TCHAR szEvent[] = TEXT("Global\\MyFileMappingReady");

int _tmain(void)
{
    HANDLE hMapFile, hEvent;
    LPCTSTR pBuf;

    hEvent = CreateEvent(NULL, TRUE, FALSE, szEvent);
    if (hEvent == NULL) {
        _tprintf(TEXT("Could not create event (%d).\n"), (int)GetLastError());
        return 1;
    }

    hMapFile = CreateFileMapping(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, BUF_SIZE, szName);
    if (hMapFile == NULL) {
        _tprintf(TEXT("Could not create file mapping object (%d).\n"), (int)GetLastError());
        CloseHandle(hEvent);
        return 1;
    }

    pBuf = (LPTSTR)MapViewOfFile(hMapFile, FILE_MAP_ALL_ACCESS, 0, 0, BUF_SIZE);
    if (pBuf == NULL) {
        _tprintf(TEXT("Could not map view of file (%d).\n"), (int)GetLastError());
        CloseHandle(hMapFile);
        CloseHandle(hEvent);
        return 1;
    }

    CopyMemory((PVOID)pBuf, szMsg, (_tcslen(szMsg) * sizeof(TCHAR)));

    /* A reader that waited for the event finds the complete message: neither the compiler nor the
     * processor moves the copy past this call. */
    SetEvent(hEvent);
    _getch();
    /* Otherwise a later reader would not wait, although the message is gone. */
    ResetEvent(hEvent);
    UnmapViewOfFile(pBuf);
    CloseHandle(hMapFile);
    CloseHandle(hEvent);
    return 0;
}
