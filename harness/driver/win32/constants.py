"""The Win32 constants that the project uses, and their names by kind of number.

Names and values are Microsoft's (winnt.h, winbase.h, memoryapi.h, winuser.h)."""
from __future__ import annotations

import sys
from typing import Dict

INVALID_HANDLE_VALUE = -1
CURRENT_PROCESS = -1  #: The result of GetCurrentProcess.

PAGE_NOACCESS, PAGE_READONLY, PAGE_READWRITE, PAGE_WRITECOPY = 0x01, 0x02, 0x04, 0x08
PAGE_EXECUTE_READWRITE = 0x40
SEC_RESERVE = 0x4000000  #: The pages are only reserved, until a process commits them.
SEC_COMMIT = 0x8000000  #: Backed by the paging file; a section over a file has SEC_FILE instead.
MEM_COMMIT_RESERVE, MEM_RELEASE = 0x3000, 0x8000
FILE_MAP_COPY, FILE_MAP_WRITE, FILE_MAP_READ, FILE_MAP_ALL_ACCESS = 0x01, 0x02, 0x04, 0xF001F

GENERIC_READ_WRITE = 0xC0000000
FILE_SHARE_READ_WRITE = 3
CREATE_ALWAYS, OPEN_EXISTING = 2, 3

WAIT_OBJECT_0, WAIT_TIMEOUT = 0, 258
CREATE_SUSPENDED, EXTENDED_STARTUPINFO_PRESENT = 0x4, 0x80000
STARTF_USESTDHANDLES = 0x100
PROC_THREAD_ATTRIBUTE_HANDLE_LIST = 0x20002
JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE = 0x2000
JOB_OBJECT_EXTENDED_LIMIT_INFORMATION = 9
DUPLICATE_SAME_ACCESS = 2

TOKEN_ASSIGN_PRIMARY, TOKEN_DUPLICATE, TOKEN_QUERY = 1, 2, 8
TOKEN_USER, TOKEN_PRIVILEGES, TOKEN_ELEVATION = 1, 3, 20

WM_NULL, WM_GETTEXT, WM_CLOSE, WM_COMMAND = 0x0, 0xD, 0x10, 0x111
STM_GETICON, SMTO_NORMAL, SS_TYPEMASK, SS_ICON = 0x171, 0, 0x1F, 3
GWL_STYLE, GW_HWNDNEXT, GW_OWNER = -16, 2, 4
KEY_EVENT = 1

ERROR_FILE_NOT_FOUND, ERROR_ACCESS_DENIED, ERROR_ALREADY_EXISTS = 2, 5, 183
ERROR_INVALID_ADDRESS = 487

#: The code page of the ANSI functions; under Wine it follows the locale that the host sets.
ANSI = "mbcs" if sys.platform == "win32" else "cp1252"

#: The names of numbers, by kind. Other numbers are shown as they are.
NAMES: Dict[str, Dict[int, str]] = {
    "HANDLE": {-1: "INVALID_HANDLE_VALUE", 0: "NULL"},
    "PVOID": {0: "NULL"},
    "BOOL": {0: "FALSE", 1: "TRUE"},
    "PAGE": {0x02: "PAGE_READONLY", 0x04: "PAGE_READWRITE", 0x08: "PAGE_WRITECOPY",
             0x40: "PAGE_EXECUTE_READWRITE"},
    "FILE_MAP": {0x01: "FILE_MAP_COPY", 0x02: "FILE_MAP_WRITE", 0x04: "FILE_MAP_READ",
                 0x06: "FILE_MAP_READ | FILE_MAP_WRITE", 0x20004: "FILE_MAP_READ | READ_CONTROL",
                 0xF001F: "FILE_MAP_ALL_ACCESS"},
    "EVENT": {2: "EVENT_MODIFY_STATE", 0x100000: "SYNCHRONIZE"},
    "WAIT": {0: "WAIT_OBJECT_0", 258: "WAIT_TIMEOUT", -1: "WAIT_FAILED"},
    "MB": {0: "MB_OK", 1: "MB_OKCANCEL", 4: "MB_YESNO", 0x10: "MB_OK | MB_ICONERROR",
           0x40: "MB_OK | MB_ICONINFORMATION"},
    "BUTTON": {1: "IDOK", 2: "IDCANCEL", 6: "IDYES", 7: "IDNO"},
    "KEY": {code: repr(chr(code)) for code in range(0x20, 0x7F)},
}


def named(kind: str, value: int) -> str:
    """Return the name of the number among those of its kind, or the number: in decimal if it is a
    count or small, else in hexadecimal."""
    decimal = kind in ("DWORD", "SIZE_T", "INT", "KEY", "WAIT") or 0 <= value < 10
    return NAMES.get(kind, {}).get(value, str(value) if decimal else hex(value))


def escaped(text: str) -> str:
    """Escape unprintable characters (line ends, control characters, lone surrogates) as in a Python
    string, so that the text cannot act on a terminal or a page."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)
