/* A writer that exits with 0 before anybody can read. */
#include <windows.h>
#include <string.h>

int main(void)
{
    HANDLE object = CreateFileMapping(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 256,
                                      "Global\\MyFileMappingObject");
    char *view = MapViewOfFile(object, FILE_MAP_ALL_ACCESS, 0, 0, 256);
    if (view)
        memcpy(view, "Message from first process.", 27);
    UnmapViewOfFile(view);
    CloseHandle(object);
    return 0;
}
