"""The first look at the programs that were handed in: what it shows is known to all tests.

What a program does otherwise than documented is a finding. Where it can still be used (under
another name of the object, with more than one key), the tests go on with what it really does; where
it cannot, they do not wait for what is known not to come.
"""
from __future__ import annotations

import time
from dataclasses import replace
from typing import Dict, Type, Union

from harness.driver.errors import HarnessError
from harness.driver.host import Host
from harness.driver.pair import Facts, Pair
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
        half = halves[name]
        look = LOOKS[name](host, half, subject.pairs[0].words, traced)
        halves[name] = replace(half, facts=_facts(program, look))
        if name == READER and "R5" not in board.broken():
            # One that shows no message box needs none of it.
            expect("R7", "whether it imports from user32.dll", True, program.user32)
    subject.pairs = [Pair(halves[WRITER], halves[READER], subject.pairs[0].words)]
