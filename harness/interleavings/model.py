"""A file-mapping object, and programs that use it, in plain Python: predicts what each step of any
order does. It never asks a real program; the stage compares the two."""
from __future__ import annotations

from typing import Callable, Dict, FrozenSet, NamedTuple, Optional, Tuple

from harness.driver.contract import BUF_SIZE, MESSAGE, OPEN_FAILED, decode, encode

from harness.interleavings.steps import DOCUMENTED, Kind, STEPS, Step

ALREADY_EXISTS, ALREADY_OPEN, NOT_FOUND = 183, 5, 2


class Object(NamedTuple):
    """A file-mapping object: who has a handle to it, who has a view, and its bytes."""

    handles: FrozenSet[str] = frozenset()
    views: FrozenSet[str] = frozenset()
    data: bytes = bytes(BUF_SIZE)


class Process(NamedTuple):
    """A program: its character set, how many steps it has taken, which object it has open, and
    what it has printed. `failed` means that it has nothing left to do but end."""

    charset: str
    taken: int = 0
    object: int = -1
    printed: str = ""
    failed: bool = False


class Seen(NamedTuple):
    """What can be seen of one step: whether its call succeeded; the last error, where it tells
    something; the box's text; exit code and output, once it has ended; and then, of the object that
    has the name, its number of handles (0: the name is free) and its bytes."""

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


class World(NamedTuple):
    """All processes by name, all objects there have been, and which one has the name now."""

    processes: Tuple[Tuple[str, Process], ...]
    objects: Tuple[Object, ...] = ()
    named: int = -1

    @property
    def kind(self) -> Kind:
        """The documented pair."""
        return DOCUMENTED

    def command(self, actor: str, order: Tuple[str, ...]) -> Tuple[str, str]:
        """The folder of an actor's program among the variants (its character set), and its
        arguments."""
        return dict(self.processes)[actor].charset, ""

    def next(self, actor: str) -> Optional[Step]:
        """The step that the actor takes next, or None if it has ended."""
        process, steps = dict(self.processes)[actor], STEPS[actor[0]]
        if process.failed and process.taken < len(steps):
            return steps[-1]
        return steps[process.taken] if process.taken < len(steps) else None

    def take(self, actor: str, lifetime: Lifetime = last_handle) -> Tuple[World, Seen]:
        """The world after the actor's next step, and what can be seen of that step."""
        step = self.next(actor)
        assert step, f"{actor} has ended"
        processes = dict(self.processes)
        process = processes[actor]
        objects, named = list(self.objects), self.named
        taken = len(STEPS[actor[0]]) if step.name == "exit" else process.taken + 1
        seen = Seen(succeeded=True)
        process = process._replace(taken=taken)

        if step.name == "create":
            seen = seen._replace(error=0 if named < 0 else ALREADY_EXISTS)
            if named < 0:
                objects.append(Object())
                named = len(objects) - 1
        if step.name == "open" and named < 0:
            seen = Seen(succeeded=False, error=NOT_FOUND)
            process = process._replace(failed=True, printed=OPEN_FAILED.format(NOT_FOUND))
        elif step.name in ("create", "open"):
            process = process._replace(object=named)
            objects[named] = objects[named]._replace(handles=objects[named].handles | {actor})
        mine = objects[process.object] if process.object >= 0 else Object()
        if step.name == "map":
            mine = mine._replace(views=mine.views | {actor})
        elif step.name == "copy":
            message = encode(MESSAGE, process.charset)
            mine = mine._replace(data=message + mine.data[len(message):])
            seen = Seen()
        elif step.name == "show":
            seen = Seen(box=decode(mine.data, process.charset))
        elif step.name == "unmap":
            mine = mine._replace(views=mine.views - {actor})
        elif step.name == "close":
            mine = mine._replace(handles=mine.handles - {actor})
            if named == process.object and lifetime(mine, actor):
                named = -1
        elif step.name == "exit":
            seen = Seen(end=(1 if process.failed else 0, process.printed))
        if process.object >= 0:
            objects[process.object] = mine
        processes[actor] = process
        if named >= 0:
            seen = seen._replace(handles=len(objects[named].handles), data=objects[named].data)
        return World(tuple(processes.items()), tuple(objects), named), seen


def world(charsets: Dict[str, str]) -> World:
    """A world in which nothing has happened yet: each actor's name with its character set."""
    return World(tuple((actor, Process(charset)) for actor, charset in charsets.items()))
