/* A solution of the exercise two-writers: a writer owns the mutex while it appends a character. */
#include "solution.h"

/* The layout of the exercise length. */
struct log {
    volatile DWORD size; /* of the text, in bytes */
    BYTE text[BUF_SIZE - sizeof(DWORD)];
};

/* Appends a character; the caller owns the mutex. Returns FALSE if there is no room. */
static BOOL Append(struct log *pBuf, TCHAR character)
{
    DWORD size = pBuf->size; /* read once: the value that is checked is the value that is used */

    if (size > sizeof(pBuf->text) - sizeof(TCHAR))
        return FALSE;
    /* Update the length last: if a writer dies in between, it has changed nothing. */
    CopyMemory(pBuf->text + size, &character, sizeof(TCHAR));
    pBuf->size = size + sizeof(TCHAR);
    return TRUE;
}

/* Appends what is typed. Returns the exit code. */
static int AppendKeys(struct log *pBuf, HANDLE hMutex)
{
    int key;

    while ((key = _gettch()) != ESCAPE) {
        BOOL appended;

        if (WaitForSingleObject(hMutex, INFINITE) == WAIT_FAILED)
            return Failed(TEXT("wait"));
        appended = Append(pBuf, (TCHAR)key);
        ReleaseMutex(hMutex);
        if (!appended) {
            _tprintf(TEXT("No room.\n"));
            return 1;
        }
    }
    return 0;
}

int _tmain(void)
{
    HANDLE hMapFile, hMutex;
    struct log *pBuf;
    int code;

    hMutex = CreateMutex(NULL, FALSE, szMutex);
    if (hMutex == NULL)
        return Failed(TEXT("create mutex"));

    /* The first writer creates the object. Its bytes are initially zero: an empty text. */
    pBuf = CreateView(&hMapFile);
    if (pBuf == NULL) {
        CloseHandle(hMutex);
        return 1;
    }

    code = AppendKeys(pBuf, hMutex);
    UnmapViewOfFile(pBuf);
    CloseHandle(hMapFile);
    CloseHandle(hMutex);
    return code;
}
