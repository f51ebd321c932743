"""How the processes of a run have ended: the Unix exit status, and the lines that explain it."""
from __future__ import annotations

import ntpath
import re
import signal

from harness.driver.errors import HarnessError
from harness.driver.win32.constants import STACK_OVERFLOW, STATUSES
from harness.driver.wine.folders import windows_path
from harness.run.debugger import crash_code, crashes
from harness.run.program import NOT_STARTED, Result

TYPE_CHECKING = False  # Importing typing takes longer than most modules here.
if TYPE_CHECKING:
    from typing import Any

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
#: Wine's messages if a program cannot start, and the preceding ones about its DLLs.
FAILED = r'(?:Importing|Initializing) dlls for L"(.*)" failed, status ([0-9a-f]+)'
NO_DLL = r'Library (.+) \(which is needed by L"(.*)"\) not found'
BAD_DLL = r'Loading library (.+) \(which is needed by L"(.*)"\) failed \(error (\w+)\)'
BAD_START = r'"(.*)" failed to initialize'
NO_FUNCTION = r"Call from \w+ to unimplemented function (.+)\.([^.]+), aborting"
OVERFLOW = "virtual_setup_exception stack overflow"
#: Signals with which Wine itself has failed; a program's own crash has an exit code.
FAILURES = (signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGSEGV,
            signal.SIGSYS, signal.SIGTRAP)


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


def named(code: int) -> str:
    """Return an exit code in hexadecimal, with its name and meaning if it has any."""
    return f"0x{code:08X} {STATUSES.get(code, '')}".strip() + LOADER.get(code, "")


def explain(process: int, heard: dict[str, Any], stopped: int, folder: str,
            program: str) -> Result:
    """Turn its supervisor's report on a program into a result; `stopped` is the signal that asked
    the program to end, or 0. Raises HarnessError if Wine failed."""
    wait = heard["status"]
    words = heard["words"].pop(process, [])
    code: int | None = heard["codes"].get(process)
    _, _, failure = _failure(words)
    others = []
    for path, failed, why in map(_failure, heard["words"].values()):
        if path.lower() == windows_path(program).lower() and failed == code:
            failure = why  # Wine runs a 32-bit program in a second process, whose code it uses.
        elif path:
            others.append(f"its child {ntpath.basename(path)} could not be started: {why}")
    number = wait & 0x7F
    # By default CTRL_C_EVENT ends a program under Wine with 0, or with SIGKILL.
    if stopped and (number or code in (0, CONTROL_C)):
        return Result(128 + stopped, others)
    if number == signal.SIGKILL and code is not None:
        number = 0  # It was about to end, but the machine was too busy for the server.
    if number in FAILURES:
        raise HarnessError(f"Wine itself ended with {signal.Signals(number).name}; check whether a "
                           "limit of memory (ulimit -v) is low")
    if number:
        return Result(128 + number, [f"it was killed: {signal.Signals(number).name}", *others])
    if code is None:
        return Result(wait >> 8, others)
    if failure:
        return Result(NOT_STARTED, [f"it could not be started: {failure}", *others])
    if OVERFLOW in "\n".join(words) and code in (1, STACK_OVERFLOW):
        code = STACK_OVERFLOW
    lines = [f"it called the function {name} of {dll}, which is missing"
             for dll, name in re.findall(NO_FUNCTION, "\n".join(words))]
    crash = crashes(folder, program)
    result, remark = of(crash_code(crash) if heard["killed"] and crash else code)
    if heard["killed"] and not crash:
        result = 128 + signal.SIGKILL
        remark = "another program ended it, and its exit code is lost"
    return Result(result, [*others, *lines, *([remark] if remark else []), *crash])


def _failure(words: list[str]) -> tuple[str, int, str]:
    """Return which program a process with these messages from Wine could not start, by its Windows
    path; the loader's code; and why. Empty if it started."""
    text = "\n".join(words).replace("\\\\", "\\")
    failed = re.search(FAILED, text)
    if not failed:
        return "", 0, ""
    code = int(failed.group(2), 16)
    found = [named(code)]
    found += [f"{dll} is missing ({ntpath.basename(by)} needs it)"
              for dll, by in re.findall(NO_DLL, text)]
    found += [f"{dll} cannot be loaded ({ntpath.basename(by)} needs it): "
              f"{named(int(error, 16))}" for dll, by, error in re.findall(BAD_DLL, text)]
    found += [f"{dll} failed to initialize" for dll in re.findall(BAD_START, text)]
    return failed.group(1), code, "; ".join(found)
