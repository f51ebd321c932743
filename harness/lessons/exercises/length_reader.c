/* A solution of the exercise length: the reader checks the length before it uses it. */
#include "solution.h"

int _tmain(void)
{
    HANDLE hMapFile;
    const volatile DWORD *pBuf; /* volatile: each read in the source is one read */
    DWORD size;
    TCHAR text[BUF_SIZE / sizeof(TCHAR)] = TEXT("");

    pBuf = OpenView(&hMapFile, FILE_MAP_ALL_ACCESS);
    if (pBuf == NULL)
        return 1;

    /* Read the length only once: shared memory can change at any time, and the code below must use
     * the value that it checked. */
    size = *pBuf;
    if (size > BUF_SIZE - sizeof(DWORD)) {
        _tprintf(TEXT("Bad length (%lu).\n"), size);
        UnmapViewOfFile((LPCVOID)pBuf);
        CloseHandle(hMapFile);
        return 1;
    }
    CopyMemory(text, (const void *)(pBuf + 1), size);
    MessageBox(NULL, text, TEXT("Process2"), MB_OK);
    UnmapViewOfFile((LPCVOID)pBuf);
    CloseHandle(hMapFile);
    return 0;
}
