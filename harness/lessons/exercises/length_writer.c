/* A solution of the exercise length: the size of the text, in bytes, precedes the text. */
#include "solution.h"

int _tmain(void)
{
    HANDLE hMapFile;
    DWORD *pBuf;
    DWORD size = (DWORD)(_tcslen(szMsg) * sizeof(TCHAR));

    pBuf = CreateView(&hMapFile);
    if (pBuf == NULL)
        return 1;

    /* The compiler may reorder these two, so the length does not mean that the text is complete.
     * For that, use an event: see the exercise event. */
    CopyMemory(pBuf + 1, szMsg, size);
    *pBuf = size;
    _getch();
    UnmapViewOfFile(pBuf);
    CloseHandle(hMapFile);
    return 0;
}
