/* Prints the version of the Wine that runs it, or "Windows". */
#include <stdio.h>
#include <windows.h>

int main(void)
{
    FARPROC function = GetProcAddress(GetModuleHandleA("ntdll.dll"), "wine_get_version");
    const char *(*version)(void) = (const char *(*)(void))(void *)function;

    printf("%s\n", version ? version() : "Windows");
    return 0;
}
