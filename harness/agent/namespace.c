/* Names: taken by other kinds of object, and listed where the system keeps them. */
#include "objects.h"

#include <stdlib.h>
#include <winternl.h>

NTSTATUS NTAPI NtOpenDirectoryObject(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *);
NTSTATUS NTAPI NtQueryDirectoryObject(HANDLE, void *, ULONG, BOOLEAN, BOOLEAN, ULONG *, ULONG *);

enum { DIRECTORY_QUERY_RIGHT = 1, STATUS_NO_MORE = (int)0x8000001A };

/* occupy name=NAME kind=event|mutex|semaphore|timer|job [set=1]: an object of that kind, to be
 * closed with `close`; an event may be set. */
void handle_occupy(const struct request *request, struct json *answer)
{
    const WCHAR *name = request->value[f_name].text;
    SetLastError(0);
    switch (request->value[f_kind].number) { /* The place of the word; see protocol.c. */
    case 0:
        object_keep(answer, CreateEventW(NULL, TRUE, number_or(request, f_set, 0) != 0, name),
                    "CreateEvent");
        break;
    case 1:
        object_keep(answer, CreateMutexW(NULL, FALSE, name), "CreateMutex");
        break;
    case 2:
        object_keep(answer, CreateSemaphoreW(NULL, 0, 1, name), "CreateSemaphore");
        break;
    case 3:
        object_keep(answer, CreateWaitableTimerW(NULL, TRUE, name), "CreateWaitableTimer");
        break;
    default:
        object_keep(answer, CreateJobObjectW(NULL, name), "CreateJobObject");
    }
}

static void answer_nt(struct json *answer, const char *call, NTSTATUS status)
{
    answer_failure(answer, (struct failure){call, RtlNtStatusToDosError(status)});
}

/* directory path=PATH: the names in an object directory, such as \BaseNamedObjects, with the
 * type of each (NtQueryDirectoryObject). */
void handle_directory(const struct request *request, struct json *answer)
{
    struct {
        UNICODE_STRING name, type;
        WCHAR text[2 * 32768]; /* Neither can be longer. */
    } *entry = allocate(sizeof *entry);
    UNICODE_STRING path;
    OBJECT_ATTRIBUTES attributes;
    HANDLE handle;
    ULONG context = 0;
    RtlInitUnicodeString(&path, request->value[f_path].text);
    InitializeObjectAttributes(&attributes, &path, OBJ_CASE_INSENSITIVE, NULL, NULL);
    NTSTATUS status = NtOpenDirectoryObject(&handle, DIRECTORY_QUERY_RIGHT, &attributes);
    if (status < 0) {
        answer_nt(answer, "NtOpenDirectoryObject", status);
        free(entry);
        return;
    }
    json_open(answer, "entries", '[');
    /* Any status that is no error brings an entry; that there are more to come is one of them. */
    while ((status = NtQueryDirectoryObject(handle, entry, sizeof *entry, TRUE, FALSE, &context,
                                            NULL)) >= 0) {
        json_open(answer, NULL, '{');
        json_text(answer, "name", entry->name.Buffer);
        json_text(answer, "type", entry->type.Buffer);
        json_close(answer, '}');
    }
    json_close(answer, ']');
    if (status != STATUS_NO_MORE)
        answer_nt(answer, "NtQueryDirectoryObject", status);
    CloseHandle(handle);
    free(entry);
}
