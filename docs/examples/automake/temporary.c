/* A temporary file can be written and read. */
#include <stdio.h>
#include <string.h>

int main(void)
{
    char text[16] = "";
    FILE *file = tmpfile();

    if (!file)
        return 1;
    fputs("kept", file);
    rewind(file);
    fgets(text, sizeof text, file);
    fclose(file);
    return strcmp(text, "kept") != 0;
}
