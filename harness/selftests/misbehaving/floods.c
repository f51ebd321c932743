/* A writer that writes endlessly to both streams and never does its work. */
#include <stdio.h>
#include <string.h>

int main(void)
{
    char line[1024];
    memset(line, 'y', sizeof line);
    for (;;) {
        fwrite(line, 1, sizeof line, stdout);
        fwrite(line, 1, sizeof line, stderr);
    }
}
