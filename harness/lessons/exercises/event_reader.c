/* A solution of the exercise event: the reader waits until it is told. */
#include <windows.h>
#include <stdio.h>
#include <conio.h>
#include <tchar.h>
#ifdef _MSC_VER
#pragma comment(lib, "user32.lib")
#endif

#define BUF_SIZE 256
TCHAR szName[] = TEXT("Global\\MyFileMappingObject");
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

    hMapFile = OpenFileMapping(FILE_MAP_ALL_ACCESS, FALSE, szName);

    if (hMapFile == NULL) {
        _tprintf(TEXT("Could not open file mapping object (%d).\n"), (int)GetLastError());
        return 1;
    }

    pBuf = (LPTSTR)MapViewOfFile(hMapFile, FILE_MAP_ALL_ACCESS, 0, 0, BUF_SIZE);

    if (pBuf == NULL) {
        _tprintf(TEXT("Could not map view of file (%d).\n"), (int)GetLastError());

        CloseHandle(hMapFile);

        return 1;
    }

    WaitForSingleObject(hEvent, INFINITE);
    MessageBox(NULL, pBuf, TEXT("Process2"), MB_OK);

    UnmapViewOfFile(pBuf);

    CloseHandle(hMapFile);
    CloseHandle(hEvent);

    return 0;
}
