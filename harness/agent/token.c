/* What the agent may do, and tokens that may do less. */
#include "agent.h"

#include <sddl.h>
#include <stdlib.h>

/* The copy has the rights of the handle that it is made from: no more are asked for than
 * CreateProcessAsUser needs, since more may be refused. */
HANDLE token_without_create_global(void)
{
    HANDLE own, limited = NULL;
    LUID_AND_ATTRIBUTES privilege = {.Attributes = 0};
    if (!LookupPrivilegeValueW(NULL, L"SeCreateGlobalPrivilege", &privilege.Luid) ||
        !OpenProcessToken(GetCurrentProcess(), TOKEN_DUPLICATE | TOKEN_QUERY | TOKEN_ASSIGN_PRIMARY,
                          &own))
        return NULL;
    if (!CreateRestrictedToken(own, 0, 0, NULL, 1, &privilege, 0, NULL, &limited))
        limited = NULL;
    CloseHandle(own);
    return limited;
}

static BOOL holds_privilege(HANDLE token, const WCHAR *name)
{
    LUID luid;
    DWORD size = 0;
    BOOL held = FALSE;
    GetTokenInformation(token, TokenPrivileges, NULL, 0, &size);
    TOKEN_PRIVILEGES *privileges = malloc(size);
    if (privileges && LookupPrivilegeValueW(NULL, name, &luid) &&
        GetTokenInformation(token, TokenPrivileges, privileges, size, &size))
        for (DWORD i = 0; i < privileges->PrivilegeCount; i++)
            held |= privileges->Privileges[i].Luid.LowPart == luid.LowPart &&
                    privileges->Privileges[i].Luid.HighPart == luid.HighPart;
    free(privileges);
    return held;
}

/* whoami [token=limited]: the agent's session, its user as a SID, whether it is elevated, and
 * whether that token has SeCreateGlobalPrivilege. */
void whoami(const struct request *request, struct json *answer)
{
    struct {
        TOKEN_USER user;
        BYTE room[SECURITY_MAX_SID_SIZE];
    } owner = {0};
    WCHAR *user = NULL;
    DWORD session = 0, size;
    TOKEN_ELEVATION elevation = {0};
    HANDLE token = NULL;
    if (field_text(request, "token"))
        token = token_without_create_global();
    else
        OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token);
    if (!token) {
        answer_failure(answer, "OpenProcessToken", GetLastError());
        return;
    }
    ProcessIdToSessionId(GetCurrentProcessId(), &session);
    GetTokenInformation(token, TokenElevation, &elevation, sizeof elevation, &size);
    json_number(answer, "session", session);
    json_flag(answer, "elevated", elevation.TokenIsElevated != 0);
    if (GetTokenInformation(token, TokenUser, &owner, sizeof owner, &size) &&
        ConvertSidToStringSidW(owner.user.User.Sid, &user)) {
        json_text(answer, "user", user);
        LocalFree(user);
    }
    json_flag(answer, "create_global", holds_privilege(token, L"SeCreateGlobalPrivilege"));
    CloseHandle(token);
}
