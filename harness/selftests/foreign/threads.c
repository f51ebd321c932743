/* While its first thread waits in a function, its second calls the same one again and again. */
#include <windows.h>

enum { TIMES = 10, MS = 20 };

static DWORD WINAPI second(void *event)
{
    for (int i = 0; i < TIMES; i++)
        WaitForSingleObject(event, MS);
    return 0;
}

int main(void)
{
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL);
    HANDLE thread = CreateThread(NULL, 0, second, event, 0, NULL);
    return WaitForSingleObject(thread, INFINITE) != WAIT_OBJECT_0;
}
