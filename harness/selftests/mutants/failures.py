"""Faults in the four ways to fail: the text, the stream, the number and the exit code."""
from __future__ import annotations

from typing import List

from harness.selftests.mutants.variant import Edit, READER, Variant, WRITER, fault


def _row(program: str, claim: str, text: str, leave: str, condition: str) -> List[Variant]:
    """Return the faults of one failure row: `text` is its message up to the number, `leave` is the
    code after the message, and `condition` is the tested expression."""
    number = "(int)GetLastError()"
    printed = f"{text} (%d).\\n\"), {number});"

    def of(name: str, *edits: Edit, calls: bool = False, unseen: str = "") -> Variant:
        return fault(program, f"{claim} {name}", claim, *edits, calls=calls,
                     unseen=(unseen,) if unseen else ())

    return [
        of("on standard error", (f'_tprintf(TEXT("{text}', f'_ftprintf(stderr, TEXT("{text}')),
        # A program that goes on without an object gets no view, and says so here or not at all.
        of("says nothing", (f'_tprintf(TEXT("{printed}', ";"),
           unseen=f"{claim[0]}2 goes on" if claim[1] == "4" else ""),
        of("without period", (f"{text} (%d).", f"{text} (%d)")),
        of("without newline", (f"{text} (%d).\\n", f"{text} (%d).")),
        of("with two newlines", (f"{text} (%d).\\n", f"{text} (%d).\\n\\n")),
        of("without parentheses", (f"{text} (%d).", f"{text}: %d.")),
        of("other words", (text, text.replace("Could not", "Cannot"))),
        of("other case", (text, text.lower())),
        of("without number", (f"{text} (%d).", f"{text}.")),
        of("number as hexadecimal", (f"{text} (%d)", f"{text} (%#x)")),
        of("number as unsigned", (f"{text} (%d)", f"{text} (%u)"), calls=True),
        of("number as bare hexadecimal", (f"{text} (%d)", f"{text} (%x)"), calls=True),
        of("constant number", (printed, printed.replace(number, "87"))),
        of("number of a later call",
           (f'_tprintf(TEXT("{printed}', f'SetLastError(0);\n_tprintf(TEXT("{printed}')),
        of("exit code 0", (leave, leave.replace("return 1", "return 0"))),
        of("exit code 2", (leave, leave.replace("return 1", "return 2"))),
        of("exit code -1", (leave, leave.replace("return 1", "return -1"))),
        of("exit code is the error",
           (leave, leave.replace("return 1", "return (int)GetLastError()"))),
        of("waits for a key", (leave, leave.replace("return 1", "_getch();\nreturn 1"))),
        of("goes on", (leave, leave.replace("return 1;", ""))),
        of("tests for INVALID_HANDLE_VALUE",
           (condition, condition.replace("NULL", "INVALID_HANDLE_VALUE"))),
        of("not tested", (condition, "if (0) {")),
    ]


_OBJECT, _VIEW = "if (hMapFile == NULL) {", "if (pBuf == NULL) {"
_AT_ONCE = "GetLastError()); return 1;"
_CLOSED = "CloseHandle(hMapFile); return 1;"

FAILURES = [
    *_row(WRITER, "W2", "Could not create file mapping object", _AT_ONCE, _OBJECT),
    *_row(WRITER, "W4", "Could not map view of file", _CLOSED, _VIEW),
    *_row(READER, "R2", "Could not open file mapping object", _AT_ONCE, _OBJECT),
    *_row(READER, "R4", "Could not map view of file", _CLOSED, _VIEW),
    fault(WRITER, "W4 leaves the handle open", "W4", (_CLOSED, "return 1;"), calls=True),
    fault(READER, "R4 leaves the handle open", "R4", (_CLOSED, "return 1;"), calls=True),
    fault(WRITER, "W2 says what the reader says", "W2",
          ("Could not create file", "Could not open file")),
    fault(READER, "R2 says what the writer says", "R2",
          ("Could not open file", "Could not create file")),
    fault(WRITER, "W2 tries another name", "W1",
          (_OBJECT, "if (!hMapFile) hMapFile = CreateFileMapping(INVALID_HANDLE_VALUE, NULL, "
                    "PAGE_READWRITE, 0, BUF_SIZE, TEXT(\"Local\\\\Other\"));\n" + _OBJECT)),
    fault(READER, "R2 in a box", "R2",
          ('_tprintf(TEXT("Could not open file mapping object (%d).\\n"), (int)GetLastError());',
           'MessageBox(NULL, TEXT("Could not open"), TEXT("Process2"), MB_OK);')),
]
