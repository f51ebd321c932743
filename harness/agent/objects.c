/* File-mapping objects: made, opened, mapped, read and written as any other process may. */
#include "agent.h"

#include <sddl.h>
#include <stdlib.h>
#include <wchar.h>
#include <winternl.h>

enum { MOST_OBJECTS = 64, MOST_BYTES = 65536 };

static struct {
    HANDLE handle;
    BYTE *view;
    SIZE_T size;
} objects[MOST_OBJECTS];

static int free_place(void)
{
    int id = 0;
    while (id < MOST_OBJECTS && objects[id].handle)
        id++;
    return id;
}

/* The object that the request names, or -1, refused in the answer. */
static int object_of(const struct request *request, struct json *answer, BOOL mapped)
{
    ULONGLONG id = field_number(request, "object", MOST_OBJECTS);
    if (id >= MOST_OBJECTS || !objects[id].handle || (mapped && !objects[id].view)) {
        answer_refusal(answer, mapped ? "no such mapped object" : "no such object");
        return -1;
    }
    return (int)id;
}

void object_keep(struct json *answer, HANDLE handle, const char *call)
{
    DWORD error = GetLastError();
    int id = free_place();
    if (!handle || id == MOST_OBJECTS) {
        answer_failure(answer, call, handle ? ERROR_NO_SYSTEM_RESOURCES : error);
        return;
    }
    objects[id].handle = handle;
    json_number(answer, "object", id);
    json_flag(answer, "existed", error == ERROR_ALREADY_EXISTS);
}

/* create name=NAME size=BYTES protect=PAGE_* [file=PATH] [sddl=TEXT]: a file-mapping object, backed
 * by the paging file or by a new file of that size, with that security descriptor. */
void create_object(const struct request *request, struct json *answer)
{
    SECURITY_ATTRIBUTES security = {sizeof security, NULL, FALSE};
    const WCHAR *sddl = field_text(request, "sddl");
    if (sddl && !ConvertStringSecurityDescriptorToSecurityDescriptorW(
                    sddl, SDDL_REVISION_1, &security.lpSecurityDescriptor, NULL)) {
        answer_failure(answer, "ConvertStringSecurityDescriptorToSecurityDescriptor",
                       GetLastError());
        return;
    }
    HANDLE file = INVALID_HANDLE_VALUE;
    const WCHAR *path = field_text(request, "file");
    if (path) {
        file = CreateFileW(path, GENERIC_READ | GENERIC_WRITE, 0, NULL, CREATE_ALWAYS,
                           FILE_ATTRIBUTE_NORMAL, NULL);
        if (file == INVALID_HANDLE_VALUE) {
            answer_failure(answer, "CreateFile", GetLastError());
            LocalFree(security.lpSecurityDescriptor);
            return;
        }
    }
    HANDLE handle =
        CreateFileMappingW(file, &security, (DWORD)field_number(request, "protect", PAGE_READWRITE),
                           0, (DWORD)field_number(request, "size", 0), field_text(request, "name"));
    object_keep(answer, handle, "CreateFileMapping");
    LocalFree(security.lpSecurityDescriptor);
    if (path)
        CloseHandle(file); /* The object keeps the file. */
}

/* open name=NAME access=FILE_MAP_*: an existing file-mapping object. */
void open_object(const struct request *request, struct json *answer)
{
    SetLastError(0);
    HANDLE handle = OpenFileMappingW((DWORD)field_number(request, "access", FILE_MAP_ALL_ACCESS),
                                     FALSE, field_text(request, "name"));
    object_keep(answer, handle, "OpenFileMapping");
}

