"""Faults of second_process, the reader, except those of its failure rows."""
from __future__ import annotations

from typing import Any

from harness.selftests.mutants.variant import Edit, READER, Variant, fault

_BOX = "MessageBox(NULL, pBuf, TEXT(\"Process2\"), MB_OK);"
_END = "UnmapViewOfFile(pBuf); CloseHandle(hMapFile); return 0;"
_OPEN = ("OpenFileMapping(FILE_MAP_ALL_ACCESS, // read/write access "
         "FALSE, // children do not inherit the handle szName);")
_AGAIN = "OpenFileMapping(FILE_MAP_ALL_ACCESS, FALSE, szName)"
_CREATE = "CreateFileMapping(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, BUF_SIZE, szName);"
_VIEW = "0, 0, // from the first byte on BUF_SIZE);"
_NAME = "Global\\\\MyFileMappingObject"
_ACCESS = "FILE_MAP_ALL_ACCESS, // read/write permission"


def _r(name: str, claims: str, *edits: Edit, **options: Any) -> Variant:
    return fault(READER, name, claims, *edits, **options)


def _box(name: str, instead: str, claims: str = "R5", **options: Any) -> Variant:
    return _r(f"box: {name}", claims, (_BOX, instead), **options)


def _end(name: str, claims: str, instead: str, **options: Any) -> Variant:
    return _r(f"end: {name}", claims, (_END, instead), **options)


