/* robust_writer: shares a message with robust_reader.
 *
 *   robust_writer [MILLISECONDS]
 *
 * Exits on Ctrl-C or after that time (default: 60,000); with 1 if it cannot share its message. */
#include "robust.h"

static const WCHAR text[] = L"Message from first process.";
C_ASSERT(ARRAYSIZE(text) <= TEXT_UNITS);
static HANDLE stop; /* set by Ctrl-C */

/* Runs in its own thread. Closing the window and logging off are not handled: the process ends
 * then, and Windows closes its handles. */
static BOOL WINAPI on_control(DWORD event)
{
    return (event == CTRL_C_EVENT || event == CTRL_BREAK_EVENT) && SetEvent(stop);
}

/* Writes the message. A reader that sees the magic number sees all of it: the interlocked store
 * follows all earlier stores, for the compiler and for the processor. */
static void publish(struct message *message)
{
    message->version = VERSION;
    message->size = sizeof *message;
    message->length = sizeof text - sizeof *text;
    CopyMemory(message->text, text, sizeof text - sizeof *text); /* not message->length */
    InterlockedExchange(&message->magic, MAGIC);
}

/* Publishes the message, and keeps it until it is time to end. */
static int serve(HANDLE ready, struct message *message, DWORD milliseconds)
{
    int code = 0;
    /* A killed writer may have left the event set. Only now may this one reset it: while another
     * writer had the name, the event belonged to that one. */
    if (!ResetEvent(ready))
        return failed("reset the event", GetLastError());
    publish(message);
    if (!SetEvent(ready))
        code = failed("announce the message", GetLastError());
    else if (WaitForSingleObject(stop, milliseconds) == WAIT_FAILED)
        code = failed("wait", GetLastError());
    ResetEvent(ready); /* before the name is free: after that, the event may be the next writer's */
    return code;
}

/* Creates the shared memory, which must be new: another program chose the size, protection and
 * owner of an existing object. */
static int share(HANDLE ready, DWORD milliseconds)
{
    SECURITY_ATTRIBUTES security = only_me(FILE_MAP_READ | READ_CONTROL);
    HANDLE mapping = CreateFileMappingW(INVALID_HANDLE_VALUE, &security, PAGE_READWRITE, 0,
                                        sizeof(struct message), MESSAGE_NAME);
    DWORD error = GetLastError();
    struct message *message;
    int code;
    if (!mapping || error == ERROR_ALREADY_EXISTS) {
        code = failed("create the shared memory (is another writer running?)", error);
    } else if (!(message = MapViewOfFile(mapping, FILE_MAP_WRITE, 0, 0, sizeof *message))) {
        code = failed("map the shared memory", GetLastError());
    } else {
        code = serve(ready, message, milliseconds);
        UnmapViewOfFile(message);
    }
    if (mapping)
        CloseHandle(mapping);
    LocalFree(security.lpSecurityDescriptor);
    return code;
}

int main(int argc, char **argv)
{
    DWORD milliseconds = limit(argc, argv, 60000);
    stop = CreateEventW(NULL, TRUE, FALSE, NULL);
    if (!stop || !SetConsoleCtrlHandler(on_control, TRUE))
        return failed("prepare for Ctrl-C", GetLastError());
    HANDLE ready = open_ready(EVENT_MODIFY_STATE);
    int code = share(ready, milliseconds);
    CloseHandle(ready);
    return code; /* `stop` stays open: Ctrl-C may still come. */
}
