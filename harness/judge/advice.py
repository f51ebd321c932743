"""What to do about a finding: a line for the mistakes that people make, and what to read."""
from __future__ import annotations

import re
from typing import List, NamedTuple, Optional

from harness.judge.findings import Finding


class Advice(NamedTuple):
    """Advice for findings of a claim in which both patterns occur: in what was looked at, and in
    what was seen."""

    claim: str
    what: str
    seen: str
    help: str


#: The first row that fits is given.
ADVICE: List[Advice] = [
    Advice("B1", "DLL", "", "Link with -static (MinGW) or /MT (Visual C++), so that the program "
           "needs only the DLLs of Windows."),
    Advice("B1", "console", "", "Build a console program: main or _tmain, without -mwindows."),
    Advice("B2", "", "", "Use the TCHAR names throughout (CreateFileMapping, MessageBox), and "
           "define both UNICODE and _UNICODE, or neither."),
    Advice("B3", "", "Local", "Local\\ is the namespace of one session. Global\\ selects the "
           "one that all sessions share."),
    Advice("B3", "", "", "Every character of the name counts, upper and lower case too."),
    Advice("B4", "", "", "Print nothing when all goes well: neither the message nor a prompt."),
    Advice("W1", "OpenFileMapping", "", "The writer creates the object; only the reader opens it."),
    Advice("W1", "size", "", "The size is BUF_SIZE, 256 bytes, whatever the character set."),
    Advice("W2", "functions|calls", "", "Return at once when there is no object."),
    Advice("W2", "end", "runs", "End at once after the message: no pause, no key."),
    Advice("R2", "end", "runs", "End at once after the message: no pause, no key."),
    Advice("W2", "output", "", "Print GetLastError() with %d, in the documented words, with printf "
           "and not on standard error."),
    Advice("R2", "output", "", "Print GetLastError() with %d, in the documented words, with printf "
           "and not on standard error."),
    Advice("W3", "", "FILE_MAP_(READ|WRITE|COPY)", "Ask for FILE_MAP_ALL_ACCESS."),
    Advice("R3", "", "FILE_MAP_(READ|WRITE|COPY)", "Ask for FILE_MAP_ALL_ACCESS."),
    Advice("R1", "", "FILE_MAP_(READ|WRITE|COPY)", "Ask for FILE_MAP_ALL_ACCESS."),
    Advice("R1", "functions", ",", "Try once. When the object is not there, say so and return."),
    Advice("W4", "calls", "none", "Close the handle before you return."),
    Advice("R4", "calls", "none", "Close the handle before you return."),
    Advice("W5", "changed", "", "Copy _tcslen(szMsg) * sizeof(TCHAR) bytes: characters times their "
           "size, without the terminator."),
    Advice("W5", "wrote", "", "Copy _tcslen(szMsg) * sizeof(TCHAR) bytes: _tcslen counts "
           "characters, CopyMemory bytes."),
    Advice("W5", "message", "nothing", "Copy the message into the view before you wait for a key."),
    Advice("W6", "keys", "Enter", "_getch() returns at once for any key; getchar() and cin wait "
           "for Enter."),
    Advice("W6", "functions", "", "Wait with one _getch(): any key, without Enter and without an "
           "echo."),
    Advice("W6", "waits", "no", "Wait with _getch(), so that the object exists until a key is "
           "pressed."),
    Advice("W6", "console", "", "_getch() does not show the key; _getche() and getchar() do."),
    Advice("W7", "gives back", "", "UnmapViewOfFile(pBuf), then CloseHandle(hMapFile), once each, "
           "after the key."),
    Advice("R6", "gives back", "", "UnmapViewOfFile(pBuf), then CloseHandle(hMapFile), once each, "
           "after the message box."),
    Advice("W7", "pressed", "runs", "End after the key: no second wait, no pause."),
    Advice("R6", "answered", "runs", "End when the message box is closed: no pause, no key."),
    Advice("R5", "text", "", "Give the view itself to MessageBox: the text is what is in the "
           "memory at that moment."),
    Advice("R5", "number", "", "Show one message box with MessageBox."),
    Advice("R5", "owner, text", "", "MessageBox(NULL, pBuf, TEXT(\"Process2\"), MB_OK)."),
]

#: Where docs/ explains a claim.
PAGES = {"B1": "cross-compiling.md", "B2": "walkthrough.md", "W6": "walkthrough.md",
         "O": "walkthrough.md", "H": "pitfalls.md"}


def advice(finding: Finding) -> Optional[str]:
    """A line that says what to do about it, or None."""
    for row in ADVICE:
        if row.claim == finding.claim and re.search(row.what, finding.what) \
                and re.search(row.seen, finding.seen):
            return row.help
    return None


def page(claim: str) -> str:
    """The page that explains a claim."""
    return "docs/" + PAGES.get(claim, PAGES.get(claim[0], "walkthrough.md"))
