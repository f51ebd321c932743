#include "wine/test.h"

START_TEST(read_only_object)
{
    HANDLE mapping, opened;
    void *view;

    mapping = CreateFileMappingA( INVALID_HANDLE_VALUE, NULL, PAGE_READONLY, 0, 256, "wine_test" );
    opened = OpenFileMappingA( FILE_MAP_ALL_ACCESS, FALSE, "wine_test" );
    ok( opened != NULL, "got error %lu\n", GetLastError() );
    view = MapViewOfFile( opened, FILE_MAP_ALL_ACCESS, 0, 0, 256 );
    todo_wine ok( !view, "a read-only object was mapped for writing\n" );
    if (view) UnmapViewOfFile( view );
    CloseHandle( opened );
    CloseHandle( mapping );
}
