/* Exits with the number of checks that failed. */
#include "greeting.h"
#include <stdio.h>

static int failed;

static void check(int held, const char *what)
{
    printf("%s: %s\n", held ? "ok" : "FAILED", what);
    failed += !held;
}

int wmain(void)
{
    wchar_t text[14];

    check(greet(text, 14, L"world") == 13, "the length is that of the greeting");
    check(wcscmp(text, L"Hello, world.") == 0, "the greeting contains the name");
    check(greet(text, 14, L"everybody") < 0, "a greeting that does not fit is refused");
    return failed;
}
