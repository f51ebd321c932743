"""The first look at the programs that were handed in: what it shows is known to all tests.

What a program does otherwise than documented is a finding. Where it can still be used (under
another name of the object, with more than one key), the tests go on with what it really does; where
it cannot, they do not wait for what is known not to come.
"""
from __future__ import annotations

import time
from dataclasses import replace
from typing import Dict, Type, Union

from harness.driver.errors import Expired, HarnessError
from harness.driver.host import Host
from harness.driver.meeting import Scene
from harness.driver.pair import Facts, Half, Pair
from harness.driver.programs import Launch
from harness.driver.waiting import deadlines
from harness.judge.executable import Executable
from harness.judge.findings import READER, WRITER, board, expect
from harness.judge.look_reader import ReaderLook
from harness.judge.look_writer import WriterLook
from harness.judge.subject import Subject

LOOKS: Dict[str, Type[Union[WriterLook, ReaderLook]]] = {WRITER: WriterLook, READER: ReaderLook}


def look_at_file(name: str, program: Executable) -> None:
    """Judge what the headers and imports of a program promise (B1, B2)."""
    expect("B1", "DLLs that Windows does not ship", (), program.foreign_dlls, name)
    expect("B1", "whether it is a console program", True, program.console, name)
    expect("B2", "imports of both character sets", (), program.mixed, name)


def _traced_alike(host: Host, half: Half, program: Executable) -> Half:
    """The half, which is not to be traced where that changes how it ends without an object. It does
    on Wine 8.0 where an exception passes a function that keeps a value in the register rbp."""
    if not program.throws or half.untraced:
        return half
    ends = []
    for launch in (Launch(), Launch(trace=True)):
        host.occupy(half.facts.name, "event")
        started = Scene(host, Pair(half, half), launch).writer()
        try:
            ends.append(started.wait())
        except Expired:
            return half  # It goes on, traced or not, so nothing is thrown.
        finally:
            host.sweep()
    if ends[0].code == ends[1].code:
        return half
    return replace(half, untraced="this platform lets it crash when it throws under a debugger")


def _facts(program: Executable, look: Union[WriterLook, ReaderLook]) -> Facts:
    """What the first look at a program shows; none is taken at one that cannot be started."""
    if program.foreign_dlls or not program.console:
        return Facts(look.words.name, no_object=("B1",))
    return look.facts()


def look_first(subject: Subject, host: Host, traced: bool) -> None:
    """Look at each program that was handed in, before any test: at its file, and at what it does
    when it is started alone. Raises HarnessError where it cannot be started here."""
    board.begin()
    subject.record = board.record
    for name, program in subject.handed_in.items():
        look_at_file(name, program)
    start = time.monotonic()
    host.prove()
    deadlines.measured(time.monotonic() - start)
    subject.step = deadlines.step
    for program in subject.handed_in.values():
        lacking = host.lacks(program.arch)
        if lacking:
            raise HarnessError(f"32-bit programs cannot be run: {lacking}")
    halves = {WRITER: subject.pairs[0].writer, READER: subject.pairs[0].reader}
    for name, program in subject.handed_in.items():
        half = _traced_alike(host, halves[name], program) if traced else halves[name]
        look = LOOKS[name](host, half, subject.pairs[0].words, traced)
        halves[name] = replace(half, facts=_facts(program, look))
        if name == READER and "R5" not in board.broken():
            # One that shows no message box needs none of it.
            expect("R7", "whether it imports from user32.dll", True, program.user32)
    subject.pairs = [Pair(halves[WRITER], halves[READER], subject.pairs[0].words)]
