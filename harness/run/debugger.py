"""Asks Wine's debugger about programs that crash or take too long. A crash leaves its backtrace in
a file of the prefix; functions and lines come from the program's own files (addr2line). Of a run
that takes too long, the running programs and their message boxes are described."""
from __future__ import annotations

import os
import re

from harness.driver.errors import HarnessError
from harness.driver.win32.constants import escaped
from harness.driver.wine.folders import CRASHES
from harness.driver.wine.processes import programs
from harness.run.dlls import Image, NoProgram, find
from harness.run.place import Place

REASON = r"Unhandled exception: (.*) in \d+-bit code"
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
    lines: list[str] = []
    for crash in text.split("Unhandled exception: ")[1:]:
        lines += _backtrace("Unhandled exception: " + crash, program)
    return lines


def crash_code(lines: list[str]) -> int:
    """Return the exception code of the first crash. The debugger may end the program before the
    program itself does, and then its exit code is unknown."""
    return next((code for words, code in EXCEPTIONS.items() if words in lines[0]), 0xC0000354)


def _backtrace(text: str, program: str) -> list[str]:
    modules = [(int(start, 16), int(end, 16), name)
               for start, end, name in re.findall(MODULE, text)]
    stack = text.partition("Backtrace:")[2].partition("Modules:")[0]
    reason = re.search(REASON, text)
    lines = [escaped(f"crash: {reason.group(1)}")] if reason else []
    for address, rest in re.findall(FRAME, stack)[:MOST]:
        if lines[1:] and (" in kernel32 " in rest or "BaseThreadInitThunk" in rest):
            break  # Windows' own start of a thread.
        shown = _frame(int(address, 16), rest, modules, program, innermost=not lines[1:])
        lines.append("  " + escaped(shown))
    return lines


def _frame(address: int, rest: str, modules: list[tuple[int, int, str]], program: str,
           innermost: bool) -> str:
    """Describe one frame: module and offset, and the function and line if known."""
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
    """Return the function and line at that offset of a file's image, or an empty string."""
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
