"""Models a file mapping object, an event and the programs that use them, and predicts what each
step of any order does. It never asks a real program; replay.py compares the two.

A held program stops before and after each of its calls; a step resumes it through the named stops,
while all others stay held. So calls, and the copy of the message, which is not a call, are atomic
here.
"""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Dict, FrozenSet, List, NamedTuple, Optional, Tuple

from harness.driver.contract import BUF_SIZE

ALREADY_EXISTS, NOT_FOUND = 183, 2

Order = Tuple[str, ...]
#: What the reader got (message box text, output or error), and how far the writer was.
Key = Tuple[str, str]
BEFORE, HOLDS, CLOSED = "before", "holds", "closed"


class Object(NamedTuple):
    """A file mapping object: the processes with a handle, those with a view, and its bytes."""

    handles: FrozenSet[str] = frozenset()
    views: FrozenSet[str] = frozenset()
    data: bytes = bytes(BUF_SIZE)


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


#: Decides from the object after a CloseHandle, and the actor that closed it, whether the name goes.
Lifetime = Callable[[Object, str], bool]


def last_handle(closed: Object, actor: str) -> bool:
    """Apply the rule of Win32: an object keeps its name until its last handle is closed."""
    return not closed.handles


class Step(NamedTuple):
    """One step: its name, and the stops that it passes; it ends at the last one.

    A stop is the name of a function, without A or W, that the program is about to call, or that
    name and "returns". `effect` changes the model's state and returns the visible result of the
    step, or None for a call that succeeds or has not returned yet. `presses` is what the user does
    first: "key", "Escape" or "OK". A step that `shows` ends when the message box can be read. One
    that `waits` ends within a call, or a loop without calls, until another program or a time limit
    ends that. One that `ends` runs the program to its end.
    """

    name: str
    stops: Tuple[str, ...]
    effect: Optional[Callable[[Turn], Optional[Observed]]] = None
    presses: str = ""
    shows: bool = False
    waits: bool = False
    ends: bool = False


def calls(*functions: str) -> Tuple[str, ...]:
    """Return the stops of functions that are called in turn and return."""
    return tuple(stop for function in functions for stop in (function, f"{function} returns"))


class Outcome(NamedTuple):
    """A possible outcome. `orders` is the number of orders that must lead to it; `sign` and
    `colour` represent it in tables and in the picture."""

    key: Key
    orders: int
    sign: str
    colour: str
    sees: str
    cause: str


@dataclass(frozen=True, eq=False)
class PairModel:
    """A pair: the files of its programs, the name of their object and the access that others can
    get, the steps by the first letter of an actor's name (w, r, and t for time, which can pass
    while the reader waits), and all outcomes. `command` returns the program's folder in build/ and
    its arguments for a name, a character set and the order. If there are several readers, `actors`
    has all names (t1 is the time of r1), and each order begins with the `opening`."""

    writer: str
    reader: str
    name: str
    access: int
    steps: Dict[str, Tuple[Step, ...]]
    outcomes: Tuple[Outcome, ...]
    command: Callable[[str, str, Order], Tuple[str, str]]
    actors: Order = ()
    opening: Order = ()

    def program(self, actor: str) -> str:
        """Return the program of the actor with that name."""
        return self.writer if actor[0] == "w" else self.reader


class Process(NamedTuple):
    """A process: its character set, the number of steps it has taken, the index of the object it
    has opened, and what it has copied and printed. After a failure, `instead` is its next step."""

    charset: str
    taken: int = 0
    object: int = -1
    copy: bytes = b""
    printed: str = ""
    instead: Optional[Step] = None


def who(actor: str) -> str:
    """Return the process that takes the step: for time, the reader whose call returns."""
    return actor.replace("t", "r")


