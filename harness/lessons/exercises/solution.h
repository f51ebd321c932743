/* What the solutions of the exercises share: names, and the calls of the documented programs. */
#include <windows.h>
#include <stdio.h>
#include <conio.h>
#include <tchar.h>
#ifdef _MSC_VER
#pragma comment(lib, "user32.lib")
#endif

#define BUF_SIZE 256
#define ESCAPE 27
TCHAR szName[] = TEXT("Global\\MyFileMappingObject");
TCHAR szEvent[] = TEXT("Global\\MyFileMappingReady");
TCHAR szMutex[] = TEXT("Global\\MyFileMappingLock");
TCHAR szMsg[] = TEXT("Message from first process.");

/* The two halves belong together: no reader may see one without the other. */
struct record {
    volatile DWORD first;
    volatile DWORD second;
};

/* Prints what failed, with the last error. Returns the exit code. */
static inline int Failed(LPCTSTR what)
{
    _tprintf(TEXT("Could not %s (%d).\n"), what, (int)GetLastError());
    return 1;
}

/* Maps a view. Without one, prints the error, closes the handle and returns NULL. */
static inline void *MapView(HANDLE hMapFile, DWORD access)
{
    void *pBuf = MapViewOfFile(hMapFile, access, 0, 0, BUF_SIZE);

    if (pBuf == NULL) {
        Failed(TEXT("map view of file"));
        CloseHandle(hMapFile);
    }
    return pBuf;
}

/* Creates the object, or opens it if it exists. Returns a view, or NULL after an error. */
static inline void *CreateView(HANDLE *opened)
{
    *opened = CreateFileMapping(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, BUF_SIZE, szName);
    if (*opened == NULL) {
        Failed(TEXT("create file mapping object"));
        return NULL;
    }
    return MapView(*opened, FILE_MAP_ALL_ACCESS);
}

/* Opens the writer's object. Returns a view, or NULL after an error. */
static inline void *OpenView(HANDLE *opened, DWORD access)
{
    *opened = OpenFileMapping(access, FALSE, szName);
    if (*opened == NULL) {
        Failed(TEXT("open file mapping object"));
        return NULL;
    }
    return MapView(*opened, access);
}
