/* The smallest program: no C library, one call. Every launch costs at least what this one costs. */
#include <windows.h>

void start(void);
void start(void)
{
    ExitProcess(42);
}
