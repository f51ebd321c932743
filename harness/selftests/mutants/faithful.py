"""Variants that do what is documented, in another way: no test may blame them."""
from __future__ import annotations

from typing import Dict, Tuple

from harness.selftests.mutants.variant import Edit, READER, Variant, WRITER

_VIEW_FAILED = ('_tprintf(TEXT("Could not map view of file (%d).\\n"), (int)GetLastError()); '
                "CloseHandle(hMapFile); return 1;")
_END = "UnmapViewOfFile(pBuf); CloseHandle(hMapFile); return 0;"
_MAIN = "int _tmain(void) {"


def _built(name: str, *make: str) -> Variant:
    """The products' own sources, built in another way."""
    return Variant(name, {WRITER: (), READER: ()}, make=make)


def _written(name: str, *both: Edit, writer: Tuple[Edit, ...] = (),
             reader: Tuple[Edit, ...] = ()) -> Variant:
    """Other sources: edits of both programs, and of each alone."""
    edits: Dict[str, Tuple[Edit, ...]] = {WRITER: both + writer, READER: both + reader}
    return Variant(name, edits)


FAITHFUL = [
    _built("built with -O0", "CFLAGS=-O0"),
    _built("built with -O3", "CFLAGS=-O3 -funroll-loops"),
    _built("built with link-time optimisation", "CFLAGS=-O2 -flto"),
    _built("built as C17", "STANDARD=-std=c17"),
    _built("built as GNU C11", "STANDARD=-std=gnu11"),
    _built("built with Clang", "CC=clang"),
    _built("built with Clang, -O0", "CC=clang", "CFLAGS=-O0"),
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
]
