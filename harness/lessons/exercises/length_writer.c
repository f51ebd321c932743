/* A solution of the exercise length: the size of the text, in bytes, stands in front of it. */
#include <windows.h>
#include <stdio.h>
#include <conio.h>
#include <tchar.h>

#define BUF_SIZE 256
TCHAR szName[] = TEXT("Global\\MyFileMappingObject");
TCHAR szMsg[] = TEXT("Message from first process.");

int _tmain(void)
{
    HANDLE hMapFile;
    volatile DWORD *pBuf;
    DWORD size = (DWORD)(_tcslen(szMsg) * sizeof(TCHAR));

    hMapFile = CreateFileMapping(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, BUF_SIZE, szName);

    if (hMapFile == NULL) {
        _tprintf(TEXT("Could not create file mapping object (%d).\n"), (int)GetLastError());
        return 1;
    }

    pBuf = (volatile DWORD *)MapViewOfFile(hMapFile, FILE_MAP_ALL_ACCESS, 0, 0, BUF_SIZE);

    if (pBuf == NULL) {
        _tprintf(TEXT("Could not map view of file (%d).\n"), (int)GetLastError());

        CloseHandle(hMapFile);

        return 1;
    }

    /* The text first: whoever sees the length finds the text complete on x86. */
    CopyMemory((PVOID)(pBuf + 1), szMsg, size);
    *pBuf = size;
    _getch();

    UnmapViewOfFile((LPCVOID)pBuf);

    CloseHandle(hMapFile);

    return 0;
}
