"""What makes a step. This is the one place that says so.

A held program stops before and after each call of its own. A step lets it go on
through the stops named here; between steps it stands still, while others take theirs. So an order
of steps is an order of calls: what happens within a call, and in the copying of the message, which
is no call, is not taken apart.
"""
from __future__ import annotations

from typing import Dict, NamedTuple, Tuple

from harness.driver.contract import NAME
from harness.driver.win32.constants import FILE_MAP_ALL_ACCESS


class Step(NamedTuple):
    """One step: its name, and the stops that it goes through, the last being where it ends.

    A stop is the name of a function, without its letter for the character set, where the program
    is about to call it, or that name and "returns". `presses` is what a person does first: "key",
    "Escape" or "OK". A step that `shows` ends when the message box is open and can be read. One
    that `waits` ends within a call, or a loop without calls, that another program or a time limit
    brings to an end. One that `ends` goes on to the program's end.
    """

    name: str
    stops: Tuple[str, ...]
    presses: str = ""
    shows: bool = False
    waits: bool = False
    ends: bool = False


class Kind(NamedTuple):
    """A kind of pair: the files of its programs and the object that they share, by its name, with
    the access that a stranger may have to it. Worlds of that kind say which steps there are."""

    writer: str
    reader: str
    name: str
    access: int
    steps: Dict[str, Tuple[Step, ...]]

    def program(self, actor: str) -> str:
        """The program that an actor of that name is."""
        return self.writer if actor[0] == "w" else self.reader


def calls(*functions: str) -> Tuple[str, ...]:
    """The stops of functions that are called one after the other and return."""
    return tuple(stop for function in functions for stop in (function, f"{function} returns"))


WRITER = (
    Step("create", calls("CreateFileMapping")),
    Step("map", calls("MapViewOfFile")),
    # Optimisation turns the copying into instructions; it is over where the next call begins.
    Step("copy", ("_getch",)),
    Step("unmap", ("_getch returns", *calls("UnmapViewOfFile")), presses="key"),
    Step("close", calls("CloseHandle")),
    Step("exit", (), ends=True),
)
READER = (
    Step("open", calls("OpenFileMapping")),
    Step("map", calls("MapViewOfFile")),
    Step("show", ("MessageBox",), shows=True),
    Step("unmap", ("MessageBox returns", *calls("UnmapViewOfFile")), presses="OK"),
    Step("close", calls("CloseHandle")),
    Step("exit", (), ends=True),
)

#: By the first letter of an actor's name: w, w1, w2 are writers, r, r1, r2 are readers.
STEPS: Dict[str, Tuple[Step, ...]] = {"w": WRITER, "r": READER}
DOCUMENTED = Kind("first_process", "second_process", NAME, FILE_MAP_ALL_ACCESS, STEPS)
