/* hello.exe [NAME]: says hello on standard output. */
#include "greeting.h"
#include <stdio.h>
#include <stdlib.h>

int wmain(int argc, wchar_t **argv)
{
    wchar_t text[80];

    if (greet(text, 80, argc > 1 ? argv[1] : L"world") < 0)
        return EXIT_FAILURE;
    printf("%ls\n", text);
    return EXIT_SUCCESS;
}
