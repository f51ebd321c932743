"""How the processes of a run have ended: the exit status, and the lines that explain it."""
from __future__ import annotations

import re
import signal
from typing import List, Optional

from harness.driver.errors import HarnessError
from harness.run import crashes, status
from harness.run.notices import Notices
from harness.run.program import Result

#: Wine's words where a program cannot be started, and those about its DLLs before.
NOT_STARTED = r'(?:Importing|Initializing) dlls for L"(.*)" failed, status ([0-9a-f]+)'
NO_DLL = r'Library (.+) \(which is needed by L"(.*)"\) not found'
BAD_DLL = r'Loading library (.+) \(which is needed by L"(.*)"\) failed \(error (\w+)\)'
BAD_START = r'LdrInitializeThunk "(.*)" failed to initialize'
NO_FUNCTION = r"Call from \w+ to unimplemented function (.+)\.([^.]+), aborting"
OVERFLOW = "virtual_setup_exception stack overflow"
#: Signals with which Wine itself has failed; a program's own crash has an exit code.
FAILURES = (signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGSEGV,
            signal.SIGSYS, signal.SIGTRAP)


def explain(process: int, wait: int, heard: Notices, stopped: int, folder: str,
            program: str) -> Result:
    """The result of a program with that wait status; `stopped` is the signal that asked it to end,
    or 0. Raises HarnessError where Wine failed."""
    words = heard.words.pop(process, [])
    code: Optional[int] = heard.codes.get(process)
    others = [line for pid, its in heard.words.items() for line in _about_a_child(its)]
    number = wait & 0x7F
    # What a program does by default with CTRL_C_EVENT ends it under Wine with 0, or with SIGKILL.
    if stopped and (number or code in (0, status.CONTROL_C)):
        return Result(128 + stopped, others)
    if number == signal.SIGKILL and code is not None:
        number = 0  # It was about to end; a busy machine was too slow for the server.
    if number in FAILURES:
        raise HarnessError(f"Wine itself ended with {signal.Signals(number).name}; see whether a "
                           "limit of memory (ulimit -v) is low")
    if number:
        return Result(128 + number, [f"it was killed: {signal.Signals(number).name}", *others])
    if code is None:
        return Result(wait >> 8, others)
    not_started = _not_started(words)
    if not_started:
        return Result(status.NOT_STARTED, [not_started, *others])
    if OVERFLOW in "\n".join(words) and code in (1, status.STACK_OVERFLOW):
        code = status.STACK_OVERFLOW
    lines = [f"it called the function {name} of {dll}, which is not there"
             for dll, name in re.findall(NO_FUNCTION, "\n".join(words))]
    crash = crashes.describe(folder, program)
    result, remark = status.of(crashes.code(crash) if heard.killed and crash else code)
    if heard.killed and not crash:
        result, remark = 128 + signal.SIGKILL, "another program ended it (TerminateProcess)"
    return Result(result, [*others, *lines, *([remark] if remark else []), *crash])


def _windows_name(path: str) -> str:
    """The file's name at the end of a Windows path, as Wine prints it."""
    return path.replace("\\\\", "\\").rpartition("\\")[2]


def _not_started(words: List[str]) -> str:
    """Why a process could not be started, or an empty text where it was."""
    text = "\n".join(words)
    failed = re.search(NOT_STARTED, text)
    if not failed:
        return ""
    code = int(failed.group(2), 16)
    found = [f"it could not be started: {status.named(code)}"]
    found += [f"{dll} is not there ({_windows_name(by)} needs it)"
              for dll, by in re.findall(NO_DLL, text)]
    found += [f"{dll} cannot be loaded ({_windows_name(by)} needs it): "
              f"{status.named(int(error, 16))}" for dll, by, error in re.findall(BAD_DLL, text)]
    found += [f"{dll} refuses to start" for dll in re.findall(BAD_START, text)]
    return "; ".join(found)


def _about_a_child(words: List[str]) -> List[str]:
    """What there is to say about another process of the run."""
    not_started = _not_started(words)
    failed = re.search(NOT_STARTED, "\n".join(words))
    if not not_started or not failed:
        return []
    return [not_started.replace("it could", f"its child {_windows_name(failed.group(1))} could", 1)]
