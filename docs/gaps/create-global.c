#include "wine/test.h"

START_TEST(create_global)
{
    TOKEN_PRIVILEGES none = {1, {{{0}, SE_PRIVILEGE_REMOVED}}};
    HANDLE token, mapping;
    DWORD session = 0;

    ProcessIdToSessionId( GetCurrentProcessId(), &session );
    LookupPrivilegeValueA( NULL, "SeCreateGlobalPrivilege", &none.Privileges[0].Luid );
    OpenProcessToken( GetCurrentProcess(), TOKEN_ADJUST_PRIVILEGES, &token );
    AdjustTokenPrivileges( token, FALSE, &none, 0, NULL, NULL );
    mapping = CreateFileMappingA( INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 256, "Global\\wine_test" );
    todo_wine_if( session ) ok( !mapping == !!session, "got %p in session %lu\n", mapping, session );
    if (!mapping) ok( GetLastError() == ERROR_ACCESS_DENIED, "got %lu\n", GetLastError() );
}
