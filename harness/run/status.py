"""Maps an exit code to its meaning and to a Unix exit status."""
from __future__ import annotations

import signal

from harness.driver.win32.constants import STACK_OVERFLOW, STATUSES

TIMED_OUT, NO_HARNESS, NOT_STARTED, NOT_FOUND = 124, 125, 126, 127
CONTROL_C = 0xC000013A
#: The loader's codes: the program never began.
LOADER = {0xC000007B: ": a DLL is for another architecture, or is damaged",
          0xC0000138: ": a DLL is there, but of another version",
          0xC0000139: ": a DLL is there, but of another version or compiler"}
#: The signal with which a Unix program would have ended, by unhandled exception.
SIGNALS = {
    signal.SIGABRT: (0xC0000025, 0xC0000374, 0xC0000409, 0xC0000420, 0xE06D7363, 0x20474343),
    signal.SIGBUS: (0xC0000006,), signal.SIGILL: (0xC000001D, 0xC0000096),
    signal.SIGFPE: (0xC000008E, 0xC0000090, 0xC0000091, 0xC0000094, 0xC0000095),
    signal.SIGINT: (CONTROL_C,), signal.SIGTRAP: (0x80000003, 0x80000004),
    signal.SIGSEGV: (0xC0000005, 0xC000008C, STACK_OVERFLOW, 0xC0000354)}


def of(code: int) -> tuple[int, str]:
    """Return the exit status for a 32-bit exit code, and a remark, which may be empty. A status is
    at most 255; no failure becomes 0."""
    for number, codes in SIGNALS.items():
        if code in codes:
            return 128 + number, f"it crashed: {named(code)}"
    if code <= 255:
        return code, ""
    if code > 0xFFFFFF00:
        return code & 0xFF, ""  # exit(-1) is 255 on Unix, too.
    return 255, f"its exit code is {code} ({named(code)}); the exit status is 255"


def escaped(text: str) -> str:
    """Escape control characters in a name or output of a program, for a terminal."""
    return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text)


def named(code: int) -> str:
    """Return an exit code in hexadecimal, with its name and meaning if it has any."""
    return f"0x{code:08X} {STATUSES.get(code, '')}".strip() + LOADER.get(code, "")
