/* One question a process, as harnesses without a resident helper ask them:
 *   ask name    exits with 0 if the documented object can be opened
 *   ask box     exits with 0 if a box with the documented title was there and OK was pressed */
#include <windows.h>
#include <string.h>

int main(int argc, char **argv)
{
    if (argc == 2 && !strcmp(argv[1], "name"))
        return !OpenFileMappingA(FILE_MAP_ALL_ACCESS, FALSE, "Global\\MyFileMappingObject");
    HWND box = FindWindowA("#32770", "Process2");
    return !box || !PostMessageA(box, WM_COMMAND, IDOK, 0);
}
