/* What a program writes; see capture.h. */
#include "capture.h"

#include <stdlib.h>
#include <string.h>

enum { KEPT = 65536 };

struct capture {
    HANDLE pipe, thread;
    BOOL open_after_all; /* Somebody else has the stream open, for whose end nobody waits. */
    SRWLOCK lock;        /* Guards these: */
    DWORD kept;
    ULONGLONG total;
    BYTE bytes[KEPT], piece[KEPT];
};

/* Reads to the end of the stream, whatever its length, so that nobody blocks on a full pipe. */
static DWORD WINAPI drain(void *argument)
{
    struct capture *capture = argument;
    DWORD count;
    while (ReadFile(capture->pipe, capture->piece, KEPT, &count, NULL)) {
        AcquireSRWLockExclusive(&capture->lock);
        DWORD keep = min(count, KEPT - capture->kept);
        memcpy(capture->bytes + capture->kept, capture->piece, keep);
        capture->kept += keep;
        capture->total += count;
        ReleaseSRWLockExclusive(&capture->lock);
    }
    return 0;
}

struct capture *capture_begin(HANDLE *write_end, struct failure *failure)
{
    SECURITY_ATTRIBUTES inherit = {sizeof inherit, NULL, TRUE};
    struct capture *capture = allocate(sizeof *capture);
    if (!CreatePipe(&capture->pipe, write_end, &inherit, KEPT)) {
        failed(failure, "CreatePipe");
        free(capture);
        return NULL;
    }
    if (!SetHandleInformation(capture->pipe, HANDLE_FLAG_INHERIT, 0))
        failed(failure, "SetHandleInformation");
    else if (!(capture->thread = CreateThread(NULL, 0, drain, capture, 0, NULL)))
        failed(failure, "CreateThread");
    if (capture->thread)
        return capture;
    CloseHandle(capture->pipe);
    CloseHandle(*write_end);
    *write_end = NULL;
    free(capture);
    return NULL;
}

static BOOL over(const struct capture *capture, DWORD ms)
{
    return WaitForSingleObject(capture->thread, ms) == WAIT_OBJECT_0;
}

void capture_answer(struct capture *capture, struct json *answer, const char *name, BOOL wait,
                    ULONGLONG end)
{
    BOOL all = over(capture, wait && !capture->open_after_all ? until(end) : 0);
    capture->open_after_all |= wait && !all;
    AcquireSRWLockExclusive(&capture->lock);
    json_open(answer, name, '{');
    json_hex(answer, "data", capture->bytes, capture->kept);
    json_number(answer, "total", (LONGLONG)capture->total);
    json_flag(answer, "over", all);
    json_close(answer, '}');
    ReleaseSRWLockExclusive(&capture->lock);
}

BOOL capture_end(struct capture *capture, ULONGLONG end)
{
    if (!capture)
        return TRUE;
    if (!over(capture, until(end)))
        return FALSE; /* The thread still uses the capture. */
    CloseHandle(capture->thread);
    CloseHandle(capture->pipe);
    free(capture);
    return TRUE;
}
