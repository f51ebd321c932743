/* A solution of the exercises event and limit: the reader waits up to five seconds for the event,
 * and only then opens the file mapping object. */
#include <windows.h>
#include <stdio.h>
#include <tchar.h>
#ifdef _MSC_VER
#pragma comment(lib, "user32.lib")
#endif

#define BUF_SIZE 256
#define LIMIT 5 /* seconds */
TCHAR szName[] = TEXT("Global\\MyFileMappingObject");
TCHAR szEvent[] = TEXT("Global\\MyFileMappingReady");

/* Waits for the event. Returns TRUE if it was set in time; otherwise prints what went wrong. */
static BOOL WaitForMessage(HANDLE hEvent)
{
    switch (WaitForSingleObject(hEvent, LIMIT * 1000)) {
    case WAIT_OBJECT_0:
        return TRUE;
    case WAIT_TIMEOUT:
        _tprintf(TEXT("No message within %d s.\n"), LIMIT);
        return FALSE;
    default:
        _tprintf(TEXT("Could not wait (%d).\n"), (int)GetLastError());
        return FALSE;
    }
}

/* Opens the writer's object and shows the message. Returns the exit code. */
static int ShowMessage(void)
{
    HANDLE hMapFile;
    LPCTSTR pBuf;

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

    MessageBox(NULL, pBuf, TEXT("Process2"), MB_OK);
    UnmapViewOfFile(pBuf);
    CloseHandle(hMapFile);
    return 0;
}

int _tmain(void)
{
    HANDLE hEvent;
    int code = 1;

    /* The program that starts first creates the event; the other one opens it. */
    hEvent = CreateEvent(NULL, TRUE, FALSE, szEvent);
    if (hEvent == NULL) {
        _tprintf(TEXT("Could not create event (%d).\n"), (int)GetLastError());
        return 1;
    }

    if (WaitForMessage(hEvent))
        code = ShowMessage();
    CloseHandle(hEvent);
    return code;
}
