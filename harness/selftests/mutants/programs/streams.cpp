// The pair in C++, with streams, exceptions and destructors. Built with -DWRITER it is the writer.
#include <windows.h>
#include <conio.h>
#include <tchar.h>
#include <iostream>
#include <memory>
#include <string>

#ifdef UNICODE
static std::wostream &out = std::wcout;
#else
static std::ostream &out = std::cout;
#endif

struct Failure {
    LPCTSTR what;
    DWORD code;
};

class Section {
    HANDLE handle;

public:
    Section(HANDLE opened, LPCTSTR problem) : handle(opened)
    {
        if (!handle)
            throw Failure{problem, GetLastError()};
    }
    ~Section() { CloseHandle(handle); }
    operator HANDLE() const { return handle; }
};

class View {
    void *address;

public:
    View(HANDLE section, size_t size)
        : address(MapViewOfFile(section, FILE_MAP_ALL_ACCESS, 0, 0, size))
    {
        if (!address)
            throw Failure{TEXT("map view of file"), GetLastError()};
    }
    ~View() { UnmapViewOfFile(address); }
    LPTSTR text() const { return static_cast<LPTSTR>(address); }
};

int _tmain()
try {
    const std::unique_ptr<std::basic_string<TCHAR>> name(
        new std::basic_string<TCHAR>(TEXT("Global\\MyFileMappingObject")));
#ifdef WRITER
    const std::basic_string<TCHAR> message(TEXT("Message from first process."));
    Section section(CreateFileMapping(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 256,
                                      name->c_str()),
                    TEXT("create file mapping object"));
    View view(section, 256);
    message.copy(view.text(), message.size());
    _getch();
#else
    Section section(OpenFileMapping(FILE_MAP_ALL_ACCESS, FALSE, name->c_str()),
                    TEXT("open file mapping object"));
    View view(section, 256);
    MessageBox(NULL, view.text(), TEXT("Process2"), MB_OK);
#endif
    return 0;
} catch (const Failure &failure) {
    out << TEXT("Could not ") << failure.what << TEXT(" (") << static_cast<int>(failure.code)
        << TEXT(").") << std::endl;
    return 1;
}
