/* A solution of the exercises event and limit: the reader waits up to five seconds for the event,
 * and only then opens the file mapping object. */
#include "solution.h"

#define LIMIT 5 /* seconds */

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
        Failed(TEXT("wait"));
        return FALSE;
    }
}

/* Opens the writer's object and shows the message. Returns the exit code. */
static int ShowMessage(void)
{
    HANDLE hMapFile;
    LPCTSTR pBuf;

    pBuf = OpenView(&hMapFile, FILE_MAP_ALL_ACCESS);
    if (pBuf == NULL)
        return 1;

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
    if (hEvent == NULL)
        return Failed(TEXT("create event"));

    if (WaitForMessage(hEvent))
        code = ShowMessage();
    CloseHandle(hEvent);
    return code;
}