/* map object=N access=FILE_MAP_* bytes=N: a view of it; `region` is its size in whole pages. */
void map_object(const struct request *request, struct json *answer)
{
    int id = object_of(request, answer, FALSE);
    if (id < 0)
        return;
    MEMORY_BASIC_INFORMATION region;
    void *view = MapViewOfFile(objects[id].handle,
                               (DWORD)field_number(request, "access", FILE_MAP_ALL_ACCESS), 0, 0,
                               (SIZE_T)field_number(request, "bytes", 0));
    if (!view || !VirtualQuery(view, &region, sizeof region)) {
        answer_failure(answer, "MapViewOfFile", GetLastError());
        return;
    }
    objects[id].view = view;
    objects[id].size = region.RegionSize;
    json_number(answer, "region", (LONGLONG)region.RegionSize);
}

static BOOL within_view(int id, ULONGLONG offset, ULONGLONG count)
{
    return offset <= objects[id].size && count <= objects[id].size - offset && count <= MOST_BYTES;
}

/* read object=N offset=N count=N: that many bytes of the view. */
void read_object(const struct request *request, struct json *answer)
{
    int id = object_of(request, answer, TRUE);
    ULONGLONG offset = field_number(request, "offset", 0),
              count = field_number(request, "count", 0);
    if (id < 0)
        return;
    if (!within_view(id, offset, count))
        answer_refusal(answer, "outside the view");
    else
        json_hex(answer, "data", objects[id].view + offset, (size_t)count);
}

/* write object=N offset=N data=HEX: changes the bytes of the view, for everyone. */
void write_object(const struct request *request, struct json *answer)
{
    int id = object_of(request, answer, TRUE);
    const WCHAR *data = field_text(request, "data");
    ULONGLONG offset = field_number(request, "offset", 0);
    size_t count = data ? wcslen(data) / 2 : 0;
    if (id < 0)
        return;
    if (!within_view(id, offset, count)) {
        answer_refusal(answer, "outside the view");
        return;
    }
    for (size_t i = 0; i < count; i++) {
        WCHAR pair[3] = {data[2 * i], data[2 * i + 1], 0};
        objects[id].view[offset + i] = (BYTE)wcstoul(pair, NULL, 16);
    }
}

/* unmap object=N: gives the view up and keeps the handle. */
void unmap_object(const struct request *request, struct json *answer)
{
    int id = object_of(request, answer, TRUE);
    if (id < 0)
        return;
    UnmapViewOfFile(objects[id].view);
    objects[id].view = NULL;
}

NTSTATUS NTAPI NtQuerySection(HANDLE, int, void *, SIZE_T, SIZE_T *);

/* section object=N: size and attributes as the system keeps them (SectionBasicInformation). */
void section_object(const struct request *request, struct json *answer)
{
    int id = object_of(request, answer, FALSE);
    struct {
        void *base;
        ULONG attributes;
        LARGE_INTEGER size;
    } basic;
    if (id < 0)
        return;
    NTSTATUS status = NtQuerySection(objects[id].handle, 0, &basic, sizeof basic, NULL);
    if (status < 0) {
        answer_failure(answer, "NtQuerySection", RtlNtStatusToDosError(status));
        return;
    }
    json_number(answer, "size", basic.size.QuadPart);
    json_number(answer, "attributes", basic.attributes);
}

/* handles object=N: how many handles all processes have to it, this one's included, whatever rights
 * they give (ObjectBasicInformation). */
void count_handles(const struct request *request, struct json *answer)
{
    int id = object_of(request, answer, FALSE);
    PUBLIC_OBJECT_BASIC_INFORMATION object;
    if (id < 0)
        return;
    NTSTATUS status =
        NtQueryObject(objects[id].handle, ObjectBasicInformation, &object, sizeof object, NULL);
    if (status < 0)
        answer_failure(answer, "NtQueryObject", RtlNtStatusToDosError(status));
    else
        json_number(answer, "handles", object.HandleCount);
}

/* close object=N: the view, if any, and the handle. */
void close_object(const struct request *request, struct json *answer)
{
    int id = object_of(request, answer, FALSE);
    if (id < 0)
        return;
    if (objects[id].view)
        UnmapViewOfFile(objects[id].view);
    CloseHandle(objects[id].handle);
    ZeroMemory(&objects[id], sizeof objects[id]);
}
