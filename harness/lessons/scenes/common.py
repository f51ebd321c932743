"""Starts programs of the project, and describes what they show and how they end."""
from __future__ import annotations

from typing import Iterator

from harness.driver.host import Host
from harness.driver.pair import product
from harness.driver.programs import Launch, Program
from harness.driver.waiting import DEADLINE
from harness.driver.win32.calls import lines
from harness.lessons.drawing import draw

Lines = Iterator[str]


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
