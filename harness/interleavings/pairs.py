"""Describes pairs of programs for the model: their steps, and the outcomes of all orders of these.

A held program stops before and after each of its calls; a step resumes it through the named stops,
while all others stay held. So calls, and the copy of the message, which is not a call, are atomic
here.
"""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Dict, NamedTuple, Optional, Tuple

Order = Tuple[str, ...]
#: What the reader got (message box text, output or error), and how far the writer was.
Key = Tuple[str, str]
BEFORE, HOLDS, CLOSED = "before", "holds", "closed"


class Observed(NamedTuple):
    """The visible result of one step: whether its call succeeded, the last error if it matters, the
    message box text, exit code and output once the program has ended; and the number of handles
    (0: the name is free) and the bytes of the object that has the name after the step."""

    succeeded: Optional[bool] = None
    error: Optional[int] = None
    box: Optional[str] = None
    end: Optional[Tuple[int, str]] = None
    handles: int = 0
    data: bytes = b""


class Step(NamedTuple):
    """One step: its name, and the stops that it passes; it ends at the last one.

    A stop is the name of a function, without A or W, that the program is about to call, or that
    name and "returns". The model knows what the calls do; `effect` gets its Turn, adds what the
    program does besides, and returns the visible result if that is not the one of the last call.
    `failing` is what the program prints if the call fails or the time limit has passed, and its
    next step then; `lapse` is time's step that ends a wait of this one. `presses` is what the user
    does first: "key", "Escape" or "OK". A step that `shows` ends when the message box can be read.
    One that `waits` ends within a call, or a loop without calls, until another program or a time
    limit ends that. One that `ends` runs the program to its end.
    """

    name: str
    stops: Tuple[str, ...]
    effect: Optional[Callable[[Any], Optional[Observed]]] = None
    failing: Optional[Tuple[str, Step]] = None
    lapse: Optional[Step] = None
    presses: str = ""
    shows: bool = False
    waits: bool = False
    ends: bool = False


def calls(*functions: str) -> Tuple[str, ...]:
    """Return the stops of functions that are called in turn and return."""
    return tuple(stop for function in functions for stop in (function, f"{function} returns"))


class Outcome(NamedTuple):
    """A possible outcome, to which so many `orders` must lead. Tables show its `sign`."""

    key: Key
    orders: int
    sign: str
    sees: str
    cause: str


@dataclass(frozen=True, eq=False)
class PairModel:
    """A pair: the files of its programs, the name of their object, the steps by the first letter of
    an actor's name (w, r, and t for time, which can pass while the reader waits), and all outcomes.
    `command` returns the program's folder in build/ and its arguments for a name, a character set
    and the order. Its programs wait for an event, or for a `mutex`. If there are several readers,
    `actors` has all names (t1 is the time of r1), and each order begins with the `opening`."""

    writer: str
    reader: str
    name: str
    steps: Dict[str, Tuple[Step, ...]]
    outcomes: Tuple[Outcome, ...]
    command: Callable[[str, str, Order], Tuple[str, str]]
    mutex: bool = False
    actors: Order = ()
    opening: Order = ()

    def program(self, actor: str) -> str:
        """Return the program of the actor with that name."""
        return self.writer if actor[0] == "w" else self.reader
