/* A solution of the exercise changing: the reader owns the mutex while it copies the record, and
 * releases it before it shows the copy. */
#include "solution.h"

/* Copies the record. Returns FALSE, having said why, if there is nothing to show. */
static BOOL Copy(struct record *copy, const struct record *pBuf, HANDLE hMutex)
{
    DWORD waited = WaitForSingleObject(hMutex, INFINITE);

    if (waited == WAIT_FAILED) {
        Failed(TEXT("wait"));
        return FALSE;
    }
    copy->first = pBuf->first;
    copy->second = pBuf->second;
    ReleaseMutex(hMutex);
    /* The writer ended between the two halves. */
    if (waited == WAIT_ABANDONED)
        _tprintf(TEXT("The writer has died.\n"));
    return waited == WAIT_OBJECT_0;
}

/* Opens the writer's object and shows the record. Returns the exit code. */
static int ShowRecord(HANDLE hMutex)
{
    HANDLE hMapFile;
    const struct record *pBuf;
    struct record copy;
    BOOL copied;

    pBuf = OpenView(&hMapFile, FILE_MAP_READ);
    if (pBuf == NULL)
        return 1;

    copied = Copy(&copy, pBuf, hMutex);
    UnmapViewOfFile((LPCVOID)pBuf);
    CloseHandle(hMapFile);

    if (copied) {
        TCHAR text[] = {(TCHAR)copy.first, (TCHAR)copy.second, 0};

        MessageBox(NULL, text, TEXT("Process2"), MB_OK);
    }
    return copied ? 0 : 1;
}

int _tmain(void)
{
    HANDLE hMutex;
    int code;

    hMutex = CreateMutex(NULL, FALSE, szMutex);
    if (hMutex == NULL)
        return Failed(TEXT("create mutex"));

    code = ShowRecord(hMutex);
    CloseHandle(hMutex);
    return code;
}
