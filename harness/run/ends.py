"""How the processes of a run have ended: the exit status, and the lines that explain it."""
from __future__ import annotations

import ntpath
import re
import signal

from harness.driver.errors import HarnessError
from harness.driver.win32.constants import STACK_OVERFLOW
from harness.driver.wine.paths import windows_path
from harness.run import crashes, status
from harness.run.program import Result

TYPE_CHECKING = False  # Importing typing takes longer than most modules here.
if TYPE_CHECKING:
    from typing import Any

#: Wine's messages if a program cannot start, and the preceding ones about its DLLs.
NOT_STARTED = r'(?:Importing|Initializing) dlls for L"(.*)" failed, status ([0-9a-f]+)'
NO_DLL = r'Library (.+) \(which is needed by L"(.*)"\) not found'
BAD_DLL = r'Loading library (.+) \(which is needed by L"(.*)"\) failed \(error (\w+)\)'
BAD_START = r'"(.*)" failed to initialize'
NO_FUNCTION = r"Call from \w+ to unimplemented function (.+)\.([^.]+), aborting"
OVERFLOW = "virtual_setup_exception stack overflow"
#: Signals with which Wine itself has failed; a program's own crash has an exit code.
FAILURES = (signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGSEGV,
            signal.SIGSYS, signal.SIGTRAP)


def explain(process: int, heard: dict[str, Any], stopped: int, folder: str,
            program: str) -> Result:
    """Turn its supervisor's report on a program into a result; `stopped` is the signal that asked
    the program to end, or 0. Raises HarnessError if Wine failed."""
    wait = heard["status"]
    words = heard["words"].pop(process, [])
    code: int | None = heard["codes"].get(process)
    failure = _failure(words)
    others = []
    for child in filter(None, map(_failure, heard["words"].values())):
        if child.path.lower() == windows_path(program).lower() and child.code == code:
            failure = child  # Wine runs a 32-bit program in a second process, whose code it uses.
        else:
            others.append(f"its child {ntpath.basename(child.path)} could not be started: "
                          f"{child.why}")
    number = wait & 0x7F
    # By default CTRL_C_EVENT ends a program under Wine with 0, or with SIGKILL.
    if stopped and (number or code in (0, status.CONTROL_C)):
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
        return Result(status.NOT_STARTED, [f"it could not be started: {failure.why}", *others])
    if OVERFLOW in "\n".join(words) and code in (1, STACK_OVERFLOW):
        code = STACK_OVERFLOW
    lines = [f"it called the function {name} of {dll}, which is missing"
             for dll, name in re.findall(NO_FUNCTION, "\n".join(words))]
    crash = crashes.describe(folder, program)
    result, remark = status.of(crashes.code(crash) if heard["killed"] and crash else code)
    if heard["killed"] and not crash:
        result = 128 + signal.SIGKILL
        remark = "another program ended it, and its exit code is lost"
    return Result(result, [*others, *lines, *([remark] if remark else []), *crash])


class Failure:
    """Why a process could not start: the Windows path of its program, the loader's code, and the
    text after "could not be started"."""

    def __init__(self, path: str, code: int, why: str) -> None:
        self.path = path
        self.code = code
        self.why = why


def _failure(words: list[str]) -> Failure | None:
    """Return why a process with these messages from Wine could not start, or None."""
    text = "\n".join(words).replace("\\\\", "\\")
    failed = re.search(NOT_STARTED, text)
    if not failed:
        return None
    code = int(failed.group(2), 16)
    found = [status.named(code)]
    found += [f"{dll} is missing ({ntpath.basename(by)} needs it)"
              for dll, by in re.findall(NO_DLL, text)]
    found += [f"{dll} cannot be loaded ({ntpath.basename(by)} needs it): "
              f"{status.named(int(error, 16))}" for dll, by, error in re.findall(BAD_DLL, text)]
    found += [f"{dll} failed to initialize" for dll in re.findall(BAD_START, text)]
    return Failure(failed.group(1), code, "; ".join(found))
