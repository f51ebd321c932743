"""Names for the numbers with which programs end and calls fail."""
from __future__ import annotations

#: Exit codes of programs that did not end by themselves (ntstatus.h).
STATUSES = {
    0xC0000005: "STATUS_ACCESS_VIOLATION", 0xC0000008: "STATUS_INVALID_HANDLE",
    0xC000001D: "STATUS_ILLEGAL_INSTRUCTION", 0xC0000094: "STATUS_INTEGER_DIVIDE_BY_ZERO",
    0xC0000096: "STATUS_PRIVILEGED_INSTRUCTION", 0xC00000FD: "STATUS_STACK_OVERFLOW",
    0xC0000135: "STATUS_DLL_NOT_FOUND", 0xC0000139: "STATUS_ENTRYPOINT_NOT_FOUND",
    0xC000013A: "STATUS_CONTROL_C_EXIT", 0xC0000374: "STATUS_HEAP_CORRUPTION",
    0xC0000409: "STATUS_STACK_BUFFER_OVERRUN", 0x80000003: "STATUS_BREAKPOINT",
    0xE06D7363: "an uncaught C++ exception (MSVC)", 0x20474343: "an uncaught C++ exception (GCC)",
}
#: Last errors that calls of this project meet (winerror.h).
ERRORS = {
    2: "ERROR_FILE_NOT_FOUND", 3: "ERROR_PATH_NOT_FOUND", 5: "ERROR_ACCESS_DENIED",
    6: "ERROR_INVALID_HANDLE", 8: "ERROR_NOT_ENOUGH_MEMORY", 87: "ERROR_INVALID_PARAMETER",
    126: "ERROR_MOD_NOT_FOUND", 127: "ERROR_PROC_NOT_FOUND", 161: "ERROR_BAD_PATHNAME",
    183: "ERROR_ALREADY_EXISTS", 193: "ERROR_BAD_EXE_FORMAT", 299: "ERROR_PARTIAL_COPY",
    487: "ERROR_INVALID_ADDRESS", 998: "ERROR_NOACCESS", 1006: "ERROR_FILE_INVALID",
    1314: "ERROR_PRIVILEGE_NOT_HELD", 1359: "ERROR_INTERNAL_ERROR", 1460: "ERROR_TIMEOUT",
}


def exit_code(code: int) -> str:
    """An exit code as a person reads it; a crash by its name."""
    if code in STATUSES:
        return f"0x{code:08X} ({STATUSES[code]})"
    return str(code if code < 0x80000000 else code - (1 << 32))


def error_name(code: int) -> str:
    """A last error, with its name where it has one here."""
    return f"{code} ({ERRORS[code]})" if code in ERRORS else str(code)
