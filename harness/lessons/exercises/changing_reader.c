/* A solution of the exercise changing: the reader owns the mutex while it copies the record, and
 * releases it before it shows the copy. */
#include <windows.h>
#include <stdio.h>
#include <tchar.h>
#ifdef _MSC_VER
#pragma comment(lib, "user32.lib")
#endif

#define BUF_SIZE 256
TCHAR szName[] = TEXT("Global\\MyFileMappingObject");
TCHAR szMutex[] = TEXT("Global\\MyFileMappingLock");

struct record {
    volatile DWORD first;
    volatile DWORD second;
};

/* Copies the record. Returns FALSE, having said why, if there is nothing to show. */
static BOOL Copy(struct record *copy, const struct record *pBuf, HANDLE hMutex)
{
    DWORD waited = WaitForSingleObject(hMutex, INFINITE);

    if (waited == WAIT_FAILED) {
        _tprintf(TEXT("Could not wait (%d).\n"), (int)GetLastError());
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

    hMapFile = OpenFileMapping(FILE_MAP_READ, FALSE, szName);
    if (hMapFile == NULL) {
        _tprintf(TEXT("Could not open file mapping object (%d).\n"), (int)GetLastError());
        return 1;
    }

    pBuf = (const struct record *)MapViewOfFile(hMapFile, FILE_MAP_READ, 0, 0, BUF_SIZE);
    if (pBuf == NULL) {
        _tprintf(TEXT("Could not map view of file (%d).\n"), (int)GetLastError());
        CloseHandle(hMapFile);
        return 1;
    }

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
    if (hMutex == NULL) {
        _tprintf(TEXT("Could not create mutex (%d).\n"), (int)GetLastError());
        return 1;
    }

    code = ShowRecord(hMutex);
    CloseHandle(hMutex);
    return code;
}
