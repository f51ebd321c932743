/* attacker: attacks the robust pair as another program of the same user.
 *
 *   attacker changing        shares a message whose header and text change all the time
 *   attacker dacl            replaces the DACL of the writer's object, and writes into the object
 *   attacker handle PROCESS  duplicates the writer's handle, and writes into its object
 *
 * The first prints "ready", and runs until it is killed. The others exit with 0 if they changed the
 * message; otherwise they print the call that failed and its error, and exit with 1. */
#include "../../../docs/robust/robust.h"

static const WCHAR forged[] = L"Message from an attacker.";

static int refused(const char *call)
{
    printf("%s: error %lu\n", call, GetLastError());
    return 1;
}

static void write_message(struct message *message)
{
    message->version = VERSION;
    message->size = sizeof *message;
    message->length = sizeof forged - sizeof *forged;
    CopyMemory(message->text, forged, sizeof forged);
    InterlockedExchange(&message->magic, MAGIC);
}

/* Creates the object as the writer does: owned by the user, as the reader expects. */
static struct message *create(void)
{
    SECURITY_ATTRIBUTES security = only_me(FILE_MAP_READ | READ_CONTROL);
    HANDLE mapping = CreateFileMappingW(INVALID_HANDLE_VALUE, &security, PAGE_READWRITE, 0,
                                        sizeof(struct message), MESSAGE_NAME);
    struct message *message = mapping ? MapViewOfFile(mapping, FILE_MAP_WRITE, 0, 0, 0) : NULL;
    if (!message || !SetEvent(open_ready(EVENT_MODIFY_STATE)))
        exit(refused("create"));
    return message;
}

/* Makes each field wrong in turn; in between, the message is valid. */
static void keep_changing(struct message *message)
{
    volatile struct message *shared = message;
    for (DWORD turn = 0;; turn++) {
        write_message(message);
        shared->length = turn % 3 ? 0xFFFFFFFE : 53;
        shared->text[turn % TEXT_UNITS] = 0;
        shared->size = turn;
    }
}

static int change(HANDLE mapping)
{
    struct message *message = MapViewOfFile(mapping, FILE_MAP_WRITE, 0, 0, 0);
    if (!message)
        return refused("MapViewOfFile");
    CopyMemory(message->text, forged, sizeof forged);
    message->length = sizeof forged - sizeof *forged;
    return 0;
}

/* The owner may change an object's DACL, unless an OWNER RIGHTS entry denies it. */
static int replace_dacl(void)
{
    HANDLE mapping = OpenFileMappingW(WRITE_DAC, FALSE, MESSAGE_NAME);
    if (!mapping)
        return refused("OpenFileMapping(WRITE_DAC)");
    DWORD error = SetSecurityInfo(mapping, SE_KERNEL_OBJECT, DACL_SECURITY_INFORMATION, NULL, NULL,
                                  NULL, NULL);
    SetLastError(error);
    if (error)
        return refused("SetSecurityInfo");
    mapping = OpenFileMappingW(FILE_MAP_WRITE, FALSE, MESSAGE_NAME);
    return mapping ? change(mapping) : refused("OpenFileMapping(FILE_MAP_WRITE)");
}

/* A program may open other processes of the same user, and duplicate their handles. */
static int steal_handle(DWORD id)
{
    HANDLE mine, process = OpenProcess(PROCESS_DUP_HANDLE, FALSE, id);
    if (!process)
        return refused("OpenProcess");
    for (ULONG_PTR handle = 4; handle < 4096; handle += 4)
        if (DuplicateHandle(process, (HANDLE)handle, GetCurrentProcess(), &mine, FILE_MAP_WRITE,
                            FALSE, 0)) {
            struct message *message = MapViewOfFile(mine, FILE_MAP_WRITE, 0, 0, 0);
            if (message && message->magic == MAGIC)
                return change(mine);
        }
    return refused("MapViewOfFile");
}

int main(int argc, char **argv)
{
    const char *attack = argc > 1 ? argv[1] : "";
    if (!strcmp(attack, "dacl"))
        return replace_dacl();
    if (!strcmp(attack, "handle") && argc > 2)
        return steal_handle(strtoul(argv[2], NULL, 10));
    if (strcmp(attack, "changing"))
        return 2;
    struct message *message = create();
    write_message(message);
    puts("ready");
    fflush(stdout);
    keep_changing(message);
}
