#include <windows.h>
#include <stdio.h>
#include <tchar.h>

#define SIZE 256

static void complain(LPCTSTR what)
{
    _tprintf(TEXT("%s (%d).\n"), what, (int)GetLastError());
}

int _tmain(void)
{
    HANDLE object = OpenFileMapping(FILE_MAP_ALL_ACCESS, FALSE,
                                    TEXT("Global\\MyFileMappingObject"));
    if (object == NULL) {
        complain(TEXT("Could not open file mapping object"));
        return 1;
    }
    LPCTSTR view = MapViewOfFile(object, FILE_MAP_ALL_ACCESS, 0, 0, SIZE);
    if (view == NULL) {
        complain(TEXT("Could not map view of file"));
        CloseHandle(object);
        return 1;
    }
    MessageBox(NULL, view, TEXT("Process2"), MB_OK);
    UnmapViewOfFile(view);
    CloseHandle(object);
    return 0;
}
