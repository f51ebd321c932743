/* A solution of the exercise changing: the writer acquires the mutex before the first half of a
 * change and releases it after the second. */
#include "solution.h"

/* Changes the record as it is typed. Returns the exit code. */
static int Change(struct record *pBuf, HANDLE hMutex)
{
    int key;

    while ((key = _gettch()) != ESCAPE) {
        /* After WAIT_ABANDONED, writing both halves makes the record consistent again. */
        if (WaitForSingleObject(hMutex, INFINITE) == WAIT_FAILED)
            return Failed(TEXT("wait"));
        pBuf->first = key;
        pBuf->second = _gettch();
        ReleaseMutex(hMutex);
    }
    return 0;
}

int _tmain(void)
{
    HANDLE hMapFile, hMutex;
    struct record *pBuf;
    int code;

    /* The program that starts first creates the mutex; the other one opens it. */
    hMutex = CreateMutex(NULL, FALSE, szMutex);
    if (hMutex == NULL)
        return Failed(TEXT("create mutex"));

    pBuf = CreateView(&hMapFile);
    if (pBuf == NULL) {
        CloseHandle(hMutex);
        return 1;
    }

    code = Change(pBuf, hMutex);
    UnmapViewOfFile(pBuf);
    CloseHandle(hMapFile);
    CloseHandle(hMutex);
    return code;
}
