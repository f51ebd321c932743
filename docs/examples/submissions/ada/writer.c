#include <windows.h>
#include <conio.h>
#include <stdio.h>
#include <string.h>
#include <tchar.h>

#define SIZE 256

static void complain(LPCTSTR what)
{
    _tprintf(TEXT("%s (%d).\n"), what, (int)GetLastError());
}

int _tmain(void)
{
    static const TCHAR message[] = TEXT("Message from first process.");
    HANDLE object = CreateFileMapping(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, SIZE,
                                      TEXT("Global\\MyFileMappingObject"));
    if (object == NULL) {
        complain(TEXT("Could not create file mapping object"));
        return 1;
    }
    void *view = MapViewOfFile(object, FILE_MAP_ALL_ACCESS, 0, 0, SIZE);
    if (view == NULL) {
        complain(TEXT("Could not map view of file"));
        CloseHandle(object);
        return 1;
    }
    memcpy(view, message, sizeof message - sizeof message[0]);
    _getch();
    UnmapViewOfFile(view);
    CloseHandle(object);
    return 0;
}
