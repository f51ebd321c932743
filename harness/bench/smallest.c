/* The smallest program: no C library, one call. What its launch costs, every launch costs. */
#include <windows.h>

void start(void);
void start(void)
{
    ExitProcess(42);
}
