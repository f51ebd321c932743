/* second_process: the reader of the documented pair. It opens the writer's file mapping object by
 * its name and shows the message in a message box.
 *
 * MSVC:   cl /nologo /W4 second_process.c
 *         cl /nologo /W4 /DUNICODE /D_UNICODE second_process.c
 * MinGW:  see the Makefile. docs/design.md lists every departure from Microsoft's page. */
#include <windows.h>
#include <stdio.h>
#include <conio.h>
#include <tchar.h>
/* MessageBox is in user32. MinGW's linker gets the library on its command line instead. */
#ifdef _MSC_VER
#pragma comment(lib, "user32.lib")
#endif

#define BUF_SIZE 256
/* The same name as the writer's, prefix and capitals included: names are case-sensitive. Opening an
 * object in `Global\` needs no privilege; only creating a file mapping there does. */
TCHAR szName[] = TEXT("Global\\MyFileMappingObject");

int _tmain(void)
{
    HANDLE hMapFile;
    LPCTSTR pBuf;

    /* Unlike CreateFileMapping, this never creates an object: without a writer it fails with 2,
     * ERROR_FILE_NOT_FOUND, although no file is involved. */
    hMapFile = OpenFileMapping(FILE_MAP_ALL_ACCESS, // read/write access
                               FALSE,               // children do not inherit the handle
                               szName);             // name of the object

    if (hMapFile == NULL) {
        _tprintf(TEXT("Could not open file mapping object (%d).\n"), (int)GetLastError());
        return 1;
    }

    /* From here on this handle keeps the object alive, too, whatever the writer does. */
    pBuf = (LPTSTR)MapViewOfFile(hMapFile,            // handle to the object
                                 FILE_MAP_ALL_ACCESS, // read/write permission
                                 0, 0,                // from the first byte on
                                 BUF_SIZE);

    if (pBuf == NULL) {
        _tprintf(TEXT("Could not map view of file (%d).\n"), (int)GetLastError());

        CloseHandle(hMapFile);

        return 1;
    }

    /* The text is read straight from the shared memory, up to the first terminator, wherever that
     * is: this trusts the writer, and every other process that can write there. */
    MessageBox(NULL, pBuf, TEXT("Process2"), MB_OK);

    UnmapViewOfFile(pBuf);

    CloseHandle(hMapFile);

    return 0;
}
