#include "greeting.h"

int greet(wchar_t *text, size_t size, const wchar_t *name)
{
    if (wcslen(name) + wcslen(L"Hello, .") >= size)
        return -1;
    return swprintf(text, size, L"Hello, %ls.", name);
}
