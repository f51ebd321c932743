"""Where a program crashed: the backtrace that Wine's debugger leaves in a file of the prefix, with
the functions and lines that the program's own files have (addr2line)."""
from __future__ import annotations

import os
import re
from typing import List, Tuple

from harness.driver.wine.paths import CRASHES
from harness.run.dlls import Image, NoProgram, find
from harness.run.status import escaped

REASON = r"Unhandled exception: (.*) in \d+-bit code"
FRAME = r"(?m)^=?>?\s*\d+ (0x[0-9a-f]+) (.*)$"
MODULE = r"(?m)^PE(?:-Wow64)?\s+([0-9a-f]+)-\s*([0-9a-f]+)\s+\S+\s+(\S+)$"
#: What winedbg knows of a frame: its function and line, in one of its own formats of symbols.
KNOWN = r"(\S+?)\+0x[0-9a-f]+\(.*\) \[(.*)\]"
MOST = 20
#: The debugger's words for exceptions.
EXCEPTIONS = {"page fault": 0xC0000005, "illegal instruction": 0xC000001D,
              "division by zero": 0xC0000094, "privileged instruction": 0xC0000096,
              "stack overflow": 0xC00000FD}


def describe(folder: str, program: str) -> List[str]:
    """The backtraces of all crashes in the prefix of that folder, a line for each frame. Files of
    the program and of DLLs beside it are asked for names."""
    path = os.path.join(folder, "prefix", "drive_c", *CRASHES[3:].split("\\"))
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read(1 << 20).replace("\r", "")
        os.unlink(path)  # Others may share this Wine.
    except OSError:
        return []
    lines: List[str] = []
    for crash in text.split("Unhandled exception: ")[1:]:
        lines += _backtrace("Unhandled exception: " + crash, program)
    return lines


def code(lines: List[str]) -> int:
    """The exception of the first of those crashes. At its end the debugger ends the program, which
    may be quicker than the program itself: then its exit code is not known."""
    return next((code for words, code in EXCEPTIONS.items() if words in lines[0]), 0xC0000354)


def _backtrace(text: str, program: str) -> List[str]:
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


def _frame(address: int, rest: str, modules: List[Tuple[int, int, str]], program: str,
           innermost: bool) -> str:
    """One frame: module and offset, and the function and line as far as they are known."""
    for start, end, name in modules:
        if start <= address < end:
            file = next(filter(None, (find(os.path.dirname(program), name + ending)
                                      for ending in ("", ".exe", ".dll"))), "")
            known = re.match(KNOWN, rest)
            # All but the innermost have the address to which a call returns.
            named = _named(file, address - start - (not innermost)) if file else ""
            if not named and known:
                named = f"{known.group(1)} at {known.group(2)}"
            return f"{os.path.basename(file) or name}+0x{address - start:x} {named}".strip()
    return f"0x{address:x}"


def _named(file: str, offset: int) -> str:
    """The function and line at that offset of a file's image; empty where it does not say."""
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
