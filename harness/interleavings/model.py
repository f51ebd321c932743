"""A file mapping object, an event, and programs that use them, in plain Python: predicts what each
step of any order does. It never asks a real program; replay.py compares the two.

A held program stops before and after each call of its own; a step lets it go on through the stops
that it names, while all others stand still. So what happens within a call, and in the copying of
the message, which is no call, is not taken apart.
"""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Dict, FrozenSet, List, NamedTuple, Optional, Tuple

from harness.driver.contract import BUF_SIZE

ALREADY_EXISTS, NOT_FOUND = 183, 2

Order = Tuple[str, ...]
#: What the reader got (the box's text, what it printed, or its error), and how far the writer was.
Key = Tuple[str, str]
BEFORE, HOLDS, CLOSED = "before", "holds", "closed"


class Object(NamedTuple):
    """A file mapping object: who has a handle to it, who has a view, and its bytes."""

    handles: FrozenSet[str] = frozenset()
    views: FrozenSet[str] = frozenset()
    data: bytes = bytes(BUF_SIZE)


class Observed(NamedTuple):
    """What can be seen of one step: whether its call succeeded, the last error where it matters,
    the box's text, exit code and output once it has ended; and of the object that then has the name
    the number of handles (0: the name is free) and the bytes."""

    succeeded: Optional[bool] = None
    error: Optional[int] = None
    box: Optional[str] = None
    end: Optional[Tuple[int, str]] = None
    handles: int = 0
    data: bytes = b""


#: Whether an object loses its name, told the object after a handle was closed, and by whom.
Lifetime = Callable[[Object, str], bool]


def last_handle(closed: Object, actor: str) -> bool:
    """The rule of Win32: an object has its name until its last handle is closed."""
    return not closed.handles


class Step(NamedTuple):
    """One step: its name, and the stops that it goes through, the last being where it ends.

    A stop is the name of a function, without its letter for the character set, where the program
    is about to call it, or that name and "returns". `effect` changes the model's state; it returns
    what can be seen of the step where that is not a call that succeeds or is yet to come. `presses`
    is what a person does first: "key", "Escape" or "OK". A step that `shows` ends when the message
    box is open and can be read. One that `waits` ends within a call, or a loop without calls, that
    another program or a time limit brings to an end. One that `ends` goes on to the program's end.
    """

    name: str
    stops: Tuple[str, ...]
    effect: Optional[Callable[[Turn], Optional[Observed]]] = None
    presses: str = ""
    shows: bool = False
    waits: bool = False
    ends: bool = False


def calls(*functions: str) -> Tuple[str, ...]:
    """The stops of functions that are called one after the other and return."""
    return tuple(stop for function in functions for stop in (function, f"{function} returns"))


class Outcome(NamedTuple):
    """One thing that can happen. `orders` is how many orders must lead to it; `sign` and `colour`
    stand for it in tables and in the picture."""

    key: Key
    orders: int
    sign: str
    colour: str
    sees: str
    cause: str


@dataclass(frozen=True, eq=False)
class PairModel:
    """A pair: the files of its programs, the name of their object and the access that others may
    have to it, the steps by the first letter of an actor's name (w, r, and t for time, which can
    pass while the reader waits), and all outcomes. `command` says for a name, a character set and
    the order the program's folder in build/ and its arguments. Where there are several readers,
    `actors` has all names (t1 is the time of r1), and each order begins with the `opening`."""

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
        """The program that an actor of that name is."""
        return self.writer if actor[0] == "w" else self.reader


class Process(NamedTuple):
    """A program: its character set, how many steps it has taken, which object it has opened, what
    it has copied and printed. Once it has failed, `instead` is what it does next."""

    charset: str
    taken: int = 0
    object: int = -1
    copy: bytes = b""
    printed: str = ""
    instead: Optional[Step] = None


def who(actor: str) -> str:
    """Whose step it is: when time passes, it is the reader whose call returns."""
    return actor.replace("t", "r")


