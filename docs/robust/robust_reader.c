/* robust_reader: waits for the message of robust_writer and shows it in a message box.
 *
 *   robust_reader [MILLISECONDS]
 *
 * Waits so long at most (5,000 without an argument). Exits with 1 if there was no message to show,
 * otherwise with 0. */
#include "robust.h"

static struct message copy; /* what was shared, as it was at one moment */
static WCHAR text[TEXT_UNITS + 1];

/* Whether the current user owns the object. Anybody can take a name, but nobody without privileges
 * can create an object that belongs to somebody else. */
static BOOL is_mine(HANDLE object)
{
    struct security security;
    PSECURITY_DESCRIPTOR descriptor;
    PSID owner, me = current_user(&security);
    if (!me || GetSecurityInfo(object, SE_KERNEL_OBJECT, OWNER_SECURITY_INFORMATION, &owner, NULL,
                               NULL, NULL, &descriptor))
        return FALSE;
    BOOL mine = owner && EqualSid(owner, me);
    LocalFree(descriptor);
    return mine;
}

/* Copies the shared memory, which may be of any size and may change at any time. */
static int take_copy(HANDLE mapping)
{
    MEMORY_BASIC_INFORMATION region;
    const struct message *view = MapViewOfFile(mapping, FILE_MAP_READ, 0, 0, 0);
    int code = 0;
    if (!view)
        return failed("map the shared memory", GetLastError());
    if (!VirtualQuery(view, &region, sizeof region) || region.State != MEM_COMMIT ||
        region.RegionSize < sizeof copy) {
        code = failed("use the shared memory (it is too small)", ERROR_INVALID_DATA);
    } else {
        copy.magic = view->magic;
        MemoryBarrier(); /* nothing below is read before it */
        copy.version = view->version;
        copy.size = view->size;
        copy.length = view->length;
        CopyMemory(copy.text, view->text, sizeof copy.text);
    }
    UnmapViewOfFile(view);
    return code;
}

/* Checks the copy, and not the shared memory, so that what was checked is what is used. */
static int check_copy(void)
{
    if (copy.magic != MAGIC)
        return failed("use the message (it is not complete, or not a message)", ERROR_INVALID_DATA);
    if (copy.version != VERSION || copy.size != sizeof copy)
        return failed("use the message (its writer is of another version)", ERROR_INVALID_DATA);
    if (copy.length == 0 || copy.length > sizeof copy.text || copy.length % sizeof *text)
        return failed("use the message (its length is wrong)", ERROR_INVALID_DATA);
    CopyMemory(text, copy.text, copy.length); /* the rest of `text` is zero, so it is terminated */
    if (wcslen(text) != copy.length / sizeof *text)
        return failed("use the message (its text contains a zero)", ERROR_INVALID_DATA);
    return 0;
}

/* Fetches the message. */
static int fetch(HANDLE ready, DWORD milliseconds)
{
    DWORD waited = WaitForSingleObject(ready, milliseconds);
    if (waited == WAIT_TIMEOUT)
        return failed("get a message (no writer in time)", ERROR_TIMEOUT);
    if (waited != WAIT_OBJECT_0)
        return failed("wait for a message", GetLastError());
    HANDLE mapping = OpenFileMappingW(FILE_MAP_READ | READ_CONTROL, FALSE, MESSAGE_NAME);
    if (!mapping)
        return failed("open the shared memory (has its writer ended?)", GetLastError());
    int code = is_mine(mapping)
                   ? take_copy(mapping)
                   : failed("use the shared memory (it is somebody else's)", ERROR_INVALID_OWNER);
    CloseHandle(mapping);
    return code ? code : check_copy();
}

int main(int argc, char **argv)
{
    DWORD milliseconds = limit(argc, argv, 5000);
    HANDLE ready = open_ready(SYNCHRONIZE);
    if (!ready)
        return failed("open the event", GetLastError());
    int code = fetch(ready, milliseconds);
    CloseHandle(ready);
    /* Nothing is open any more while a person reads. */
    if (!code && !MessageBoxW(NULL, text, L"Process2", MB_OK))
        code = failed("show the message", GetLastError());
    return code;
}
