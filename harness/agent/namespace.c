/* Names: taken by other kinds of object, and listed where the system keeps them. */
#include "agent.h"

#include <wchar.h>
#include <winternl.h>

NTSTATUS NTAPI NtOpenDirectoryObject(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *);
NTSTATUS NTAPI NtQueryDirectoryObject(HANDLE, void *, ULONG, BOOLEAN, BOOLEAN, ULONG *, ULONG *);

enum { DIRECTORY_QUERY_RIGHT = 1 };

/* occupy name=NAME kind=event|mutex|semaphore|timer|job [set=1]: an object of that kind, to be
 * closed with `close`; an event may be set. */
void occupy(const struct request *request, struct json *answer)
{
    const WCHAR *name = field_text(request, "name"), *kind = field_text(request, "kind");
    SetLastError(0);
    if (!kind)
        answer_refusal(answer, "occupy needs kind=");
    else if (!wcscmp(kind, L"event"))
        object_keep(answer, CreateEventW(NULL, TRUE, field_number(request, "set", 0) != 0, name),
                    "CreateEvent");
    else if (!wcscmp(kind, L"mutex"))
        object_keep(answer, CreateMutexW(NULL, FALSE, name), "CreateMutex");
    else if (!wcscmp(kind, L"semaphore"))
        object_keep(answer, CreateSemaphoreW(NULL, 0, 1, name), "CreateSemaphore");
    else if (!wcscmp(kind, L"timer"))
        object_keep(answer, CreateWaitableTimerW(NULL, TRUE, name), "CreateWaitableTimer");
    else if (!wcscmp(kind, L"job"))
        object_keep(answer, CreateJobObjectW(NULL, name), "CreateJobObject");
    else
        answer_refusal(answer, "no such kind of object");
}

/* directory path=PATH: the names in an object directory, such as \BaseNamedObjects, with the
 * type of each (NtQueryDirectoryObject). */
void directory(const struct request *request, struct json *answer)
{
    struct {
        UNICODE_STRING name, type;
        WCHAR text[1024];
    } entry;
    UNICODE_STRING path;
    OBJECT_ATTRIBUTES attributes;
    HANDLE handle;
    ULONG context = 0;
    RtlInitUnicodeString(&path, field_text(request, "path"));
    InitializeObjectAttributes(&attributes, &path, OBJ_CASE_INSENSITIVE, NULL, NULL);
    NTSTATUS status = NtOpenDirectoryObject(&handle, DIRECTORY_QUERY_RIGHT, &attributes);
    if (status < 0) {
        answer_failure(answer, "NtOpenDirectoryObject", RtlNtStatusToDosError(status));
        return;
    }
    json_open(answer, "entries", '[');
    /* Any status that is no error brings an entry; that there are more to come is one of them. */
    while (NtQueryDirectoryObject(handle, &entry, sizeof entry, TRUE, FALSE, &context, NULL) >= 0) {
        json_open(answer, NULL, '{');
        json_text(answer, "name", entry.name.Buffer);
        json_text(answer, "type", entry.type.Buffer);
        json_close(answer, '}');
    }
    json_close(answer, ']');
    CloseHandle(handle);
}