class State(NamedTuple):
    """All processes by name, all objects so far, the index of the one that has the name, whether
    the event is set or the mutex owned (either exists from the first step that uses it), and the
    waiting processes, first come first, each with the step for when its time limit passes."""

    pair: PairModel
    processes: Tuple[Tuple[str, Process], ...]
    objects: Tuple[Object, ...] = ()
    named: int = -1
    event: bool = False
    waiting: Tuple[Tuple[str, Optional[Step]], ...] = ()

    def next(self, actor: str) -> Optional[Step]:
        """Return the actor's next step, or None if it has ended or waits, or is the time of a
        reader that does not wait."""
        waiting = dict(self.waiting)
        if actor[0] == "t":
            return waiting.get(who(actor))
        process, steps = dict(self.processes)[actor], self.pair.steps[actor[0]]
        if process.taken == len(steps) or actor in waiting:
            return None
        return process.instead or steps[process.taken]

    def take(self, actor: str, lifetime: Lifetime = last_handle) -> Tuple[State, Observed]:
        """Return the state after the actor's next step, and the visible result of that step."""
        step = self.next(actor)
        assert step, f"{actor} cannot take a step"
        turn = Turn(self, who(actor), lifetime)
        if actor[0] != "t":
            turn.change(taken=len(self.pair.steps[actor[0]]) if step.ends else turn.me.taken + 1)
        returned = bool(step.stops) and step.stops[-1].endswith(" returns")
        seen = step.effect(turn) if step.effect else None
        if step.ends:
            turn.close()
            seen = Observed(end=(1 if turn.me.instead else 0, turn.me.printed))
        seen = seen or Observed(succeeded=True if returned else None)
        named = turn.objects[turn.named] if turn.named >= 0 else Object(data=b"")
        return (State(self.pair, tuple(turn.processes.items()), tuple(turn.objects), turn.named,
                      turn.event, tuple(turn.waiting)),
                seen._replace(handles=len(named.handles), data=named.data))


class Turn:
    """The parts of the state that the effect of a step may change."""

    def __init__(self, state: State, actor: str, lifetime: Lifetime) -> None:
        self.pair = state.pair
        self.actor = actor
        self.processes = dict(state.processes)
        self.objects: List[Object] = list(state.objects)
        self.named = state.named
        self.event = state.event
        self.waiting = list(state.waiting)
        self._lifetime = lifetime

    @property
    def me(self) -> Process:
        """Return the process that takes the step."""
        return self.processes[self.actor]

    @property
    def mine(self) -> Object:
        """Return the object that the process has opened."""
        return self.objects[self.me.object]

    def change(self, **fields: Any) -> None:
        """Replace fields of the process."""
        self.processes[self.actor] = self.me._replace(**fields)

    def _replace(self, **fields: Any) -> None:
        self.objects[self.me.object] = self.mine._replace(**fields)

    def create(self) -> Observed:
        """CreateFileMapping: create the object, or open the existing one."""
        error = ALREADY_EXISTS if self.named >= 0 else 0
        if not error:
            self.named = len(self.objects)
            self.objects.append(Object())
        self.open()
        return Observed(True, error)

    def open(self) -> None:
        """Open a handle to the object that has the name."""
        self.change(object=self.named)
        self._replace(handles=self.mine.handles | {self.actor})

    def map(self) -> None:
        """Map a view."""
        self._replace(views=self.mine.views | {self.actor})

    def write(self, data: bytes) -> None:
        """Write these bytes to the beginning of the object."""
        self._replace(data=data + self.mine.data[len(data):])

    def unmap(self) -> None:
        """Unmap the view."""
        self._replace(views=self.mine.views - {self.actor})

    def close(self) -> None:
        """Unmap the view and close the handle, if they are still open."""
        if self.me.object >= 0 and self.actor in self.mine.handles:
            self._replace(views=self.mine.views - {self.actor},
                          handles=self.mine.handles - {self.actor})
            if self.named == self.me.object and self._lifetime(self.mine, self.actor):
                self.named = -1

    def wait(self, lapse: Optional[Step] = None) -> None:
        """Wait until another program ends the wait; when the time limit passes, take `lapse`."""
        self.waiting.append((self.actor, lapse))

    def lapse(self, printed: str, instead: Step) -> None:
        """End the wait because the time limit has passed: print `printed`, then take `instead`."""
        self.waiting = [one for one in self.waiting if one[0] != self.actor]
        self.change(printed=printed, instead=instead)


def opens(otherwise: Callable[[Turn], None]) -> Callable[[Turn], Observed]:
    """Return the effect of OpenFileMapping in a program that does `otherwise` without an object."""
    def effect(turn: Turn) -> Observed:
        there = turn.named >= 0
        (Turn.open if there else otherwise)(turn)
        return Observed(there, None if there else NOT_FOUND)
    return effect


def start(pair: PairModel, charset: str = "unicode", **charsets: str) -> State:
    """Return the state before the first step. `charsets` names other programs than the pair's."""
    return State(pair, tuple((actor, Process(kind)) for actor, kind in (
        charsets or dict.fromkeys(pair.actors or pair.steps, charset)).items()))
