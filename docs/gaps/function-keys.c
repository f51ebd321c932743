#include "wine/test.h"

START_TEST(function_keys)
{
    INPUT_RECORD keys[2] = {{KEY_EVENT}, {KEY_EVENT}};
    DWORD count;
    HANDLE console;
    int key;

    keys[0].Event.KeyEvent.bKeyDown = keys[1].Event.KeyEvent.bKeyDown = TRUE;
    keys[0].Event.KeyEvent.wVirtualKeyCode = VK_F1;
    keys[0].Event.KeyEvent.wVirtualScanCode = 0x3b;
    keys[1].Event.KeyEvent.uChar.AsciiChar = 'x'; /* so that the test ends in any case */
    FreeConsole();
    AllocConsole(); /* where the test has none */
    console = CreateFileA( "CONIN$", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, 0 );
    WriteConsoleInputA( console, keys, 2, &count );
    key = _getch();
    todo_wine ok( key == 0, "got %#x\n", key );
    if (key == 0) ok( _getch() == 0x3b, "wrong code of F1\n" );
}
