/* A reader that shows two boxes at once. */
#include <windows.h>

static DWORD WINAPI show(void *text)
{
    return (DWORD)MessageBox(NULL, text, "Process2", MB_OK);
}

int main(void)
{
    HANDLE object = OpenFileMapping(FILE_MAP_ALL_ACCESS, FALSE, "Global\\MyFileMappingObject");
    char *view = MapViewOfFile(object, FILE_MAP_ALL_ACCESS, 0, 0, 256);
    HANDLE second = CreateThread(NULL, 0, show, view, 0, NULL);
    show(view);
    WaitForSingleObject(second, INFINITE);
    return 0;
}
