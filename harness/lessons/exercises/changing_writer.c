/* A solution of the exercise changing: the writer acquires the mutex before the first half of a
 * change and releases it after the second. */
#include <windows.h>
#include <stdio.h>
#include <conio.h>
#include <tchar.h>

#define BUF_SIZE 256
#define ESCAPE 27
TCHAR szName[] = TEXT("Global\\MyFileMappingObject");
TCHAR szMutex[] = TEXT("Global\\MyFileMappingLock");

/* The two halves belong together: no reader may see one without the other. */
struct record {
    volatile DWORD first;
    volatile DWORD second;
};

/* Changes the record as it is typed. Returns the exit code. */
static int Change(struct record *pBuf, HANDLE hMutex)
{
    int key;

    while ((key = _gettch()) != ESCAPE) {
        /* After WAIT_ABANDONED, writing both halves makes the record consistent again. */
        if (WaitForSingleObject(hMutex, INFINITE) == WAIT_FAILED) {
            _tprintf(TEXT("Could not wait (%d).\n"), (int)GetLastError());
            return 1;
        }
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
    if (hMutex == NULL) {
        _tprintf(TEXT("Could not create mutex (%d).\n"), (int)GetLastError());
        return 1;
    }

    hMapFile = CreateFileMapping(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, BUF_SIZE, szName);
    if (hMapFile == NULL) {
        _tprintf(TEXT("Could not create file mapping object (%d).\n"), (int)GetLastError());
        CloseHandle(hMutex);
        return 1;
    }

    pBuf = (struct record *)MapViewOfFile(hMapFile, FILE_MAP_ALL_ACCESS, 0, 0, BUF_SIZE);
    if (pBuf == NULL) {
        _tprintf(TEXT("Could not map view of file (%d).\n"), (int)GetLastError());
        CloseHandle(hMapFile);
        CloseHandle(hMutex);
        return 1;
    }

    code = Change(pBuf, hMutex);
    UnmapViewOfFile(pBuf);
    CloseHandle(hMapFile);
    CloseHandle(hMutex);
    return code;
}
