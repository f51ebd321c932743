"""What an exit code means, and the exit status that stands for it on Unix."""
from __future__ import annotations

import signal
from typing import Tuple

from harness.driver.win32.codes import STATUSES

TIMED_OUT, NO_HARNESS, NOT_STARTED, NOT_FOUND = 124, 125, 126, 127
CONTROL_C, STACK_OVERFLOW = 0xC000013A, 0xC00000FD
#: What a code of the loader's means: the program never began.
LOADER = {0xC000007B: ": a DLL is for another architecture, or is damaged",
          0xC0000138: ": a DLL is there, but of another version",
          0xC0000139: ": a DLL is there, but of another version or compiler"}
#: The signals with which a Unix program would have ended, for exceptions that nothing handled.
SIGNALS = {
    signal.SIGABRT: (0xC0000025, 0xC0000374, 0xC0000409, 0xC0000420, 0xE06D7363, 0x20474343),
    signal.SIGBUS: (0xC0000006,), signal.SIGILL: (0xC000001D, 0xC0000096),
    signal.SIGFPE: (0xC000008E, 0xC0000090, 0xC0000091, 0xC0000094, 0xC0000095),
    signal.SIGINT: (CONTROL_C,), signal.SIGTRAP: (0x80000003, 0x80000004),
    signal.SIGSEGV: (0xC0000005, 0xC000008C, STACK_OVERFLOW, 0xC0000354)}


def of(code: int) -> Tuple[int, str]:
    """The exit status for an exit code of 32 bits, and what there is to say about it, if anything.
    A status cannot hold more than 255; nothing that failed may come out as 0."""
    for number, codes in SIGNALS.items():
        if code in codes:
            return 128 + number, f"it crashed: {named(code)}"
    if code <= 255:
        return code, ""
    if code > 0xFFFFFF00:
        return code & 0xFF, ""  # exit(-1) is 255 on Unix, too.
    return 255, f"its exit code is {code} ({named(code)}); the exit status is 255"


def escaped(text: str) -> str:
    """Text of a program's or a file's name for a terminal: no control character reaches it."""
    return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text)


def named(code: int) -> str:
    """An exit code as a number, with its name and meaning if it has any."""
    return f"0x{code:08X} {STATUSES.get(code, '')}".strip() + LOADER.get(code, "")
