"""Names for the numbers with which programs end."""
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


def exit_code(code: int) -> str:
    """An exit code as a person reads it; a crash by its name."""
    if code in STATUSES:
        return f"0x{code:08X} ({STATUSES[code]})"
    return str(code if code < 0x80000000 else code - (1 << 32))
