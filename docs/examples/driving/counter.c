/* counter.exe: press + to count, = to see the number in a message box, q to leave. */
#include <conio.h>
#include <stdio.h>
#include <windows.h>

int main(void)
{
    HANDLE object = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, sizeof(LONG),
                                       "Local\\Counter");
    LONG *count = object ? MapViewOfFile(object, FILE_MAP_ALL_ACCESS, 0, 0, sizeof(LONG)) : NULL;
    char text[40];

    if (!count) {
        printf("Could not create the counter (%d).\n", (int)GetLastError());
        return 1;
    }
    puts("+ = q");
    fflush(stdout);
    for (;;) {
        switch (_getch()) {
        case '+':
            printf("%ld\n", InterlockedIncrement(count));
            fflush(stdout);
            break;
        case '=':
            snprintf(text, sizeof text, "Counted to %ld.", *count);
            MessageBoxA(NULL, text, "Counter", MB_OKCANCEL);
            break;
        case 'q':
            return 0;
        }
    }
}
