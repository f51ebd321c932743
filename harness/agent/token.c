/* Tokens; see token.h. */
#include "token.h"

#include <sddl.h>
#include <stdlib.h>

/* The copy has the rights of the handle that it is made from: no more are asked for than
 * CreateProcessAsUser needs, since more may be refused. */
HANDLE token_without_create_global(struct failure *failure)
{
    HANDLE own, limited = NULL;
    LUID_AND_ATTRIBUTES privilege = {.Attributes = 0};
    if (!LookupPrivilegeValueW(NULL, L"SeCreateGlobalPrivilege", &privilege.Luid)) {
        failed(failure, "LookupPrivilegeValue");
    } else if (!OpenProcessToken(GetCurrentProcess(),
                                 TOKEN_DUPLICATE | TOKEN_QUERY | TOKEN_ASSIGN_PRIMARY, &own)) {
        failed(failure, "OpenProcessToken");
    } else {
        if (!CreateRestrictedToken(own, 0, 0, NULL, 1, &privilege, 0, NULL, &limited)) {
            failed(failure, "CreateRestrictedToken");
            limited = NULL;
        }
        CloseHandle(own);
    }
    return limited;
}

static BOOL holds_create_global(HANDLE token, BOOL *holds, struct failure *failure)
{
    LUID luid;
    DWORD size = 0;
    *holds = FALSE;
    if (!LookupPrivilegeValueW(NULL, L"SeCreateGlobalPrivilege", &luid))
        return failed(failure, "LookupPrivilegeValue");
    GetTokenInformation(token, TokenPrivileges, NULL, 0, &size); /* Fails, but says the size. */
    TOKEN_PRIVILEGES *privileges = allocate(size + sizeof *privileges);
    BOOL known = GetTokenInformation(token, TokenPrivileges, privileges, size, &size);
    if (!known)
        failed(failure, "GetTokenInformation");
    for (DWORD i = 0; known && i < privileges->PrivilegeCount; i++)
        *holds |= privileges->Privileges[i].Luid.LowPart == luid.LowPart &&
                  privileges->Privileges[i].Luid.HighPart == luid.HighPart;
    free(privileges);
    return known;
}

/* whoami [token=limited]: the agent's session, its user as a SID, whether it is elevated, whether
 * that token has SeCreateGlobalPrivilege, and the version of Wine if this is Wine. */
void handle_whoami(const struct request *request, struct json *answer)
{
    struct failure failure;
    DWORD session, size;
    TOKEN_ELEVATION elevation;
    struct {
        TOKEN_USER user;
        BYTE room[SECURITY_MAX_SID_SIZE];
    } owner;
    WCHAR *user = NULL;
    BOOL global;
    HANDLE token = NULL;
    if (has(request, f_token))
        token = token_without_create_global(&failure);
    else if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
        failed(&failure, "OpenProcessToken");
    BOOL known = token != NULL;
    if (known && !ProcessIdToSessionId(GetCurrentProcessId(), &session))
        known = failed(&failure, "ProcessIdToSessionId");
    if (known && !GetTokenInformation(token, TokenElevation, &elevation, sizeof elevation, &size))
        known = failed(&failure, "GetTokenInformation");
    if (known && !GetTokenInformation(token, TokenUser, &owner, sizeof owner, &size))
        known = failed(&failure, "GetTokenInformation");
    if (known && !ConvertSidToStringSidW(owner.user.User.Sid, &user))
        known = failed(&failure, "ConvertSidToStringSid");
    if (known && holds_create_global(token, &global, &failure)) {
        json_number(answer, "session", session);
        json_flag(answer, "elevated", elevation.TokenIsElevated != 0);
        json_text(answer, "user", user);
        json_flag(answer, "create_global", global);
        if (wine_version())
            json_ascii(answer, "wine", wine_version());
    } else {
        answer_failure(answer, failure);
    }
    LocalFree(user);
    if (token)
        CloseHandle(token);
}
