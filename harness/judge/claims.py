"""Every documented claim, numbered, in our own words, with the facts that show it.

B: both programs; W: the writer, first_process; R: the reader, second_process; O: the object; H:
what goes wrong with the documented pattern, which tests pin down and the programs do not fix.

A claim is kept only if each of its facts was seen to hold in this run. A fact with `*` is visible
only in a program's calls. A fact with `?` is checked only if there is reason to; its claim can
be kept without it.
"""
from __future__ import annotations

from typing import Dict, Tuple

from harness.driver.contract import MESSAGE, NAME, TITLE, Words

WRITER, READER = "first_process", "second_process"
#: The program of a claim, by the first letter of its id. B claims are about both programs, O and H
#: claims about the system.
ABOUT = {"W": WRITER, "R": READER}

_TABLE: Dict[str, Tuple[str, str]] = {
    "B1": ("a 32-bit or 64-bit console program that needs only the DLLs of Windows",
           "dlls console"),
    "B2": ("one source serves ANSI and Unicode, through TCHAR and the headers that define it",
           "imports letters* compiles?"),
    "B3": (f"BUF_SIZE is 256 bytes, and the name is {NAME}", "name"),
    "B4": ("a failure is one line on standard output with GetLastError() as %d, and exit code 1; "
           "success prints nothing and exits with 0", "silent"),
    "W1": ("CreateFileMapping(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, BUF_SIZE, szName), "
           "backed by the paging file", "created function* arguments* page"),
    "W2": ("without an object: \"Could not create file mapping object (N).\" and exit code 1",
           "line exit end after* number*"),
    "W3": ("MapViewOfFile(hMapFile, FILE_MAP_ALL_ACCESS, 0, 0, BUF_SIZE)",
           "function* arguments* exact gets?"),
    "W4": ("without a view: \"Could not map view of file (N).\", the handle closed, exit code 1",
           "line exit end closed* number*"),
    "W5": (f"the {len(MESSAGE)} characters of \"{MESSAGE}\" are copied, without a terminator",
           "message changed"),
    "W6": ("_getch() waits for any one key, without Enter and without echo; the object stays",
           "question waits function* key echo others arrow no-character terminal?"),
    "W7": ("UnmapViewOfFile, then CloseHandle, then exit code 0",
           "stays end exit order* untouched"),
    "W8": ("an existing object of that name is opened and written over", "overwrites"),
    "R1": ("OpenFileMapping(FILE_MAP_ALL_ACCESS, FALSE, szName)",
           "opened function* arguments* alone"),
    "R2": ("without an object: \"Could not open file mapping object (N).\" and exit code 1",
           "line exit end after* number*"),
    "R3": ("MapViewOfFile(hMapFile, FILE_MAP_ALL_ACCESS, 0, 0, BUF_SIZE)",
           "function* arguments* exact gets?"),
    "R4": ("without a view: \"Could not map view of file (N).\", the handle closed, exit code 1",
           "line exit end closed* number*"),
    "R5": (f"MessageBox(NULL, pBuf, \"{TITLE}\", MB_OK): the text comes from the shared memory, up "
           "to the first terminator; one button, no owner",
           "box text title buttons function* unchanged"),
    "R6": ("UnmapViewOfFile, then CloseHandle, then exit code 0", "end exit order* holds"),
    "R7": ("the reader links user32", "user32"),
    "O1": ("Global\\ puts the name where all sessions find it; Local\\ or no prefix does not",
           "shared bare"),
    "O2": ("creating a file mapping in Global\\ outside session 0 needs SeCreateGlobalPrivilege; "
           "opening one does not", "create open"),
    "O3": ("the object exists until its last handle is closed, in any process; then opening it "
           "fails with 2", "alive gone bytes"),
    "O4": ("its bytes are initially zero, which terminates the message", "zero"),
    "O5": ("PAGE_READWRITE: a process that maps it with write access changes what all others see",
           "shared shown"),
    "O6": ("all kinds of objects share one namespace: a name that another kind uses gives 6",
           "kinds"),
    "O7": ("names are case-sensitive", "case"),
    "H1": ("over an older, longer text the reader shows the rest of that text after the message",
           "shown"),
    "H2": ("a pair of mixed character sets shows 14 wrong characters, or only an M", "shown"),
    "H3": ("a view is a whole page: the reader shows text that runs past byte 256", "shown"),
    "H4": ("a reader that starts before the writer, or after both have ended, fails with 2",
           "early late"),
    "H5": ("any process may take the name first: 6 if it is of another kind, 5 if its DACL "
           "denies access, 5 at the view if it is a smaller file", "kind denied smaller"),
}

CLAIMS: Dict[str, str] = {claim: says for claim, (says, _) in _TABLE.items()}
#: The facts of each claim, as `W1.page`, with their mark.
_MARKED = {f"{claim}.{name.rstrip('*?')}": name[-1]
           for claim, (_, names) in _TABLE.items() for name in names.split()}


def claim_of(fact: str) -> str:
    """Return the claim of a fact."""
    return fact.partition(".")[0]


def exists(fact: str) -> bool:
    """Return whether that is a fact of a claim."""
    return fact in _MARKED


def required(claim: str, level: str = "calls") -> Tuple[str, ...]:
    """Return the facts that must be seen to hold at a level (`calls` or `behaviour`)."""
    return tuple(fact for fact, mark in _MARKED.items() if claim_of(fact) == claim
                 and mark != "?" and (mark != "*" or level == "calls"))


def sentence(claim: str, words: Words = Words()) -> str:
    """Return the text of a claim, with the name, message and title that a pair uses."""
    says = CLAIMS[claim]
    if len(words.message) != len(MESSAGE):
        says = says.replace(f"{len(MESSAGE)} characters", f"{len(words.message)} characters")
    for documented, used in ((NAME, words.name), (MESSAGE, words.message),
                             (f'"{TITLE}"', f'"{words.title}"')):
        says = says.replace(documented, used)
    return says
