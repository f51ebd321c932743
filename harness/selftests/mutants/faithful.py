"""Variants that do what is documented in another way: no check may blame them."""
from __future__ import annotations

from pathlib import Path
from typing import Dict, Tuple

from harness.selftests.mutants.variant import CHARSETS, Compiled, Edit, READER, Variant, WRITER

_VIEW_FAILED = ('_tprintf(TEXT("Could not map view of file (%d).\\n"), (int)GetLastError()); '
                "CloseHandle(hMapFile); return 1;")
_END = "UnmapViewOfFile(pBuf); CloseHandle(hMapFile); return 0;"
_MAIN = "int _tmain(void) {"
_C = "x86_64-w64-mingw32-gcc -Os -D__USE_MINGW_ANSI_STDIO=0 {source}/"
_CPP = "x86_64-w64-mingw32-g++ -O2 {tchar} {source}/streams.cpp -o {target}"
#: Not every Debian release has it.
RUST_LIBRARY = Path("/usr/lib/rustlib/x86_64-pc-windows-gnu")
_RUST = "/usr/bin/rustc --target x86_64-pc-windows-gnu -O -o {target} {source}/"


def _built(name: str, *make: str) -> Variant:
    """Return the project's own programs, built in another way."""
    return Variant(name, {WRITER: (), READER: ()}, make=make)


def _compiled(name: str, charset: str = "", claims: str = "", seen: str = "",
              **compilers: str) -> Variant:
    """Return programs with their own sources, for one character set or both; see Variant."""
    return Compiled(name, {program: () for program in compilers}, tuple(claims.split()),
                    charsets=(charset,) if charset else CHARSETS, seen=tuple(seen.split()),
                    compilers=compilers)


def _written(name: str, *both: Edit, writer: Tuple[Edit, ...] = (),
             reader: Tuple[Edit, ...] = (), make: Tuple[str, ...] = ()) -> Variant:
    """Return edited programs: edits of both, and of each alone; `make` are variables for make."""
    edits: Dict[str, Tuple[Edit, ...]] = {WRITER: both + writer, READER: both + reader}
    return Variant(name, edits, make=make)


#: The run-time library of Visual C++ and of newer MinGW installations. With -nodefaultlibs, Clang
#: warns about the unused -static-libgcc.
UCRT = ("CPPFLAGS=-D_UCRT -Wno-unused-command-line-argument",
        "LDFLAGS=-nodefaultlibs -lmingw32 -lgcc -lmingwex -lucrt -lkernel32")

