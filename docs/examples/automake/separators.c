/* A path may have either kind of separator. */
#include <stdio.h>
#include <windows.h>

int main(void)
{
    char path[MAX_PATH];
    const DWORD length = GetModuleFileNameA(NULL, path, MAX_PATH);

    for (DWORD i = 0; i < length; i++)
        if (path[i] == '\\')
            path[i] = '/';
    printf("%s\n", path);
    return GetFileAttributesA(path) == INVALID_FILE_ATTRIBUTES;
}
