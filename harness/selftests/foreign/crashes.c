/* A writer that believes that it has a view. */
#include <windows.h>

int main(void)
{
    HANDLE object = CreateFileMapping(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 256,
                                      "Global\\MyFileMappingObject");
    *(volatile char *)object = 'M'; /* A handle is no address. */
    return 0;
}