FAITHFUL = [
    _built("built with -O0", "CFLAGS=-O0"),
    _built("built with -O3", "CFLAGS=-O3 -funroll-loops"),
    _built("built with link-time optimisation", "CFLAGS=-O2 -flto"),
    _built("built as C17", "STANDARD=-std=c17"),
    _built("built as GNU C11", "STANDARD=-std=gnu11"),
    _built("built with Clang", "CC=clang"),
    _built("built with Clang, -O0", "CC=clang", "CFLAGS=-O0"),
    _built("with the Universal C Runtime", *UCRT),
    _built("with the Universal C Runtime and Clang", "CC=clang", *UCRT),
    _built("linked statically, with symbols", "CFLAGS=-g -O1", "LINKING=-static"),
    _built("with MinGW's own printf", "CRT=-D__USE_MINGW_ANSI_STDIO=1"),
    _built("with other names of variables", "CPPFLAGS=-DhMapFile=section -DpBuf=view "
           "-DszName=object_name -DszMsg=text"),
    _written("with the error kept first",
             (_VIEW_FAILED,
              "DWORD error = GetLastError();\n        CloseHandle(hMapFile);\n"
              '        _tprintf(TEXT("Could not map view of file (%d).\\n"), (int)error);\n'
              "        return 1;")),
    _written("with helper functions",
             (_MAIN,
              "static int fail(LPCTSTR format, HANDLE section)\n{\n"
              "    _tprintf(format, (int)GetLastError());\n    if (section)\n"
              "        CloseHandle(section);\n    return 1;\n}\n\n"
              "static int leave(LPCVOID view, HANDLE section)\n{\n    UnmapViewOfFile(view);\n"
              "    return CloseHandle(section) ? 0 : 2;\n}\n\n" + _MAIN),
             (_VIEW_FAILED,
              'return fail(TEXT("Could not map view of file (%d).\\n"), hMapFile);'),
             (_END, "return leave(pBuf, hMapFile);")),
    _written("with printing in pieces",
             ("_tprintf(TEXT(\"Could not map view of file (%d).\\n\"), (int)GetLastError());",
              "DWORD error = GetLastError();\n        _fputts(TEXT(\"Could not map view of \"), "
              "stdout);\n        _ftprintf(stdout, TEXT(\"file (%ld)\"), (long)error);\n"
              "        _puttchar(TEXT('.'));\n        _puttchar(TEXT('\\n'));")),
    _written("with loops and pointers",
             writer=(("CopyMemory((PVOID)pBuf, szMsg, (_tcslen(szMsg) * sizeof(TCHAR)));",
                      "for (int i = 0; szMsg[i]; i++)\n        ((volatile TCHAR *)pBuf)[i] = "
                      "szMsg[i];"),),
             reader=(("LPCTSTR pBuf;", "const TCHAR *pBuf, title[] = TEXT(\"Process2\");"),
                     ("TEXT(\"Process2\"), MB_OK", "title, 0"))),
    _written("with the work done in a second thread",
             (_MAIN, "static DWORD WINAPI work(PVOID unused);\n\nint _tmain(void)\n{\n"
              "    DWORD code = 3;\n"
              "    HANDLE thread = CreateThread(NULL, 0, work, NULL, 0, NULL);\n"
              "    WaitForSingleObject(thread, INFINITE);\n    GetExitCodeThread(thread, &code);\n"
              "    CloseHandle(thread);\n    return (int)code;\n}\n\n"
              "static DWORD WINAPI work(PVOID unused)\n{\n    (void)unused;\n")),
    _written("with the name on the heap",
             ("szName); // name of", "copied = _tcsdup(szName)); free(copied); // name of"),
             ("#define BUF_SIZE", "#include <stdlib.h>\n#define BUF_SIZE"),
             (_MAIN, _MAIN + "\n    LPTSTR copied;")),
    _written("with the user's locale",
             (_MAIN, "#include <locale.h>\n" + _MAIN + '\n    setlocale(LC_ALL, "");')),
    _written("with other orders of declarations",
             ("HANDLE hMapFile; LPCTSTR pBuf;", "enum { unused };"),
             ("pBuf = (", "LPCTSTR const pBuf = ("),
             ("TCHAR szName[] = ", "static const TCHAR *const szName = "),
             writer=(("hMapFile = Create", "HANDLE const hMapFile = Create"),),
             reader=(("hMapFile = Open", "HANDLE const hMapFile = Open"),)),
    _written("with a helper for its console",
             (_MAIN, "static void console(void)\n{\n    DWORD mode;\n    HANDLE out = "
              "GetStdHandle(STD_OUTPUT_HANDLE);\n    if (GetConsoleMode(out, &mode))\n"
              "        SetConsoleMode(out, mode | 4);\n"
              "    SetConsoleTitle(TEXT(\"Shared memory\"));\n}\n\n" + _MAIN
              + "\n    console();")),
    _written("with functions found at run time",
             (_MAIN, "#undef CreateFileMapping\n#undef OpenFileMapping\n"
              '#define FOUND(x) ((PVOID)GetProcAddress(GetModuleHandle(TEXT("kernel32")), x))\n'
              "#ifdef UNICODE\n#define LETTER \"W\"\n#else\n#define LETTER \"A\"\n#endif\n"
              "#define CreateFileMapping ((HANDLE(WINAPI *)(HANDLE, PVOID, DWORD, DWORD, DWORD, "
              'LPCTSTR))FOUND("CreateFileMapping" LETTER))\n'
              "#define OpenFileMapping ((HANDLE(WINAPI *)(DWORD, BOOL, LPCTSTR))"
              'FOUND("OpenFileMapping" LETTER))\n' + _MAIN),
             make=("WARNINGS=-w",)),
    _written("with one way out",
             ("GetLastError()); return 1;", "GetLastError());\n        goto out;"),
             (_VIEW_FAILED,
              '_tprintf(TEXT("Could not map view of file (%d).\\n"), (int)GetLastError());\n'
              "        goto close;"),
             ("HANDLE hMapFile;", "HANDLE hMapFile;\n    int code = 1;"),
             (_END, "code = 0;\n    UnmapViewOfFile(pBuf);\nclose:\n    CloseHandle(hMapFile);\n"
              "out:\n    return code;")),
    _compiled("in C++ with streams, linked statically",
              first_process=_CPP + " -static -DWRITER", second_process=_CPP + " -static"),
    *([_compiled("in Rust", "unicode", first_process=_RUST + "writer.rs",
                 second_process=_RUST + "reader.rs")] if RUST_LIBRARY.is_dir() else []),
    _compiled("writer with a C run-time library of its own", "ansi",
              first_process=_C + "own_runtime.c -o {target} -ffreestanding -nostdlib -lkernel32"),
]

#: Programs with their own sources, and the claims that they break.
OTHERS = [
    _compiled("writer in C++ with streams, linked with the compiler's DLLs", claims="B1",
              first_process=_CPP + " -DWRITER"),
    _compiled("writer that goes on after its key", "ansi", claims="W2 W4 W7", seen="W2 W4 W6",
              first_process=_C + "../../misbehaving/hangs.c -o {target}"),
    _compiled("writer that looks at nothing and waits for nobody", "ansi", claims="W2 W4 W6",
              first_process=_C + "leaves.c -o {target}"),
    _compiled("reader with two boxes at once", "ansi", claims="R2 R4 R5 R6", seen="R2 R4 R5",
              second_process=_C + "two_boxes.c -o {target} -luser32"),
]
