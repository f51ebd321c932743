/* robust_reader: waits for the message of robust_writer and shows it in a message box.
 *
 *   robust_reader [MILLISECONDS]
 *
 * Waits at most that long (default: 5,000). Exits with 1 if there is no message to show. */
#include "robust.h"
#include <psapi.h>

static WCHAR text[TEXT_UNITS + 1];
/* Why the last attempt failed. */
static const char *obstacle = "get a message (no writer in time)";
static DWORD obstacle_error = ERROR_TIMEOUT;

/* Returns whether `wrong` is NULL; otherwise stores what failed, and why. */
static BOOL fine(const char *wrong, DWORD error)
{
    obstacle = wrong ? wrong : obstacle;
    obstacle_error = wrong ? error : obstacle_error;
    return !wrong;
}

/* Returns whether the current user owns the object, at medium integrity or above. Unprivileged
 * programs cannot create objects of another user, or above their own integrity level. */
static BOOL is_mine(HANDLE object)
{
    SYSTEM_MANDATORY_LABEL_ACE *label;
    PSECURITY_DESCRIPTOR descriptor;
    PACL labels; /* an object without a label counts as medium */
    PSID owner;
    DWORD parts = OWNER_SECURITY_INFORMATION | LABEL_SECURITY_INFORMATION;
    DWORD error =
        GetSecurityInfo(object, SE_KERNEL_OBJECT, parts, &owner, NULL, NULL, &labels, &descriptor);
    if (error)
        return fine("get the owner of the shared memory", error);
    BOOL mine = owner && EqualSid(owner, current_user());
    BOOL low = labels && GetAce(labels, 0, (void **)&label) &&
               *GetSidSubAuthority(&label->SidStart, 0) < SECURITY_MANDATORY_MEDIUM_RID;
    LocalFree(descriptor);
    return fine(mine && !low ? NULL : "use the shared memory (its writer is not trusted)",
                ERROR_INVALID_OWNER);
}

/* Copies the text. Returns what is wrong, or NULL. The view may have any size and may change at any
 * time, so each field is read once, and checked before it is used. */
static const char *take_copy(const volatile struct message *view)
{
    MEMORY_BASIC_INFORMATION region;
    WCHAR file[MAX_PATH]; /* a view of a file cannot be read once the file is gone */
    SetLastError(0);      /* a longer name is ERROR_MORE_DATA */
    if (GetMappedFileNameW(GetCurrentProcess(), (void *)view, file, ARRAYSIZE(file)) ||
        GetLastError() == ERROR_MORE_DATA || !VirtualQuery((void *)view, &region, sizeof region) ||
        region.State != MEM_COMMIT)
        return "use the shared memory (it is not ordinary memory)";
    if (view->magic != MAGIC)
        return "use the message (it is not complete, or not a message)";
    MemoryBarrier(); /* nothing below is read before it */
    if (view->version != VERSION)
        return "use the message (its writer is of another version)";
    if (view->size != sizeof *view || region.RegionSize < sizeof *view)
        return "use the message (its size is wrong)";
    DWORD length = view->length;
    if (length > sizeof view->text || length % sizeof *text)
        return "use the message (its length is wrong)";
    CopyMemory(text, (void *)view->text, length);
    text[length / sizeof *text] = 0;
    return wcslen(text) < length / sizeof *text ? "use the message (it contains a zero)" : NULL;
}

/* Opens the object that has the name now, and copies its text. */
static BOOL fetch(void)
{
    HANDLE mapping = OpenFileMappingW(FILE_MAP_READ | READ_CONTROL, FALSE, MESSAGE_NAME);
    if (!mapping)
        return fine("open the shared memory (has its writer ended?)", GetLastError());
    void *view = MapViewOfFile(mapping, FILE_MAP_READ, 0, 0, 0);
    BOOL fetched = view ? is_mine(mapping) && fine(take_copy(view), ERROR_INVALID_DATA)
                        : fine("map the shared memory", GetLastError());
    if (view)
        UnmapViewOfFile(view);
    CloseHandle(mapping);
    return fetched;
}

/* Tries until the time limit. A set event proves nothing: any program may set it, and a killed
 * writer leaves it set. */
static BOOL fetch_in_time(HANDLE ready, DWORD milliseconds)
{
    for (ULONGLONG now, end = GetTickCount64() + milliseconds;; Sleep(50)) {
        now = GetTickCount64();
        DWORD waited = WaitForSingleObject(ready, now < end ? (DWORD)(end - now) : 0);
        if (waited == WAIT_FAILED)
            return fine("wait for a message", GetLastError());
        if (waited == WAIT_OBJECT_0 && fetch())
            return TRUE;
        if (waited == WAIT_TIMEOUT || now >= end)
            return FALSE;
    }
}

int main(int argc, char **argv)
{
    DWORD milliseconds = limit(argc, argv, 5000);
    HANDLE ready = open_ready(SYNCHRONIZE);
    int code = fetch_in_time(ready, milliseconds) ? 0 : failed(obstacle, obstacle_error);
    CloseHandle(ready);
    /* Everything is closed while the user reads. */
    if (!code && !MessageBoxW(NULL, text, L"Process2", MB_OK))
        code = failed("show the message", GetLastError());
    return code;
}
