"""Faults of first_process, the writer, except those of its failure rows."""
from __future__ import annotations

from typing import Any

from harness.selftests.mutants.variant import Edit, Variant, WRITER, fault

_LENGTH = "(_tcslen(szMsg) * sizeof(TCHAR))"
_COPY = f"CopyMemory((PVOID)pBuf, szMsg, {_LENGTH});"
_KEY = "_getch();"
_END = "UnmapViewOfFile(pBuf); CloseHandle(hMapFile); return 0;"
_SIZE = "BUF_SIZE, // size, low-order DWORD"
_VIEW = "0, 0, // from the first byte on BUF_SIZE);"
_NAME = "Global\\\\MyFileMappingObject"
_ACCESS = "FILE_MAP_ALL_ACCESS,"
#: Names of faults that make it wait longer than for one key.
_MORE_KEYS = ("key: two", "key: only", "key: never", "key: waits")
#: Beginnings of the names of faults in what it writes.
_WRITING = ("message", "copies", "fills", "leaves an existing")


def _w(name: str, claims: str, *edits: Edit, **options: Any) -> Variant:
    return fault(WRITER, name, claims, *edits, **options)


def _key(name: str, instead: str, claims: str = "W6", **options: Any) -> Variant:
    return _w(f"key: {name}", claims, (_KEY, instead), **options)


def _end(name: str, claims: str, instead: str, **options: Any) -> Variant:
    return _w(f"end: {name}", claims, (_END, instead), **options)


