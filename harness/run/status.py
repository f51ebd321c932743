"""What an exit code means, and the exit status that stands for it on Unix."""
from __future__ import annotations

import signal
from typing import Tuple

TIMED_OUT, NO_HARNESS, NOT_STARTED, NOT_FOUND = 124, 125, 126, 127
CONTROL_C, STACK_OVERFLOW = 0xC000013A, 0xC00000FD
#: The loader's own: the program never began.
LOADER = {
    0xC000007B: "STATUS_INVALID_IMAGE_FORMAT: a DLL is for another architecture, or is damaged",
    0xC0000135: "STATUS_DLL_NOT_FOUND",
    0xC0000138: "STATUS_ORDINAL_NOT_FOUND: a DLL is there, but of another version",
    0xC0000139: "STATUS_ENTRYPOINT_NOT_FOUND: a DLL is there, but of another version or compiler",
    0xC0000142: "STATUS_DLL_INIT_FAILED",
}
#: Exceptions that nothing handled, and the signal that a Unix program would have ended with.
CRASHES = {
    0x80000003: ("EXCEPTION_BREAKPOINT", signal.SIGTRAP),
    0x80000004: ("EXCEPTION_SINGLE_STEP", signal.SIGTRAP),
    0xC0000005: ("EXCEPTION_ACCESS_VIOLATION", signal.SIGSEGV),
    0xC0000006: ("EXCEPTION_IN_PAGE_ERROR", signal.SIGBUS),
    0xC000001D: ("EXCEPTION_ILLEGAL_INSTRUCTION", signal.SIGILL),
    0xC0000025: ("EXCEPTION_NONCONTINUABLE_EXCEPTION", signal.SIGABRT),
    0xC000008C: ("EXCEPTION_ARRAY_BOUNDS_EXCEEDED", signal.SIGSEGV),
    0xC000008E: ("EXCEPTION_FLT_DIVIDE_BY_ZERO", signal.SIGFPE),
    0xC0000090: ("EXCEPTION_FLT_INVALID_OPERATION", signal.SIGFPE),
    0xC0000091: ("EXCEPTION_FLT_OVERFLOW", signal.SIGFPE),
    0xC0000094: ("EXCEPTION_INT_DIVIDE_BY_ZERO", signal.SIGFPE),
    0xC0000095: ("EXCEPTION_INT_OVERFLOW", signal.SIGFPE),
    0xC0000096: ("EXCEPTION_PRIV_INSTRUCTION", signal.SIGILL),
    0xC00000FD: ("EXCEPTION_STACK_OVERFLOW", signal.SIGSEGV),
    0xC000013A: ("STATUS_CONTROL_C_EXIT", signal.SIGINT),
    0xC0000354: ("STATUS_DEBUGGER_INACTIVE", signal.SIGSEGV),
    0xC0000374: ("STATUS_HEAP_CORRUPTION", signal.SIGABRT),
    0xC0000409: ("STATUS_STACK_BUFFER_OVERRUN, or a deliberate abort", signal.SIGABRT),
    0xC0000420: ("STATUS_ASSERTION_FAILURE", signal.SIGABRT),
    0xE06D7363: ("an uncaught C++ exception of MSVC", signal.SIGABRT),
    0x20474343: ("an uncaught C++ exception of GCC", signal.SIGABRT),
}


def of(code: int) -> Tuple[int, str]:
    """The exit status for an exit code of 32 bits, and what there is to say about it, if anything.
    A status cannot hold more than 255; nothing that failed may come out as 0."""
    if code in CRASHES:
        name, number = CRASHES[code]
        return 128 + number, f"it crashed: 0x{code:08X} {name}"
    if code <= 255:
        return code, ""
    if code > 0xFFFFFF00:
        return code & 0xFF, ""  # exit(-1) is 255 on Unix, too.
    return 255, f"its exit code is {code} ({named(code)}); the exit status is 255"


def escaped(text: str) -> str:
    """Text of a program's or a file's name for a terminal: no control character reaches it."""
    return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text)


def named(code: int) -> str:
    """An exit code of the loader's by its name, any other as a number."""
    return f"0x{code:08X} {LOADER.get(code, '')}".strip()
