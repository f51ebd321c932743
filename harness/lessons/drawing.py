"""Starts programs of the project, and shows as text what they do: bytes, message boxes, ends."""
from __future__ import annotations

from typing import Callable, Iterator, List
from unicodedata import category, east_asian_width

from harness.driver.host import Host
from harness.driver.pair import product
from harness.driver.programs import Launch, Program
from harness.driver.waiting import DEADLINE
from harness.driver.win32.boxes import Box
from harness.driver.win32.calls import lines

Lines = Iterator[str]


def dump(data: bytes, marked: int = 0, mark: Callable[[str], str] = str,
         width: int = 16) -> List[str]:
    """Return the bytes in rows of `width`: offset, hexadecimal, text. Pass the first `marked` bytes
    through `mark` in both forms, to colour them."""
    rows = []
    for start in range(0, len(data), width):
        row = data[start:start + width]
        count = min(max(marked - start, 0), len(row))
        text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        digits, end = row.hex(" "), max(3 * count - 1, 0)
        if count:
            digits = mark(digits[:end]) + digits[end:]
            text = mark(text[:count]) + text[count:]
        rows.append(f"{start:04x}  {digits}  {text}")
    return rows


def _columns(text: str) -> int:
    """Return the width of the text in terminal columns; ideographs take two. Python versions
    disagree about the width of unassigned code points, so those count as one column."""
    return sum(2 if east_asian_width(char) in "WF" and category(char) != "Cn" else 1
               for char in text)


def draw(box: Box) -> List[str]:
    """Draw the message box in lines of text."""
    label = " ".join(f"[ {button.label.replace('&', '')} ]" for button in box.buttons)
    text = (box.text or "").split("\n")
    width = max(map(_columns, [*text, label, box.title + " x"])) + 4
    inside = ["", *(f"  {line}" for line in text), "", label.center(width), ""]
    return [f"┌─{box.title:─<{width - 4}} x ┐",
            *(f"│{line}{' ' * (width - _columns(line))}│" for line in inside),
            f"└{'─' * width}┘"]


def start(host: Host, name: str, arguments: object = "", launch: Launch = Launch(),
          folder: str = "unicode", arch: str = "x86_64") -> Program:
    """Start a program of the project; `folder` says which, as in build/x86_64-unicode."""
    line = f"{product(arch, folder, name).line(host)} {arguments}".rstrip()
    return host.start(name, line, arch, launch)


def writer(host: Host, launch: Launch = Launch()) -> Program:
    """Start the documented writer."""
    return start(host, "first_process", launch=launch)


def reader(host: Host, launch: Launch = Launch()) -> Program:
    """Start the documented reader."""
    return start(host, "second_process", launch=launch)


def said(program: Program) -> Lines:
    """Wait until the program ends; yield its exit code, as Windows writes it, and its output."""
    ended = program.wait()
    printed = (ended.out + ended.err).decode().strip()
    code = f"0x{ended.code:X}" if ended.code > 0x80000000 else ended.code
    yield f"{program.name} exits with {code}{': ' + printed if printed else ', silently.'}"


def shown(program: Program, drawn: bool = True) -> Lines:
    """Yield its message box, if any, `drawn` or as text; press OK, and yield how it ends."""
    for box in program.boxes(DEADLINE):
        yield f"{program.name} shows:" + ("" if drawn else f" {box.text}")
        yield from draw(box) if drawn else []
        program.answer(box)
    yield from said(program)


def calls_of(program: Program) -> Lines:
    """Yield all calls of a traced program."""
    yield f"{program.name}:"
    for line in lines(program.calls()):
        yield f"  {line}"
