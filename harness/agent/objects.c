/* Named objects; see objects.h. */
#include "objects.h"

#include <sddl.h>
#include <stdlib.h>
#include <string.h>
#include <winternl.h>

/* The most that one request reads or writes; so an answer has a bound, as a line has. */
enum { MOST_BYTES = 65536 };

struct object {
    ULONG number; /* Never given again, so that a request cannot mean another object. */
    HANDLE handle;
    BYTE *view;
    SIZE_T size;
    BOOL readable, writable;
    struct object *next;
};

static struct object *objects;

void object_keep(struct json *answer, HANDLE handle, const char *call)
{
    static ULONG numbers;
    DWORD error = GetLastError();
    if (!handle) {
        answer_failure(answer, (struct failure){call, error});
        return;
    }
    struct object *object = allocate(sizeof *object);
    object->number = numbers++;
    object->handle = handle;
    object->next = objects;
    objects = object;
    json_number(answer, "object", object->number);
    json_flag(answer, "existed", error == ERROR_ALREADY_EXISTS);
}

/* The object that the request names; NULL, refused in the answer, if none. */
static struct object *object_of(const struct request *request, struct json *answer)
{
    struct object *object = objects;
    while (object && object->number != request->value[f_object].number)
        object = object->next;
    if (!object)
        answer_refusal(answer, "no such object", NULL);
    return object;
}

/* create name=NAME size=BYTES protect=PAGE_* [file=PATH] [sddl=TEXT]: a file-mapping object, backed
 * by the paging file or by a new file of that size, with that security descriptor. */
