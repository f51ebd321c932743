/* What robust_writer and robust_reader have in common. */
#pragma once
#include <windows.h>
#include <aclapi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef _MSC_VER
#pragma comment(lib, "user32.lib")
#pragma comment(lib, "advapi32.lib")
#endif

/* `Local\`: this session only. No privilege is needed, and no other session can take the names. */
#define MESSAGE_NAME L"Local\\NamedSharedMemory.Robust.Message"
#define READY_NAME L"Local\\NamedSharedMemory.Robust.Ready"

enum { MAGIC = 0x314D534E, VERSION = 1, TEXT_UNITS = 8184 }; /* "NSM1" */

/* The whole object. Types of fixed size, UTF-16, no pointers: 32-bit and 64-bit programs of either
 * character set agree on it. */
struct message {
    volatile LONG magic; /* written last, read first */
    DWORD version;
    DWORD size;   /* of this struct, in bytes */
    DWORD length; /* of the text, in bytes; it has no terminator */
    WCHAR text[TEXT_UNITS];
};
C_ASSERT(sizeof(struct message) == 16384);

/* A security descriptor for the current user alone, and all that it points to. */
struct security {
    SECURITY_ATTRIBUTES attributes;
    SECURITY_DESCRIPTOR descriptor;
    union {
        TOKEN_USER user;
        BYTE room[sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE];
    } token;
    union {
        ACL acl;
        BYTE room[sizeof(ACL) + sizeof(ACCESS_ALLOWED_ACE) + SECURITY_MAX_SID_SIZE];
    } dacl;
};

/* The current user's SID, which is stored in `security`; NULL if a call fails. */
static inline PSID current_user(struct security *security)
{
    HANDLE token;
    DWORD size = sizeof security->token;
    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
        return NULL;
    BOOL known = GetTokenInformation(token, TokenUser, &security->token, size, &size);
    CloseHandle(token);
    return known ? security->token.user.User.Sid : NULL;
}

/* Fills in `security`: the current user owns the object and gets `access` to it; nobody else gets
 * any. The owner is named because an elevated program's objects would belong to Administrators. */
static inline BOOL only_me(struct security *security, DWORD access)
{
    PSID me = current_user(security);
    ACL *dacl = &security->dacl.acl;
    security->attributes =
        (SECURITY_ATTRIBUTES){sizeof security->attributes, &security->descriptor, FALSE};
    return me && InitializeAcl(dacl, sizeof security->dacl, ACL_REVISION) &&
           AddAccessAllowedAce(dacl, ACL_REVISION, access, me) &&
           InitializeSecurityDescriptor(&security->descriptor, SECURITY_DESCRIPTOR_REVISION) &&
           SetSecurityDescriptorOwner(&security->descriptor, me, FALSE) &&
           SetSecurityDescriptorDacl(&security->descriptor, TRUE, dacl, FALSE);
}

/* The event that the writer sets once the message is complete. Whoever comes first creates it. */
static inline HANDLE open_ready(DWORD access)
{
    struct security security;
    if (!only_me(&security, EVENT_MODIFY_STATE | SYNCHRONIZE))
        return NULL;
    return CreateEventExW(&security.attributes, READY_NAME, CREATE_EVENT_MANUAL_RESET, access);
}

/* Says what could not be done, and why. Returns 1. */
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

/* The time limit in milliseconds: the program's argument, or `usual` without one. Exits with 1 if
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
