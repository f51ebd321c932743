"""What every scene needs: the pair, and words for what a person sees of a program."""
from __future__ import annotations

from typing import Iterator

from harness.driver.host import Host
from harness.driver.meeting import Scene
from harness.driver.pair import product_pair
from harness.driver.programs import Program
from harness.driver.waiting import DEADLINE
from harness.lessons.drawing import draw

Lines = Iterator[str]


def unicode_scene(host: Host) -> Scene:
    """The Unicode pair: what a Windows program is today."""
    return Scene(host, product_pair("x86_64", "unicode"))


def ending(name: str, program: Program) -> Lines:
    """Wait for the program's end; tell what it printed and its exit code."""
    ended = program.wait()
    printed = ended.out.decode().splitlines()
    for line in printed:
        yield f"{name} prints: {line}"
    yield f"{name} exits with {ended.code}{'.' if printed else ', silently.'}"


def showing(reader: Program) -> Lines:
    """Wait for the reader's box, if it has one to show, draw it and press OK; tell its end."""
    for box in reader.boxes(DEADLINE):
        yield "second_process shows:"
        yield from draw(box)
        reader.answer(box)
    yield from ending("second_process", reader)