void handle_create(const struct request *request, struct json *answer)
{
    SECURITY_ATTRIBUTES security = {sizeof security, NULL, FALSE};
    ULONGLONG size = request->value[f_size].number;
    HANDLE file = INVALID_HANDLE_VALUE;
    if (has(request, f_sddl) &&
        !ConvertStringSecurityDescriptorToSecurityDescriptorW(
            request->value[f_sddl].text, SDDL_REVISION_1, &security.lpSecurityDescriptor, NULL)) {
        answer_last_error(answer, "ConvertStringSecurityDescriptorToSecurityDescriptor");
        return;
    }
    if (has(request, f_file)) {
        file = CreateFileW(request->value[f_file].text, GENERIC_READ | GENERIC_WRITE, 0, NULL,
                           CREATE_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
        if (file == INVALID_HANDLE_VALUE) {
            answer_last_error(answer, "CreateFile");
            LocalFree(security.lpSecurityDescriptor);
            return;
        }
    }
    HANDLE handle =
        CreateFileMappingW(file, &security, (DWORD)request->value[f_protect].number,
                           (DWORD)(size >> 32), (DWORD)size, request->value[f_name].text);
    object_keep(answer, handle, "CreateFileMapping");
    LocalFree(security.lpSecurityDescriptor);
    if (file != INVALID_HANDLE_VALUE)
        CloseHandle(file); /* The object keeps the file. */
}

/* open name=NAME access=FILE_MAP_*: an existing file-mapping object. */
void handle_open(const struct request *request, struct json *answer)
{
    SetLastError(0);
    object_keep(answer,
                OpenFileMappingW((DWORD)request->value[f_access].number, FALSE,
                                 request->value[f_name].text),
                "OpenFileMapping");
}

/* map object=N access=FILE_MAP_* [bytes=N]: its one view; `region` is its size in whole pages. */
void handle_map(const struct request *request, struct json *answer)
{
    const DWORD writable =
        PAGE_READWRITE | PAGE_WRITECOPY | PAGE_EXECUTE_READWRITE | PAGE_EXECUTE_WRITECOPY;
    struct object *object = object_of(request, answer);
    if (!object)
        return;
    if (object->view) {
        answer_refusal(answer, "the object is mapped already", NULL);
        return;
    }
    MEMORY_BASIC_INFORMATION region;
    void *view = MapViewOfFile(object->handle, (DWORD)request->value[f_access].number, 0, 0,
                               (SIZE_T)number_or(request, f_bytes, 0));
    if (!view) {
        answer_last_error(answer, "MapViewOfFile");
    } else if (!VirtualQuery(view, &region, sizeof region)) {
        answer_last_error(answer, "VirtualQuery");
        UnmapViewOfFile(view);
    } else {
        object->view = view;
        object->size = region.RegionSize;
        /* Reserved pages cannot be touched, and a view may have been asked for without any right.
         * What must not be done is refused, since it would end the agent. */
        object->readable = region.State == MEM_COMMIT && region.Protect != PAGE_NOACCESS;
        object->writable = object->readable && (region.Protect & writable);
        json_number(answer, "region", (LONGLONG)region.RegionSize);
    }
}

/* Where those bytes of the object's view are; NULL, refused in the answer, where it has none. */
static BYTE *bytes_of(const struct request *request, struct json *answer, ULONGLONG count,
                      BOOL writing)
{
    ULONGLONG offset = request->value[f_offset].number;
    const struct object *object = object_of(request, answer);
    if (!object)
        return NULL;
    const char *why = !object->view                   ? "no such mapped object"
                      : count > MOST_BYTES            ? "more than 65,536 bytes"
                      : offset > object->size         ? "outside the view"
                      : count > object->size - offset ? "outside the view"
                      : writing          ? (object->writable ? NULL : "the view cannot be written")
                      : object->readable ? NULL
                                         : "the view cannot be read";
    if (why)
        answer_refusal(answer, why, NULL);
    return why ? NULL : object->view + offset;
}

/* read object=N offset=N count=N: that many bytes of the view. */
void handle_read(const struct request *request, struct json *answer)
{
    ULONGLONG count = request->value[f_count].number;
    const BYTE *from = bytes_of(request, answer, count, FALSE);
    if (from)
        json_hex(answer, "data", from, (size_t)count);
}

/* write object=N offset=N data=HEX: changes the bytes of the view, for everyone. */
void handle_write(const struct request *request, struct json *answer)
{
    size_t count = request->value[f_data].count;
    BYTE *to = bytes_of(request, answer, count, TRUE);
    if (to)
        memcpy(to, request->value[f_data].bytes, count);
}

static BOOL unmap(struct object *object, struct json *answer)
{
    if (object->view && !UnmapViewOfFile(object->view)) {
        answer_last_error(answer, "UnmapViewOfFile");
        return FALSE;
    }
    object->view = NULL;
    return TRUE;
}

/* unmap object=N: gives the view up and keeps the handle. */
void handle_unmap(const struct request *request, struct json *answer)
{
    struct object *object = object_of(request, answer);
    if (object && !object->view)
        answer_refusal(answer, "no such mapped object", NULL);
    else if (object)
        unmap(object, answer);
}

NTSTATUS NTAPI NtQuerySection(HANDLE, int, void *, SIZE_T, SIZE_T *);

/* section object=N: size and attributes as the system keeps them (SectionBasicInformation). */
void handle_section(const struct request *request, struct json *answer)
{
    const struct object *object = object_of(request, answer);
    struct {
        void *base;
        ULONG attributes;
        LARGE_INTEGER size;
    } basic;
    if (!object)
        return;
    NTSTATUS status = NtQuerySection(object->handle, 0, &basic, sizeof basic, NULL);
    if (status < 0) {
        answer_failure(answer, (struct failure){"NtQuerySection", RtlNtStatusToDosError(status)});
        return;
    }
    json_number(answer, "size", basic.size.QuadPart);
    json_number(answer, "attributes", basic.attributes);
}

/* handles object=N: how many handles all processes have to it, this one's included, whatever rights
 * they give (ObjectBasicInformation). */
void handle_handles(const struct request *request, struct json *answer)
{
    const struct object *object = object_of(request, answer);
    PUBLIC_OBJECT_BASIC_INFORMATION about;
    if (!object)
        return;
    NTSTATUS status =
        NtQueryObject(object->handle, ObjectBasicInformation, &about, sizeof about, NULL);
    if (status < 0)
        answer_failure(answer, (struct failure){"NtQueryObject", RtlNtStatusToDosError(status)});
    else
        json_number(answer, "handles", about.HandleCount);
}

/* close object=N: the view, if any, and the handle. */
void handle_close(const struct request *request, struct json *answer)
{
    struct object *object = object_of(request, answer), **place = &objects;
    if (!object || !unmap(object, answer))
        return;
    if (!CloseHandle(object->handle)) {
        answer_last_error(answer, "CloseHandle");
        return;
    }
    while (*place != object)
        place = &(*place)->next;
    *place = object->next;
    free(object);
}
