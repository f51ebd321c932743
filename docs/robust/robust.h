/* Shared by robust_writer and robust_reader. */
#pragma once
#include <windows.h>
#include <aclapi.h>
#include <sddl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef _MSC_VER
#pragma comment(lib, "user32.lib")
#pragma comment(lib, "advapi32.lib")
#endif

/* `Local\`: needs no privilege, and ordinary programs of other sessions cannot take the names. */
#define MESSAGE_NAME L"Local\\NamedSharedMemory.Robust.Message"
#define READY_NAME L"Local\\NamedSharedMemory.Robust.Ready"

enum { MAGIC = 0x314D534E, VERSION = 1, TEXT_UNITS = 8184 }; /* "NSM1" */

/* The whole object. Types of fixed size, UTF-16, no pointers: 32-bit and 64-bit programs of either
 * character set agree on it. */
struct message {
    LONG magic;    /* written last, read first */
    DWORD version; /* every version begins with these two */
    DWORD size;    /* of this struct, in bytes */
    DWORD length;  /* of the text, in bytes; it has no terminator */
    WCHAR text[TEXT_UNITS];
};
C_ASSERT(sizeof(struct message) == 16384);

/* Reports what failed, and why. Returns 1. */
static inline int failed(const char *what, DWORD error)
{
    WCHAR wide[256];
    char reason[512];
    if (!FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS |
                            FORMAT_MESSAGE_MAX_WIDTH_MASK,
                        NULL, error, 0, wide, ARRAYSIZE(wide), NULL) ||
        !WideCharToMultiByte(GetConsoleOutputCP(), 0, wide, -1, reason, sizeof reason, NULL, NULL))
        reason[0] = 0;
    fprintf(stderr, "Could not %s: %s(error %lu)\n", what, reason, error);
    return 1;
}

/* Returns the current user's SID, or exits with 1. */
static inline PSID current_user(void)
{
    static TOKEN_USER user[1 + SECURITY_MAX_SID_SIZE]; /* with room for the SID after it */
    DWORD size = sizeof user;
    if (!GetTokenInformation(GetCurrentProcessToken(), TokenUser, user, size, &size))
        exit(failed("get the current user", GetLastError()));
    return user->User.Sid;
}

/* Returns attributes for an object that the current user owns: the user gets `access`, others get
 * none. Free the descriptor with LocalFree. Exits with 1 if it cannot be created. */
static inline SECURITY_ATTRIBUTES only_me(DWORD access)
{
    SECURITY_ATTRIBUTES security = {sizeof security, NULL, FALSE};
    WCHAR *me, sd[512];
    /* O: names the owner, because an elevated program's objects would belong to Administrators.
     * D:P is the DACL, A allows. OW limits the owner, who could otherwise change the DACL. */
    if (!ConvertSidToStringSidW(current_user(), &me) ||
        swprintf(sd, ARRAYSIZE(sd), L"O:%lsD:P(A;;0x%lX;;;%ls)(A;;RC;;;OW)", me, access, me) < 0 ||
        !ConvertStringSecurityDescriptorToSecurityDescriptorW(sd, SDDL_REVISION_1,
                                                              &security.lpSecurityDescriptor, NULL))
        exit(failed("create a security descriptor", GetLastError()));
    LocalFree(me);
    return security;
}

/* Opens the event that the writer sets once its message is complete, or creates it. */
static inline HANDLE open_ready(DWORD access)
{
    SECURITY_ATTRIBUTES security = only_me(EVENT_MODIFY_STATE | SYNCHRONIZE);
    HANDLE ready = CreateEventExW(&security, READY_NAME, CREATE_EVENT_MANUAL_RESET, access);
    if (!ready)
        exit(failed("open the event", GetLastError()));
    LocalFree(security.lpSecurityDescriptor);
    return ready;
}

/* Returns the time limit in milliseconds: the program's argument, or else `usual`. Exits with 1 if
 * the argument is not a number, or is INFINITE; strtoul returns that for larger numbers, too. */
static inline DWORD limit(int argc, char **argv, DWORD usual)
{
    const char *digits = argc > 1 ? argv[1] : "0";
    DWORD milliseconds = argc > 1 ? strtoul(digits, NULL, 10) : usual;
    if (argc > 2 || !*digits || digits[strspn(digits, "0123456789")] || milliseconds == INFINITE) {
        fprintf(stderr, "Give one time limit in milliseconds, or none for %lu.\n", usual);
        exit(1);
    }
    return milliseconds;
}
