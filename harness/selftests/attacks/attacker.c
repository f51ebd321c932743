/* attacker: keeps changing the message that the robust pair's object holds, as another program of
 * the same user may. Prints "ready", and runs until it is killed. */
#include "../../../docs/robust/robust.h"

int main(void)
{
    HANDLE mapping = OpenFileMappingW(FILE_MAP_WRITE, FALSE, MESSAGE_NAME);
    struct message *view = mapping ? MapViewOfFile(mapping, FILE_MAP_WRITE, 0, 0, 0) : NULL;
    volatile struct message *message = view;
    BYTE valid[256];

    if (!view)
        return failed("open the shared memory", GetLastError());
    CopyMemory(valid, view, sizeof valid);
    puts("ready");
    fflush(stdout);
    /* Make each field wrong in turn; in between, the message is valid. */
    for (DWORD turn = 0;; turn++) {
        CopyMemory(view, valid, sizeof valid);
        message->length = turn % 3 ? 0xFFFFFFFE : 53;
        message->text[turn % TEXT_UNITS] = 0;
        message->size = turn;
    }
}
