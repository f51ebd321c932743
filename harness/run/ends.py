"""How the processes of a run have ended: the Unix exit status, and the lines that explain it.

Wine's debugger knows more about programs that crash or take too long. A crash leaves its backtrace
in a file of the prefix; functions and lines come from the program's own files (addr2line). Of a run
that takes too long, the running programs and their message boxes are described."""
from __future__ import annotations

import ntpath
import os
import re
import signal

from harness.driver.errors import HarnessError
from harness.driver.win32.constants import STACK_OVERFLOW, STATUSES, escaped
from harness.driver.wine.connection import Message
from harness.driver.wine.folders import CRASHES, windows_path
from harness.driver.wine.processes import programs
from harness.run.dlls import Image, NoProgram, find
from harness.run.place import Place
from harness.run.program import NOT_STARTED, Result

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
REASON = r"(.*) in \d+-bit code"
FRAME = r"(?m)^=?>?\s*\d+ (0x[0-9a-f]+) (.*)$"
MODULE = r"(?m)^PE(?:-Wow64)?\s+([0-9a-f]+)-\s*([0-9a-f]+)\s+\S+\s+(\S+)$"
#: What winedbg knows of a frame: its function and line, from one of its own symbol formats.
KNOWN = r"(\S+?)\+0x[0-9a-f]+\(.*\) \[(.*)\]"
MOST = 20
#: The debugger's names of exceptions.
EXCEPTIONS = {"page fault": 0xC0000005, "illegal instruction": 0xC000001D,
              "division by zero": 0xC0000094, "privileged instruction": 0xC0000096,
              "stack overflow": 0xC00000FD}
#: Seconds that the list may take.
PATIENCE = 10.0
#: Questions to the debugger. The desktop of a prefix's first program always has the same handle,
#: and stays as a window although its process may have ended and others get their own desktop.
QUESTIONS = ("info wnd 0x10020", "info wnd")
#: A window: its indentation, class, style, procedure, thread and text.
WINDOW = r"(?m)^( *)[0-9a-f]{8} +(\S+) +[0-9a-f]{8} [0-9a-f]+ [0-9a-f]+ (.*)$"
DIALOG, TEXT, BUTTON, NONE = "#32770", "Static", "Button", "-- Empty --"


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


def explain(process: int, heard: Message, stopped: int, folder: str,
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
    if heard["killed"] and crash:  # The debugger has ended it, before it did so itself.
        code = next((code for words, code in EXCEPTIONS.items() if words in crash[0]), 0xC0000354)
    result, remark = of(code)
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


def crashes(folder: str, program: str) -> list[str]:
    """Return the backtraces of all crashes in the prefix of that folder, a line for each frame. The
    names come from the program's file and from DLLs in its folder."""
    path = os.path.join(folder, "prefix", "drive_c", *CRASHES[3:].split("\\"))
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read(1 << 20).replace("\r", "")
        os.unlink(path)  # Other runs may share this Wine.
    except OSError:
        return []
    return [line for crash in text.split("Unhandled exception: ")[1:]
            for line in _backtrace(crash, program)]


def _backtrace(text: str, program: str) -> list[str]:
    modules = [(int(start, 16), int(end, 16), name)
               for start, end, name in re.findall(MODULE, text)]
    stack = text.partition("Backtrace:")[2].partition("Modules:")[0]
    reason = re.match(REASON, text)
    lines = [escaped(f"crash: {reason.group(1)}")] if reason else []
    for address, rest in re.findall(FRAME, stack)[:MOST]:
        if lines[1:] and (" in kernel32 " in rest or "BaseThreadInitThunk" in rest):
            break  # Windows' own start of a thread.
        shown = _frame(int(address, 16), rest, modules, program, innermost=not lines[1:])
        lines.append("  " + escaped(shown))
    return lines


def _frame(address: int, rest: str, modules: list[tuple[int, int, str]], program: str,
           innermost: bool) -> str:
    for start, end, name in modules:
        if start <= address < end:
            file = next(filter(None, (find(os.path.dirname(program), name + ending)
                                      for ending in ("", ".exe", ".dll"))), "")
            known = re.match(KNOWN, rest)
            # All but the innermost have a return address.
            named = _named(file, address - start - (not innermost)) if file else ""
            if not named and known:
                named = f"{known.group(1)} at {known.group(2)}"
            return f"{os.path.basename(file) or name}+0x{address - start:x} {named}".strip()
    return f"0x{address:x}"


def _named(file: str, offset: int) -> str:
    import shutil  # Here, as few programs crash.
    import subprocess
    try:
        image = Image(file)
        tool = shutil.which(f"{image.arch}-w64-mingw32-addr2line") or shutil.which("addr2line")
        if not tool:
            return ""
        done = subprocess.run([tool, "-f", "-C", "-e", file, hex(image.base + offset)], timeout=10,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL)
    except (OSError, NoProgram, subprocess.TimeoutExpired):
        return ""
    function, _, line = done.stdout.decode(errors="replace").strip().partition("\n")
    if function.startswith("??"):
        return ""
    return function if line.startswith("??") else f"{function} at {line}"


def hang(place: Place) -> list[str]:
    """Return a line for each running program and for each open message box."""
    names = [escaped(name) for name in programs(place.supervisor.pid).values()]
    lines = [f"still running: {', '.join(names)}"] * bool(names)
    try:
        boxes = parsed(_asked(place, QUESTIONS[0])) or parsed(_asked(place, QUESTIONS[1]))
    except HarnessError as problem:
        return [*lines, str(problem)]
    return lines + [f'a message box is open: "{escaped(title)}" saying "{escaped(text)}" '
                    f"({escaped(buttons)})" for title, text, buttons in boxes]


def _asked(place: Place, question: str) -> str:
    import tempfile  # Here, as few programs hang.
    with tempfile.TemporaryFile() as file, open(os.devnull, "rb+", 0) as null:
        process = place.supervisor.start(
            [place.wine[0], "winedbg.exe", "--command", question], place.environment,
            [null.fileno(), file.fileno(), null.fileno()])
        place.supervisor.report(process, PATIENCE)
        file.seek(0)
        return file.read().decode(errors="replace").replace("\r", "")


def parsed(text: str) -> list[list[str]]:
    """Parse the list of windows: the title, text and buttons of each message box."""
    found: list[list[str]] = []
    depth = -1
    for indent, kind, shown in re.findall(WINDOW, text):
        shown = "" if shown == NONE else shown.strip()
        if kind == DIALOG:
            depth = len(indent)
            found.append([shown, "", ""])
        elif len(indent) <= depth:
            depth = -1
        elif depth >= 0 and shown and kind in (TEXT, BUTTON):
            which = 1 if kind == TEXT else 2
            found[-1][which] = " ".join(filter(None, [found[-1][which], shown]))
    return found
