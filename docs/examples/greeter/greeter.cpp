// greeter NAME: greets NAME. greeter --version: prints the version from its own resource.
#include "greeting.h"
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>
#include <windows.h>

static std::string version()
{
    wchar_t file[MAX_PATH];
    void *found;
    UINT size;

    GetModuleFileNameW(nullptr, file, MAX_PATH);
    std::vector<char> data(GetFileVersionInfoSizeW(file, nullptr));
    if (!GetFileVersionInfoW(file, 0, static_cast<DWORD>(data.size()), data.data()) ||
        !VerQueryValueW(data.data(), L"\\", &found, &size))
        throw std::runtime_error("there is no version resource");
    const auto *info = static_cast<VS_FIXEDFILEINFO *>(found);
    return std::to_string(HIWORD(info->dwFileVersionMS)) + "." +
           std::to_string(LOWORD(info->dwFileVersionMS)) + "." +
           std::to_string(HIWORD(info->dwFileVersionLS)) + "." +
           std::to_string(LOWORD(info->dwFileVersionLS));
}

// main gets its arguments in the ANSI code page, which cannot hold every name.
static std::string utf8(const wchar_t *text)
{
    std::string bytes(WideCharToMultiByte(CP_UTF8, 0, text, -1, nullptr, 0, nullptr, nullptr), 0);

    WideCharToMultiByte(CP_UTF8, 0, text, -1, &bytes[0], static_cast<int>(bytes.size()), nullptr,
                        nullptr);
    bytes.pop_back(); // The terminating null.
    return bytes;
}

int main()
try {
    int count;
    wchar_t **words = CommandLineToArgvW(GetCommandLineW(), &count);

    if (count != 2)
        throw std::runtime_error("usage: greeter NAME | --version");
    const std::string name = utf8(words[1]);
    LocalFree(words);
    std::cout << (name == "--version" ? version() : greeting() + name) << "\n";
} catch (const std::exception &problem) {
    std::cerr << problem.what() << "\n";
    return 1;
}