class State(NamedTuple):
    """All processes by name, all objects there have been, which one has the name now, and whether
    the event is set or the mutex owned. (Either exists from the first step that uses it.) Those
    that wait, in the order in which they came, each with the step of its passing time limit."""

    pair: PairModel
    processes: Tuple[Tuple[str, Process], ...]
    objects: Tuple[Object, ...] = ()
    named: int = -1
    event: bool = False
    waiting: Tuple[Tuple[str, Optional[Step]], ...] = ()

    def next(self, actor: str) -> Optional[Step]:
        """The step that the actor takes next, or None: it has ended or waits, or is the time of a
        reader that does not wait."""
        waiting = dict(self.waiting)
        if actor[0] == "t":
            return waiting.get(who(actor))
        process, steps = dict(self.processes)[actor], self.pair.steps[actor[0]]
        if process.taken == len(steps) or actor in waiting:
            return None
        return process.instead or steps[process.taken]

    def take(self, actor: str, lifetime: Lifetime = last_handle) -> Tuple[State, Observed]:
        """The state after the actor's next step, and what can be seen of that step."""
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
    """A step while it is taken, for what it does: the parts of the state that it may change."""

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
        """The process that takes the step."""
        return self.processes[self.actor]

    @property
    def mine(self) -> Object:
        """The object that it has opened."""
        return self.objects[self.me.object]

    def change(self, **fields: Any) -> None:
        """Replace fields of the process."""
        self.processes[self.actor] = self.me._replace(**fields)

    def _replace(self, **fields: Any) -> None:
        self.objects[self.me.object] = self.mine._replace(**fields)

    def create(self) -> Observed:
        """CreateFileMapping: a new object of the name, or the one that there is."""
        error = ALREADY_EXISTS if self.named >= 0 else 0
        if not error:
            self.named = len(self.objects)
            self.objects.append(Object())
        self.open()
        return Observed(True, error)

    def open(self) -> None:
        """A handle to the object that has the name."""
        self.change(object=self.named)
        self._replace(handles=self.mine.handles | {self.actor})

    def map(self) -> None:
        """MapViewOfFile."""
        self._replace(views=self.mine.views | {self.actor})

    def write(self, data: bytes) -> None:
        """Write these bytes to the beginning of the object."""
        self._replace(data=data + self.mine.data[len(data):])

    def unmap(self) -> None:
        """UnmapViewOfFile."""
        self._replace(views=self.mine.views - {self.actor})

    def close(self) -> None:
        """UnmapViewOfFile and CloseHandle, as far as there is anything left to give back."""
        if self.me.object >= 0 and self.actor in self.mine.handles:
            self._replace(views=self.mine.views - {self.actor},
                          handles=self.mine.handles - {self.actor})
            if self.named == self.me.object and self._lifetime(self.mine, self.actor):
                self.named = -1

    def wait(self, lapse: Optional[Step] = None) -> None:
        """Wait until another program ends that, or with that step when the time limit passes."""
        self.waiting.append((self.actor, lapse))

    def lapse(self, printed: str, instead: Step) -> None:
        """The time limit has passed: the process prints that, and goes on with that step."""
        self.waiting = [one for one in self.waiting if one[0] != self.actor]
        self.change(printed=printed, instead=instead)


def opens(otherwise: Callable[[Turn], None]) -> Callable[[Turn], Observed]:
    """The effect of OpenFileMapping in a program that does that where there is no object."""
    def effect(turn: Turn) -> Observed:
        there = turn.named >= 0
        (Turn.open if there else otherwise)(turn)
        return Observed(there, None if there else NOT_FOUND)
    return effect


def start(pair: PairModel, charset: str = "unicode", **charsets: str) -> State:
    """Before the first step: each program of the pair, or these, by name with its character set."""
    return State(pair, tuple((actor, Process(kind)) for actor, kind in (
        charsets or dict.fromkeys(pair.actors or pair.steps, charset)).items()))