WRITER_FAULTS = [
    # The name.
    _w("name under Local", "B3", (_NAME, "Local\\\\MyFileMappingObject")),
    _w("name without prefix", "B3", (_NAME, "MyFileMappingObject")),
    _w("name in other case", "B3", (_NAME, "Global\\\\MyFileMappingobject")),
    _w("name with one backslash", "B3", (_NAME, "Global\\MyFileMappingObject")),
    _w("another name", "B3", (_NAME, "Global\\\\MyFileMappingObject2")),
    # Nothing but the writer itself can look into its object.
    _w("no name", "B3", ("szName); //", "NULL); //"), seen="W1",
       hides=(*_WRITING, "refuses", "end: message")),
    # The object.
    # The system rounds the size of an object up to a page.
    _w("BUF_SIZE 512", "W1 W3", ("BUF_SIZE 256", "BUF_SIZE 512"), seen="W3"),
    _w("BUF_SIZE 255", "W1 W3", ("BUF_SIZE 256", "BUF_SIZE 255"), seen="W3"),
    _w("BUF_SIZE in characters", "W1 W3", ("BUF_SIZE 256", "BUF_SIZE (256 * sizeof(TCHAR))"),
       charsets=("unicode",), seen="W3"),
    _w("BUF_SIZE 8192", "W1 W3", ("BUF_SIZE 256", "BUF_SIZE 8192")),
    _w("object of 512 bytes", "W1", (_SIZE, "512,"), calls=True),
    _w("object of 27 characters", "W1", (_SIZE, "sizeof(szMsg),"), calls=True),
    _w("object of two pages", "W1", (_SIZE, "4097,")),
    _w("object of 4 GiB", "W1", ("0, // size, high-order", "1, //")),
    # It reports itself that it has no view, and never gets further.
    *(_w(f"object {kind}", "W1", ("PAGE_READWRITE, ", f"{protection}, "), seen="W3",
         hides=(*_WRITING, "key", "says what", "end"))
      for kind, protection in {"read-only": "PAGE_READONLY",
                               "copy-on-write": "PAGE_WRITECOPY"}.items()),
    _w("object executable", "W1", ("PAGE_READWRITE, ", "PAGE_EXECUTE_READWRITE, "), calls=True),
    _w("object reserved", "W1", ("PAGE_READWRITE, ", "PAGE_READWRITE | SEC_RESERVE, ")),
    _w("object with a handle to inherit", "W1",
       ("NULL, // def", "&(SECURITY_ATTRIBUTES){sizeof(SECURITY_ATTRIBUTES), 0, TRUE}, // def"),
       calls=True),
    _w("object of a file", "W1",
       ("(INVALID_HANDLE_VALUE,", "(CreateFile(TEXT(\"shared\"), GENERIC_READ | GENERIC_WRITE, 7, "
                                  "NULL, CREATE_ALWAYS, FILE_FLAG_DELETE_ON_CLOSE, NULL),")),
    _w("opens instead of creating", "W1",
       ("CreateFileMapping(INVALID_HANDLE_VALUE, // use the paging file NULL,",
        "OpenFileMapping(FILE_MAP_ALL_ACCESS, FALSE, szName); (void)(")),
    _w("refuses an existing object", "W8",
       ("if (hMapFile == NULL) {",
        "if (GetLastError() == ERROR_ALREADY_EXISTS) hMapFile = NULL;\nif (hMapFile == NULL) {"),
       unseen=("W4", "view", "BUF_SIZE")),
    _w("leaves an existing object alone", "W8",
       ("if (hMapFile == NULL) {",
        "BOOL old = GetLastError() == ERROR_ALREADY_EXISTS;\nif (hMapFile == NULL) {"),
       (_COPY, f"if (!old) {{\n{_COPY}\n}}"), unseen=("view of all",)),
    # The view.
    # It crashes; and what it writes into its private view is not in the object.
    _w("view read-only", "W3", (_ACCESS, "FILE_MAP_READ,"), seen="W1",
       hides=(*_WRITING, "key", "says what", "end")),
    _w("view copy-on-write", "W3", (_ACCESS, "FILE_MAP_COPY,"), seen="W5", hides=_WRITING),
    _w("view for writing alone", "W3", (_ACCESS, "FILE_MAP_WRITE,"), calls=True),
    # It can map any object, so mapping never fails.
    _w("view of all of the object", "W3", (_VIEW, "0, 0, 0);"), unseen=("W4",)),
    _w("view of half the object", "W3", (_VIEW, "0, 0, BUF_SIZE / 2);")),
    _w("view of twice the size", "W3", (_VIEW, "0, 0, BUF_SIZE * 2);")),
    # It ends before its object can be seen, and writes only into one that is larger.
    _w("view of a later part", "W3", (_VIEW, "0, 65536, BUF_SIZE);"), unseen=("object",),
       hides=("copies the terminator", "fills", "leaves")),
    # The message.
    _w("copies the terminator", "W5", (_LENGTH, "sizeof(szMsg)")),
    _w("copies a character less", "W5", (_LENGTH, "sizeof(szMsg) - 2 * sizeof(TCHAR)")),
    _w("copies characters as bytes", "W5", (_LENGTH, "_tcslen(szMsg)"), charsets=("unicode",)),
    _w("copies twice the bytes", "W5", (_LENGTH, "2 * _tcslen(szMsg)"), charsets=("ansi",)),
    _w("fills with zeros", "W5", (_COPY, "ZeroMemory((PVOID)pBuf, BUF_SIZE);\n" + _COPY)),
    _w("fills what is behind", "W5",
       (_COPY, _COPY + "\nFillMemory((BYTE *)pBuf + 64, BUF_SIZE - 64, 0);")),
    _w("copies one byte further on", "W5", ("(PVOID)pBuf,", "(BYTE *)pBuf + 1,")),
    _w("copies nothing", "W5", (_COPY, "")),
    _w("message without period", "W5", ("first process.", "first process")),
    _w("message in other case", "W5", ("\"Message", "\"message")),
    _w("message with other words", "W5", ("from first", "from the first")),
    _w("message with newline", "W5", ("first process.", "first process.\\n")),
    _w("message in the other charset", "W5",
       (_COPY, "CopyMemory((PVOID)pBuf, \"Message from first process.\", 27);"),
       charsets=("unicode",)),
    _w("message after the key", "W5", (_COPY, ""), (_KEY, f"_getch();\n{_COPY}")),
    # The key.
    _key("with Enter", "getchar();"),
    _key("a line of text", "char line[80]; fgets(line, sizeof line, stdin);"),
    _key("echoed", "_getche();"),
    _key("asked for", "_tprintf(TEXT(\"Press a key\")); _getch();", "B4"),
    _key("none", ""),
    _key("none but a while", "Sleep(1500);", hides=("message after",)),
    _key("two", "_getch(); _getch();"),
    _key("only Escape", "while (_getch() != 27);"),
    # Without an end, the buffer of its standard output is never printed.
    _key("never enough", "for (;;) { _getch(); }", hides=("end", "key: asked", "says what")),
    _key("waits for ever", "Sleep(INFINITE);", hides=("end", "key: asked", "says what")),
    _key("by looking again and again", "while (!_kbhit()) Sleep(1);"),
    _key("after the view", "UnmapViewOfFile(pBuf); _getch();", "W7", calls=True),
    # Its object is gone before it can be opened, and what it waits for then is W7.
    _key("after the handle", "CloseHandle(hMapFile); _getch();", "W7",
         unseen=("object", "BUF_SIZE"), hides=_MORE_KEYS),
    _key("after both", "UnmapViewOfFile(pBuf); CloseHandle(hMapFile); _getch();", "W7",
         unseen=("object", "BUF_SIZE"), hides=_MORE_KEYS),
    # The end.
    _end("no unmap", "W7", "CloseHandle(hMapFile); return 0;", calls=True),
    _end("no close", "W7", "UnmapViewOfFile(pBuf); return 0;", calls=True),
    _end("neither", "W7", "return 0;", calls=True),
    _end("close before unmap", "W7",
         "CloseHandle(hMapFile); UnmapViewOfFile(pBuf); return 0;", calls=True),
    _end("unmap of another address", "W7", _END.replace("(pBuf)", "(pBuf + 64)"),
         calls=True),
    _end("message taken away", "W7", f"ZeroMemory((PVOID)pBuf, BUF_SIZE);\n{_END}"),
    _end("exit code 1", "W7", _END.replace("return 0", "return 1")),
    _end("exit code -1", "W7", _END.replace("return 0", "return -1")),
    # What it has printed is lost with its buffer.
    _end("crashes", "W7", _END.replace("return 0;", "*(volatile int *)0 = 0; return 0;"),
         hides=("end: says", "says what", "key: asked")),
    _end("overflows its stack", "W7",
         _END.replace("return 0;", "for (;;) *(volatile char *)__builtin_alloca(4096) = 0;"),
         hides=("end: says", "says what", "key: asked")),
    _end("does not end", "W7", _END.replace("return 0;", "Sleep(INFINITE);")),
    _end("says something", "B4", f"_tprintf(TEXT(\"Done.\\n\"));\n{_END}"),
    _end("complains", "B4", f"_ftprintf(stderr, TEXT(\"Done.\\n\"));\n{_END}"),
    _w("says what it wrote", "B4", (_KEY, "_tprintf(TEXT(\"%s\\n\"), szMsg);\n_getch();")),
]
