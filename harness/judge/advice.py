"""Advice for typical mistakes: a line that says what to do, and the page to read."""
from __future__ import annotations

import re
from typing import List, NamedTuple, Optional


class Advice(NamedTuple):
    """Advice for findings that match three patterns: the whole claim id, part of what was checked
    (`what`), and part of the value that was `seen`."""

    claim: str
    what: str
    seen: str
    help: str


#: The first row that matches applies.
ADVICE: List[Advice] = [
    Advice("B1", "DLL", "", "Link with -static (MinGW) or /MT (Visual C++), so that the program "
           "needs only the DLLs of Windows."),
    Advice("B1", "console", "", "Build a console program: main or _tmain, without -mwindows."),
    Advice("B2", "", "", "Use the TCHAR names throughout (CreateFileMapping, MessageBox), and "
           "define both UNICODE and _UNICODE, or neither."),
    Advice("B3", "", "Local", "Begin the name with Global\\, the namespace that all sessions "
           "share. Local\\ belongs to one session."),
    Advice("B3", "", r"^[^\\]*$", "Write the name as \"Global\\\\MyFileMappingObject\": in a C "
           "string, two backslashes stand for one."),
    Advice("B3", "", "", "Every character of the name counts, upper and lower case too."),
    Advice("B4", "", "", "Print nothing when all goes well, neither the message nor a prompt: take "
           "out the printf or puts."),
    Advice("W1", "functions", "OpenFileMapping", "The writer creates the object with "
           "CreateFileMapping; only the reader opens it."),
    Advice("W1", "size", "", "The size is BUF_SIZE, 256 bytes, whatever the character set."),
    Advice("W1", "creates its object", "STATUS_", "It crashed before its object could be "
           "seen: look at what MapViewOfFile returned, and whether that view can be written to."),
    Advice("W1", "creates its object", "goes on", "It waits, and no object has a name: pass the "
           "name to CreateFileMapping, and keep the handle until the key."),
    Advice("R1", "functions", "CreateFileMapping", "Only open the object, with OpenFileMapping; "
           "the writer creates it."),
    Advice("R1", "functions|attempts", ",|more", "Try once. When the object is not there, say so "
           "and return."),
    Advice("R1", "functions", "^none$", "Open the object by its name with OpenFileMapping: the "
           "text must come from the writer."),
    Advice("R1", "opens the object", "", "Open the object first: wait for nothing before "
           "OpenFileMapping, and need nothing else."),
    Advice("[WR][13]", "access", "", "Ask for FILE_MAP_ALL_ACCESS. With less, writing or mapping "
           "can fail or crash."),
    Advice("[WR]3", "size|offset|255|256", "", "Map BUF_SIZE bytes, 256, from the first byte on."),
    Advice("[WR][24]", "end|functions", "runs", "End at once after the error line: no pause, no "
           "key, no second attempt."),
    Advice("[WR][24]", "output", "nothing", "Compare the result with NULL. If it is NULL, print "
           "the documented line with GetLastError() as %d to standard output."),
    Advice("[WR][24]", "output", r"\(0\)", "Call GetLastError() right after the call that failed: "
           "any other call may change it."),
    Advice("[WR][24]", "output", "", "Print the documented line, to the character, with "
           "GetLastError() as %d: with printf, and not on standard error."),
    Advice("[WR][24]", "exit code", "STATUS", "It crashed. Compare the result with NULL before you "
           "use it, print the documented line, and return 1."),
    Advice("[WR][24]", "exit code", "", "Return 1 from main after the error line."),
    Advice("[WR][24]", "calls|waits", "Sleep|Wait|else", "End at once after the error line: take "
           "out what waits there, such as Sleep."),
    Advice("[WR]2", "calls", "", "Compare the handle with NULL. If it is NULL, print the "
           "documented line and return 1 at once."),
    Advice("[WR]4", "calls", "none", "Close the handle before you return."),
    Advice("[WR]4", "calls", "", "Compare the view with NULL. If it is NULL, print the documented "
           "line, close the handle, and return 1."),
    Advice("W5", "how much", "", "Copy _tcslen(szMsg) * sizeof(TCHAR) bytes: _tcslen counts "
           "characters, CopyMemory bytes."),
    Advice("W5", "other character set", "", "Write the message in the program's own "
           "character set: TCHAR szMsg[] = TEXT(\"…\")."),
    Advice("W5", "what the writer wrote", "bytes:", "The object holds the characters of the "
           "message from its first byte on, and nothing else: no number, no struct, no length."),
    Advice("W5", "what the writer wrote", "", "Every character of the message counts: upper and "
           "lower case, spaces, and the period."),
    Advice("W5", "changed", "", "Copy _tcslen(szMsg) * sizeof(TCHAR) bytes: characters times their "
           "size, without the terminator. Change no other byte."),
    Advice("W5", "message in", "", "Copy the message into the view before you wait for a key."),
    Advice("W6|R6", "what it waits for before", "", "Ask for nothing before the object and the "
           "message are there: take out the scanf, fgets, cin or _getch before that."),
    Advice("W6", "keys", "Enter", "Wait with one _getch(), which returns for any key; a second "
           "one waits for another, and getchar(), scanf() and cin for Enter."),
    Advice("W6", "functions|waits", "", "Wait with one _getch(): it returns for any key, without "
           "Enter and without an echo."),
    Advice("W6", "shows", "", "Wait with _getch(), which does not show the key; _getche() and "
           "getchar() do."),
    Advice("W7", "object exists", "", "Keep the handle and the view until the key is pressed: the "
           "object disappears with its last handle."),
    Advice("W7|R6", "order|waits", "Sleep|Wait|else", "End at once after the key or the message "
           "box: take out what waits then, such as Sleep."),
    Advice("W7", "order", "", "Call UnmapViewOfFile(pBuf), then CloseHandle(hMapFile), once each, "
           "after the key. The object disappears with its last handle."),
    Advice("R6", "order|still", "", "Call UnmapViewOfFile(pBuf), then CloseHandle(hMapFile), once "
           "each, after the message box."),
    Advice("W7", "pressed", "runs", "End after the key: take out what waits a second time, such as "
           "system(\"pause\") or getchar()."),
    Advice("R6", "answered|wait|without", "runs|else", "End when the message box is closed: take "
           "out what waits then, such as system(\"pause\") or getchar()."),
    Advice("W7|R6", "exit code", "STATUS", "It crashed. Check each result, and use the view only "
           "before UnmapViewOfFile."),
    Advice("W7|R6", "exit code", "", "Return 0 from main."),
    Advice("R5", "number", "^0", "Show the message with MessageBox, and leave it open until it is "
           "answered."),
    Advice("R5", "number|functions", "", "Call MessageBox once, and nothing else that shows a "
           "window."),
    Advice("R5", "text", "", "Give the view itself to MessageBox: the text is what is in the "
           "memory at that moment."),
    Advice("R5", "changed", "", "Only read the memory: write nothing into the view."),
    Advice("R5", "title", "", "Every character of the title counts: TEXT(\"Process2\")."),
    Advice("R7", "", "", "Show the message with MessageBox, and link with -luser32."),
    Advice("R5", "", "", "MessageBox(NULL, pBuf, TEXT(\"Process2\"), MB_OK): one OK button, no "
           "icon, no owner window."),
]

#: Where docs/ explains a claim.
PAGES = {"B1": "cross-compiling.md", "B2": "walkthrough.md", "W6": "walkthrough.md",
         "O": "walkthrough.md", "H": "pitfalls.md"}


def advice(claim: str, what: str, seen: str) -> Optional[str]:
    """Return a line that says what to do about a finding of a claim, or None."""
    for row in ADVICE:
        if re.fullmatch(row.claim, claim) and re.search(row.what, what) \
                and re.search(row.seen, seen):
            return row.help
    return None


def page(claim: str) -> str:
    """Return the page that explains a claim."""
    return "docs/" + PAGES.get(claim, PAGES.get(claim[0], "walkthrough.md"))
