"""Models the Win32 functions that programs share memory and wait with, and predicts what each step
of any order does. It never asks a real program; replay.py compares the two."""
from __future__ import annotations

from typing import Any, Callable, Dict, FrozenSet, List, NamedTuple, Optional, Tuple

from harness.driver.contract import BUF_SIZE
from harness.driver.win32.constants import ERROR_ALREADY_EXISTS, ERROR_FILE_NOT_FOUND
from harness.interleavings.pairs import Observed, PairModel, Step


class Object(NamedTuple):
    """A file mapping object: the processes with a handle, those with a view, and its bytes."""

    handles: FrozenSet[str] = frozenset()
    views: FrozenSet[str] = frozenset()
    data: bytes = bytes(BUF_SIZE)


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
    the event or mutex is signaled (set or free; it exists from the first step that uses it), and
    the waiting processes, first come first, each with the step for when its time limit passes."""

    pair: PairModel
    processes: Tuple[Tuple[str, Process], ...]
    objects: Tuple[Object, ...] = ()
    named: int = -1
    signaled: bool = False
    waiting: Tuple[Tuple[str, Optional[Step]], ...] = ()

    def next(self, actor: str) -> Optional[Step]:
        """Return the actor's next step, or None if it has ended or waits, or no time can pass."""
        waiting = dict(self.waiting)
        if actor[0] == "t":
            return waiting.get(who(actor))
        process, steps = dict(self.processes)[actor], self.pair.steps[actor[0]]
        if process.taken == len(steps) or actor in waiting:
            return None
        return process.instead or steps[process.taken]

    def take(self, actor: str) -> Tuple[State, Observed]:
        """Return the state after the actor's next step, and the visible result of that step."""
        step = self.next(actor)
        assert step, f"{actor} cannot take a step"
        turn = Turn(self, who(actor))
        if actor[0] == "t":
            seen = turn.run_out(step)
        else:
            turn.change(taken=len(self.pair.steps[actor[0]]) if step.ends else turn.me.taken + 1)
            seen = turn.run(step)
        named = turn.objects[turn.named] if turn.named >= 0 else Object(data=b"")
        return (State(self.pair, tuple(turn.processes.items()), tuple(turn.objects), turn.named,
                      turn.signaled, tuple(turn.waiting)),
                seen._replace(handles=len(named.handles), data=named.data))


class Turn:
    """The parts of the state that the effect of a step may change."""

    def __init__(self, state: State, actor: str) -> None:
        self.pair = state.pair
        self.actor = actor
        self.processes = dict(state.processes)
        self.objects: List[Object] = list(state.objects)
        self.named = state.named
        self.signaled = state.signaled
        self.waiting = list(state.waiting)

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

    def run(self, step: Step) -> Observed:
        """Take a step of the program. Return its visible result."""
        seen = Observed()
        for stop in step.stops:
            function, _, returns = stop.partition(" ")
            if function in EFFECTS and returns:
                seen = EFFECTS[function](self) or Observed(succeeded=True)
            else:
                seen = Observed(succeeded=True if returns else None)
        if seen.succeeded is False:
            self._fail(step)
        if step.stops[-1:] == ("WaitForSingleObject",):
            seen = self.wait(step)
        if step.effect:
            seen = step.effect(self) or seen
        if step.ends:
            self.close()
            seen = Observed(end=(1 if self.me.instead else 0, self.me.printed))
        return seen

    def run_out(self, step: Step) -> Observed:
        """Take time's step: the limit of the program's wait passes. Return the visible result."""
        self.waiting = [one for one in self.waiting if one[0] != self.actor]
        self._fail(step)
        return Observed(succeeded=False if step.stops[-1].endswith(" returns") else None)

    def _fail(self, step: Step) -> None:
        if step.failing:
            printed, instead = step.failing
            self.change(printed=printed, instead=instead)
        else:
            self.stay(step)

    def stay(self, step: Step) -> Observed:
        """Stay within a step, which waits, until another program or its lapse ends that."""
        self.waiting.append((self.actor, step.lapse))
        return Observed()

    # What the functions do ------------------------------------------------------------------

    def create(self) -> Observed:
        """CreateFileMapping: create the object, or open the existing one."""
        error = ERROR_ALREADY_EXISTS if self.named >= 0 else 0
        if not error:
            self.named = len(self.objects)
            self.objects.append(Object())
        self.open()
        return Observed(True, error)

    def open(self) -> Observed:
        """OpenFileMapping: open a handle to the object that has the name."""
        if self.named < 0:
            return Observed(False, ERROR_FILE_NOT_FOUND)
        self.change(object=self.named)
        self._replace(handles=self.mine.handles | {self.actor})
        return Observed(True)

    def map(self) -> None:
        """MapViewOfFile."""
        self._replace(views=self.mine.views | {self.actor})

    def write(self, data: bytes) -> None:
        """Write these bytes to the beginning of the object, through the view."""
        self._replace(data=data + self.mine.data[len(data):])

    def unmap(self) -> None:
        """UnmapViewOfFile."""
        self._replace(views=self.mine.views - {self.actor})

    def close(self) -> None:
        """CloseHandle, or the end of the process: unmap the view and close the handle to the
        object, if still open. The last handle keeps the name. Other handles are closed later."""
        if self.me.object >= 0 and self.actor in self.mine.handles:
            self._replace(views=self.mine.views - {self.actor},
                          handles=self.mine.handles - {self.actor})
            if self.named == self.me.object and not self.mine.handles:
                self.named = -1

    def wait(self, step: Step) -> Observed:
        """WaitForSingleObject: own the mutex, find the event set, or wait."""
        if not self.signaled:
            return self.stay(step)
        self.signaled = not self.pair.mutex
        return Observed(succeeded=True)

    def release(self) -> None:
        """ReleaseMutex: it passes to the process that has waited longest."""
        self.signaled = not self.waiting
        del self.waiting[:1]

    def set(self) -> None:
        """SetEvent: all waits end."""
        self.signaled = True
        self.waiting.clear()

    def reset(self) -> None:
        """ResetEvent."""
        self.signaled = False


#: The effect of each function when it returns. Others change nothing that the model knows.
EFFECTS: Dict[str, Callable[[Turn], Optional[Observed]]] = {
    "CreateFileMapping": Turn.create, "OpenFileMapping": Turn.open, "MapViewOfFile": Turn.map,
    "UnmapViewOfFile": Turn.unmap, "CloseHandle": Turn.close, "ReleaseMutex": Turn.release,
    "SetEvent": Turn.set, "ResetEvent": Turn.reset}


def start(pair: PairModel, charset: str = "unicode", **charsets: str) -> State:
    """Return the state before the first step. `charsets` names other programs than the pair's."""
    return State(pair, tuple((actor, Process(kind)) for actor, kind in (
        charsets or dict.fromkeys(pair.actors or pair.steps, charset)).items()),
        signaled=pair.mutex)
