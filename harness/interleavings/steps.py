"""What makes a step. This is the one place that says so.

A program under its debugger stops before and after each call of its own. A step lets it go on
through the stops named here; between steps it stands still, while others take theirs. So an order
of steps is an order of calls: what happens within a call, and in the copying of the message, which
is no call, is not taken apart.
"""
from __future__ import annotations

from typing import Dict, NamedTuple, Tuple


class Step(NamedTuple):
    """One step: its name, and the stops that it goes through, the last being where it ends.

    A stop is the name of a function, without its letter for the character set, where the program
    is about to call it, or that name and «returns». `presses` is what a person does first: «key»
    or «OK». A step that `shows` ends when the message box is open and can be read. The step
    without stops is the program's end.
    """

    name: str
    stops: Tuple[str, ...]
    presses: str = ""
    shows: bool = False


def _call(function: str) -> Tuple[str, str]:
    return function, f"{function} returns"


WRITER = (
    Step("create", _call("CreateFileMapping")),
    Step("map", _call("MapViewOfFile")),
    # Optimisation turns the copying into instructions; it is over where the next call begins.
    Step("copy", ("_getch",)),
    Step("unmap", ("_getch returns", *_call("UnmapViewOfFile")), presses="key"),
    Step("close", _call("CloseHandle")),
    Step("exit", ()),
)
READER = (
    Step("open", _call("OpenFileMapping")),
    Step("map", _call("MapViewOfFile")),
    Step("show", ("MessageBox",), shows=True),
    Step("unmap", ("MessageBox returns", *_call("UnmapViewOfFile")), presses="OK"),
    Step("close", _call("CloseHandle")),
    Step("exit", ()),
)

#: By the first letter of an actor's name: w, w1, w2 are writers, r, r1, r2 are readers.
STEPS: Dict[str, Tuple[Step, ...]] = {"w": WRITER, "r": READER}
