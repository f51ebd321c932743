"""Starts the pair for a scene, and describes what a program shows and how it ends."""
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
    """Return a scene of the Unicode pair."""
    return Scene(host, product_pair("x86_64", "unicode"))


def ending(name: str, program: Program) -> Lines:
    """Wait until the program ends; yield what it printed and its exit code."""
    ended = program.wait()
    printed = ended.out.decode().splitlines()
    for line in printed:
        yield f"{name} prints: {line}"
    yield f"{name} exits with {ended.code}{'.' if printed else ', silently.'}"


def showing(reader: Program) -> Lines:
    """Draw the reader's message box, if it opens one, and press OK; yield how the reader ends."""
    for box in reader.boxes(DEADLINE):
        yield "second_process shows:"
        yield from draw(box)
        reader.answer(box)
    yield from ending("second_process", reader)
