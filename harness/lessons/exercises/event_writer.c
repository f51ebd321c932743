/* A solution of the exercise event: the writer sets the event when its message is
 * complete, and keeps both objects until a key is pressed. */
#include "solution.h"

int _tmain(void)
{
    HANDLE hMapFile, hEvent;
    LPCTSTR pBuf;

    hEvent = CreateEvent(NULL, TRUE, FALSE, szEvent);
    if (hEvent == NULL)
        return Failed(TEXT("create event"));

    pBuf = CreateView(&hMapFile);
    if (pBuf == NULL) {
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
