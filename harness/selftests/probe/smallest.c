/* The smallest program: no C library, one call. It shows the minimum cost of a launch. */
#include <windows.h>

void start(void);
void start(void)
{
    ExitProcess(42);
}
