"""The Win32 constants that the project uses, and their names by kind of number.

Names and values are Microsoft's (winnt.h, winbase.h, winerror.h, memoryapi.h, winuser.h)."""
from __future__ import annotations

import sys

INVALID_HANDLE_VALUE = -1
CURRENT_PROCESS = -1  #: The result of GetCurrentProcess.

PAGE_READONLY, PAGE_READWRITE, PAGE_WRITECOPY = 0x02, 0x04, 0x08
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
TOKEN_USER, TOKEN_PRIVILEGES = 1, 3

WM_NULL, WM_GETTEXT, WM_CLOSE, WM_COMMAND = 0x0, 0xD, 0x10, 0x111
STM_GETICON, SMTO_NORMAL, SS_TYPEMASK, SS_ICON = 0x171, 0, 0x1F, 3
GWL_STYLE, GW_HWNDNEXT, GW_OWNER = -16, 2, 4
KEY_EVENT = 1

ERROR_FILE_NOT_FOUND, ERROR_PATH_NOT_FOUND, ERROR_ACCESS_DENIED, ERROR_INVALID_HANDLE = 2, 3, 5, 6
ERROR_NOT_ENOUGH_MEMORY, ERROR_WRITE_FAULT, ERROR_INVALID_PARAMETER = 8, 29, 87
ERROR_MOD_NOT_FOUND, ERROR_PROC_NOT_FOUND, ERROR_BAD_PATHNAME = 126, 127, 161
ERROR_ALREADY_EXISTS, ERROR_BAD_EXE_FORMAT, ERROR_NO_MORE_ITEMS = 183, 193, 259
ERROR_PARTIAL_COPY, ERROR_INVALID_ADDRESS, ERROR_NOACCESS = 299, 487, 998
ERROR_FILE_INVALID, ERROR_PRIVILEGE_NOT_HELD, ERROR_INTERNAL_ERROR = 1006, 1314, 1359
ERROR_TIMEOUT = 1460
#: The names of these last errors.
ERRORS = {value: name for name, value in globals().items() if name.startswith("ERROR_")}
#: Exit codes of programs that did not end by themselves (ntstatus.h).
STATUSES = {
    0x80000003: "STATUS_BREAKPOINT", 0x80000004: "STATUS_SINGLE_STEP",
    0x80000100: "EXCEPTION_WINE_STUB: this Wine lacks the function",
    0xC0000005: "STATUS_ACCESS_VIOLATION", 0xC0000006: "STATUS_IN_PAGE_ERROR",
    0xC0000008: "STATUS_INVALID_HANDLE", 0xC000001D: "STATUS_ILLEGAL_INSTRUCTION",
    0xC0000025: "STATUS_NONCONTINUABLE_EXCEPTION", 0xC000007B: "STATUS_INVALID_IMAGE_FORMAT",
    0xC000008C: "STATUS_ARRAY_BOUNDS_EXCEEDED", 0xC000008E: "STATUS_FLOAT_DIVIDE_BY_ZERO",
    0xC0000090: "STATUS_FLOAT_INVALID_OPERATION", 0xC0000091: "STATUS_FLOAT_OVERFLOW",
    0xC0000094: "STATUS_INTEGER_DIVIDE_BY_ZERO", 0xC0000095: "STATUS_INTEGER_OVERFLOW",
    0xC0000096: "STATUS_PRIVILEGED_INSTRUCTION", 0xC00000FD: "STATUS_STACK_OVERFLOW",
    0xC0000135: "STATUS_DLL_NOT_FOUND", 0xC0000138: "STATUS_ORDINAL_NOT_FOUND",
    0xC0000139: "STATUS_ENTRYPOINT_NOT_FOUND", 0xC000013A: "STATUS_CONTROL_C_EXIT",
    0xC0000142: "STATUS_DLL_INIT_FAILED", 0xC0000354: "STATUS_DEBUGGER_INACTIVE",
    0xC0000374: "STATUS_HEAP_CORRUPTION", 0xC0000420: "STATUS_ASSERTION_FAILURE",
    0xC0000409: "STATUS_STACK_BUFFER_OVERRUN, or a deliberate abort",
    0xE06D7363: "an uncaught C++ exception (MSVC)", 0x20474343: "an uncaught C++ exception (GCC)",
}
STACK_OVERFLOW = 0xC00000FD  #: STATUS_STACK_OVERFLOW, as an exit code.

#: The code page of the ANSI functions; under Wine it follows the locale that the host sets.
ANSI = "mbcs" if sys.platform == "win32" else "cp1252"

#: The names of numbers, by kind. Other numbers are shown as they are.
NAMES: dict[str, dict[int, str]] = {
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


def exit_code(code: int) -> str:
    """Return an exit code as text, with its name if it is a crash."""
    if code in STATUSES:
        return f"0x{code:08X} ({STATUSES[code]})"
    return str(code if code < 0x80000000 else code - (1 << 32))


def error_name(code: int) -> str:
    """Return a last error as text, with its name if it is known here."""
    return f"{code} ({ERRORS[code]})" if code in ERRORS else str(code)


def escaped(text: str) -> str:
    """Escape unprintable characters (line ends, control characters, lone surrogates) as in a Python
    string, so that the text cannot act on a terminal or a page."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)
