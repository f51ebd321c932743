/* first_process: the writer of the documented pair. It creates a named file mapping object backed
 * by the paging file, writes a message into it, and keeps it open until a key is pressed.
 *
 * MSVC:   cl /nologo /W4 first_process.c
 *         cl /nologo /W4 /DUNICODE /D_UNICODE first_process.c
 * MinGW:  see the Makefile. docs/design.md lists every departure from Microsoft's page. */
#include <windows.h>
#include <stdio.h>
#include <conio.h>
#include <tchar.h>

/* A size in bytes: 256 characters in the ANSI build, 128 in the Unicode build. */
#define BUF_SIZE 256
/* `Global\` selects the global kernel object namespace, which all sessions share. Creating a file
 * mapping object there needs SeCreateGlobalPrivilege, except in session 0. */
TCHAR szName[] = TEXT("Global\\MyFileMappingObject");
TCHAR szMsg[] = TEXT("Message from first process.");

int _tmain(void)
{
    HANDLE hMapFile;
    LPCTSTR pBuf;

    /* INVALID_HANDLE_VALUE means "no file": the paging file backs the object, and all its bytes
     * are zero. If the name exists, this opens the existing object and keeps its bytes; the last
     * error is then ERROR_ALREADY_EXISTS, which this program does not check. On failure the result
     * is NULL, and not INVALID_HANDLE_VALUE as from CreateFile. */
    hMapFile = CreateFileMapping(INVALID_HANDLE_VALUE, // use the paging file
                                 NULL,                 // default security
                                 PAGE_READWRITE,       // read/write access
                                 0,                    // size, high-order DWORD
                                 BUF_SIZE,             // size, low-order DWORD
                                 szName);              // name of the object

    if (hMapFile == NULL) {
        _tprintf(TEXT("Could not create file mapping object (%d).\n"), (int)GetLastError());
        return 1;
    }

    /* The object has no address yet; the view has one, which may differ in each process. */
    pBuf = (LPTSTR)MapViewOfFile(hMapFile,            // handle to the object
                                 FILE_MAP_ALL_ACCESS, // read/write permission
                                 0, 0,                // from the first byte on
                                 BUF_SIZE);

    if (pBuf == NULL) {
        _tprintf(TEXT("Could not map view of file (%d).\n"), (int)GetLastError());

        CloseHandle(hMapFile);

        return 1;
    }

    /* The terminator is not copied: the message ends only because the bytes after it are zero.
     * A reader has no way to know when the copy is complete. */
    CopyMemory((PVOID)pBuf, szMsg, (_tcslen(szMsg) * sizeof(TCHAR)));
    /* The name exists only while a process has a handle to the object, so the writer must wait. Any
     * key ends the wait, except those that have no code: Shift and Ctrl alone, for instance. */
    _getch();

    UnmapViewOfFile(pBuf);

    CloseHandle(hMapFile);

    return 0;
}
