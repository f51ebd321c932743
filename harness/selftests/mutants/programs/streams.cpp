// The pair in C++, with streams, exceptions and destructors. Built with -DWRITER it is the writer.
#include <windows.h>
#include <conio.h>
#include <tchar.h>
#include <iostream>
#include <memory>
#include <string>

using String = std::basic_string<TCHAR>;
using Owner = std::unique_ptr<void, int(WINAPI *)(void *)>;

#ifdef UNICODE
static std::wostream &out = std::wcout;
#else
static std::ostream &out = std::cout;
#endif

struct Failure {
    LPCTSTR what;
    DWORD code;
};

static void *needed(void *result, LPCTSTR what)
{
    if (!result)
        throw Failure{what, GetLastError()};
    return result;
}

static int WINAPI unmap(void *view) { return UnmapViewOfFile(view); }

int _tmain()
try {
    const std::unique_ptr<String> name(new String(TEXT("Global\\MyFileMappingObject")));
#ifdef WRITER
    const Owner section(needed(CreateFileMapping(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0,
                                                 256, name->c_str()),
                               TEXT("create file mapping object")), CloseHandle);
#else
    const Owner section(needed(OpenFileMapping(FILE_MAP_ALL_ACCESS, FALSE, name->c_str()),
                               TEXT("open file mapping object")), CloseHandle);
#endif
    const Owner view(needed(MapViewOfFile(section.get(), FILE_MAP_ALL_ACCESS, 0, 0, 256),
                            TEXT("map view of file")), unmap);
#ifdef WRITER
    const String message(TEXT("Message from first process."));
    message.copy(static_cast<LPTSTR>(view.get()), message.size());
    _getch();
#else
    MessageBox(NULL, static_cast<LPTSTR>(view.get()), TEXT("Process2"), MB_OK);
#endif
    return 0;
} catch (const Failure &failure) {
    out << TEXT("Could not ") << failure.what << TEXT(" (") << static_cast<int>(failure.code)
        << TEXT(").") << std::endl;
    return 1;
}