READER_FAULTS = [
    # The name.
    _r("name under Local", "B3", (_NAME, "Local\\\\MyFileMappingObject")),
    _r("name without prefix", "B3", (_NAME, "MyFileMappingObject")),
    # No object can have that name.
    _r("name in other case", "B3", (_NAME, "GLOBAL\\\\MYFILEMAPPINGOBJECT"),
       hides=("view", "BUF_SIZE", "box", "end", "R3", "R4"), unseen=("creates",)),
    _r("another name", "B3", (_NAME, "Global\\\\MyFileMapping")),
    # The object.
    # It reports itself that it has no view.
    _r("opens for reading alone", "R1", ("(FILE_MAP_ALL_ACCESS,", "(FILE_MAP_READ,"), seen="R3",
       hides=("box", "end")),
    _r("opens for writing alone", "R1", ("(FILE_MAP_ALL_ACCESS,", "(FILE_MAP_WRITE,"), calls=True),
    _r("opens for execution too", "R1",
       ("(FILE_MAP_ALL_ACCESS,", "(FILE_MAP_ALL_ACCESS | FILE_MAP_EXECUTE,"), calls=True),
    _r("reads only", "R1 R3", ("(FILE_MAP_ALL_ACCESS,", "(FILE_MAP_READ,"),
       (_ACCESS, "FILE_MAP_READ,"), calls=True),
    _r("lets children inherit", "R1", ("FALSE, //", "TRUE, //"), calls=True),
    _r("creates instead of opening", "R1", (_OPEN, _CREATE)),
    _r("creates what it cannot open", "R1",
       (_OPEN, f"{_AGAIN};\nif (!hMapFile) hMapFile = {_CREATE}")),
    _r("waits for the writer", "R1",
       (_OPEN, f"NULL;\nwhile (!(hMapFile = {_AGAIN})) Sleep(1);"), hides=("R2",)),
    # The view.
    _r("view read-only", "R3", (_ACCESS, "FILE_MAP_READ,"), calls=True),
    # What it writes into its private view is not in the object.
    _r("view copy-on-write", "R3", (_ACCESS, "FILE_MAP_COPY,"), calls=True,
       hides=("box: memory taken",)),
    _r("view for writing alone", "R3", (_ACCESS, "FILE_MAP_WRITE,"), calls=True),
    _r("view of all of the object", "R3", (_VIEW, "0, 0, 0);"), unseen=("R4",)),
    _r("view of half the object", "R3", (_VIEW, "0, 0, BUF_SIZE / 2);")),
    _r("view of twice the size", "R3", (_VIEW, "0, 0, BUF_SIZE * 2);")),
    _r("view of a later part", "R3", (_VIEW, "0, 65536, BUF_SIZE);")),
    _r("BUF_SIZE 255", "R3", ("BUF_SIZE 256", "BUF_SIZE 255")),
    _r("BUF_SIZE 512", "R3", ("BUF_SIZE 256", "BUF_SIZE 512")),
    _r("BUF_SIZE 4096", "R3", ("BUF_SIZE 256", "BUF_SIZE 4096"), hides=("box: text cut",)),
    # The text.
    _box("text built in", "MessageBox(NULL, TEXT(\"Message from first process.\"), "
                          "TEXT(\"Process2\"), MB_OK);"),
    _box("text one character on", _BOX.replace("pBuf", "pBuf + 1")),
    _box("text of 27 characters", "TCHAR copy[28]; lstrcpyn(copy, pBuf, 28);\n"
         + _BOX.replace("pBuf", "copy"), "R5"),
    _box("text cut at BUF_SIZE", "TCHAR copy[BUF_SIZE / sizeof(TCHAR) + 1];\n"
         "lstrcpyn(copy, pBuf, BUF_SIZE / sizeof(TCHAR) + 1);\n" + _BOX.replace("pBuf", "copy"),
         "R5"),
    _box("text up to its first space",
         "TCHAR *copy = _tcsdup(pBuf); copy[_tcscspn(copy, TEXT(\" \"))] = 0;\n"
         + _BOX.replace("pBuf", "copy")),
    _box("text of letters alone",
         "TCHAR *copy = _tcsdup(pBuf);\n"
         "for (TCHAR *at = copy; *at; at++) if ((unsigned)*at > 126) *at = '?';\n"
         + _BOX.replace("pBuf", "copy")),
    _box("text is waited for", f"while (!*pBuf) Sleep(1);\n{_BOX}", "R5"),
    _box("empty text replaced", _BOX.replace("pBuf", 'pBuf[0] ? pBuf : TEXT("(nothing)")'), "R5"),
    _box("text in the other charset",
         "MessageBoxA(NULL, (LPCSTR)pBuf, \"Process2\", MB_OK);", "B2", charsets=("unicode",)),
    _box("text as wide text",
         "MessageBoxW(NULL, (LPCWSTR)pBuf, L\"Process2\", MB_OK);", "B2", charsets=("ansi",)),
    # The box.
    _box("other title", _BOX.replace("Process2", "Process 2")),
    _box("title of the first", _BOX.replace("Process2", "Process1")),
    _box("no title", _BOX.replace("TEXT(\"Process2\")", "NULL")),
    _box("OK and Cancel", _BOX.replace("MB_OK", "MB_OKCANCEL")),
    _box("Yes and No", _BOX.replace("MB_OK", "MB_YESNO")),
    _box("icon", _BOX.replace("MB_OK", "MB_ICONINFORMATION")),
    _box("an owner", _BOX.replace("NULL", "GetDesktopWindow()"), calls=True),
    _box("task-modal", _BOX.replace("MB_OK", "MB_TASKMODAL"), calls=True),
    _box("twice", f"{_BOX}\n{_BOX}"),
    _box("none", "", "R5 R7"),
    _box("none, but printed", "_tprintf(TEXT(\"%s\\n\"), pBuf);", "R5 B4 R7"),
    _box("and printed", f"_tprintf(TEXT(\"%s\\n\"), pBuf);\n{_BOX}", "B4"),
    # The memory stays as it is.
    _box("memory ended at BUF_SIZE",
         f"((LPTSTR)pBuf)[BUF_SIZE / sizeof(TCHAR) - 1] = 0;\n{_BOX}", "R5"),
    _box("memory taken back", f"{_BOX}\n*(LPTSTR)pBuf = 0;", "R5"),
    # The end.
    _r("end: view gone before the box", "R6",
       (f"{_BOX} UnmapViewOfFile(pBuf);",
        "LPTSTR copy = _tcsdup(pBuf); UnmapViewOfFile(pBuf);\n" + _BOX.replace("pBuf", "copy")),
       calls=True),
    _r("end: handle closed before the box", "R6",
       (f"{_BOX} UnmapViewOfFile(pBuf); CloseHandle(hMapFile);",
        f"CloseHandle(hMapFile);\n{_BOX}\nUnmapViewOfFile(pBuf);")),
    _end("no unmap", "R6", "CloseHandle(hMapFile); return 0;", calls=True),
    _end("no close", "R6", "UnmapViewOfFile(pBuf); return 0;", calls=True),
    _end("close before unmap", "R6",
         "CloseHandle(hMapFile); UnmapViewOfFile(pBuf); return 0;", calls=True),
    _end("closed twice", "R6", _END.replace("return 0", "CloseHandle(hMapFile);\nreturn 0"),
         calls=True),
    _end("exit code 1", "R6", _END.replace("return 0", "return 1")),
    _end("exit code of the box", "R6", _END.replace("return 0", "return IDOK + 1")),
    _end("waits for a key", "R6", _END.replace("return 0", "_getch();\nreturn 0")),
    _end("does not end", "R6", _END.replace("return 0;", "Sleep(INFINITE);")),
    _end("says something", "B4", f"_tprintf(TEXT(\"Done.\\n\"));\n{_END}"),
    _end("complains", "B4", f"_ftprintf(stderr, TEXT(\"Done.\\n\"));\n{_END}"),
]
