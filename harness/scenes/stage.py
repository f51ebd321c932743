"""What every scene needs: the pair, and words for what a person sees of a program."""
from __future__ import annotations

from typing import Iterator

from drawing import draw
from driver.patience import DEADLINE
from driver.errors import Expired
from driver.host import Host
from driver.pair import Scene, product_pair
from driver.programs import Program

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
    yield f"{name} exits with {ended.code}{'.' if printed else ', having printed nothing.'}"


def showing(reader: Program) -> Lines:
    """Wait for the reader's box, if it has one to show, draw it and press OK; tell its end."""
    for box in reader.boxes(DEADLINE):
        yield "second_process shows:"
        yield from draw(box)
        reader.answer(box)
    yield from ending("second_process", reader)


def run_through(program: Program, name: str) -> None:
    """Let a program that is held at each of its calls go on until that call has returned.
    Raises Expired where it never comes to it."""
    while True:
        here = program.agent.request("held", int(DEADLINE * 1000), program=program.number)
        if not here["held"]:
            raise Expired(f"{name} was expected; {program.describe()}")
        call = here.get("call")
        if call and call["name"] == name and call["returned"]:
            return
        program.agent.request("go", program=program.number)
