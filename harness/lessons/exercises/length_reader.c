/* A solution of the exercise length: the reader checks the length before it uses it. */
#include <windows.h>
#include <stdio.h>
#include <tchar.h>
#ifdef _MSC_VER
#pragma comment(lib, "user32.lib")
#endif

#define BUF_SIZE 256
TCHAR szName[] = TEXT("Global\\MyFileMappingObject");

int _tmain(void)
{
    HANDLE hMapFile;
    const volatile DWORD *pBuf; /* volatile: each read in the source is one read */
    DWORD size;
    TCHAR text[BUF_SIZE / sizeof(TCHAR)] = TEXT("");

    hMapFile = OpenFileMapping(FILE_MAP_ALL_ACCESS, FALSE, szName);
    if (hMapFile == NULL) {
        _tprintf(TEXT("Could not open file mapping object (%d).\n"), (int)GetLastError());
        return 1;
    }

    pBuf = (const volatile DWORD *)MapViewOfFile(hMapFile, FILE_MAP_ALL_ACCESS, 0, 0, BUF_SIZE);
    if (pBuf == NULL) {
        _tprintf(TEXT("Could not map view of file (%d).\n"), (int)GetLastError());
        CloseHandle(hMapFile);
        return 1;
    }

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
