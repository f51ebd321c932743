"""The pair of docs/changing in plain Python: its steps, and what each does in any order.

The writer makes one change in two halves; the reader reads once, protected by a sequence counter or
by nothing. Beside them there is time, t, as with the robust pair.
"""
from __future__ import annotations

import struct
from typing import FrozenSet, NamedTuple, Optional, Tuple

from harness.driver.contract import BUF_SIZE
from harness.driver.win32.constants import FILE_MAP_READ

from harness.interleavings.model import NOT_FOUND, Lifetime, Object, Seen, last_handle
from harness.interleavings.steps import Kind, Step, calls

NAME = "Local\\NamedSharedMemory.Changing.Record"
#: The reader's time limit in milliseconds: where it is to pass, and where it is not.
SHORT, LONG = 500, 60000
KEY = ord("x")
NO_RECORD = "Could not open the record (is its writer running?) (error 2)\r\n"
CHANGING = "Could not read the record (it kept changing) (error 1460)\r\n"

WRITER = (
    Step("create", calls("CreateFileMapping")),
    Step("map", (*calls("MapViewOfFile"), "_getch")),
    # Neither half is a call; each is over where the next call begins.
    Step("half", ("_getch returns", "_getch"), presses="key"),
    Step("whole", ("_getch returns", "_getch"), presses="key"),
    Step("close", ("_getch returns", *calls("UnmapViewOfFile", "CloseHandle")), presses="Escape"),
    Step("exit", (), ends=True),
)
READER = (
    Step("open", calls("OpenFileMapping")),
    Step("read", calls("MapViewOfFile"), waits=True),
    Step("close", calls("UnmapViewOfFile", "CloseHandle")),
    Step("exit", (), ends=True),
)
TIME = (Step("lapse", ("UnmapViewOfFile",)),)
#: What is left to do for a reader without an object, and for one whose time is over.
NOTHING = Step("exit", (), ends=True)
GIVE_UP = Step("exit", ("UnmapViewOfFile returns", *calls("CloseHandle")), ends=True)

UNPROTECTED = Kind("changing_writer", "changing_reader", NAME, FILE_MAP_READ,
                   {"w": WRITER, "r": READER})
SEQUENCE = UNPROTECTED._replace(steps={"w": WRITER, "r": READER, "t": TIME})


class Process(NamedTuple):
    """A program: how many steps it has taken, whether it has the object open, what it will print,
    and what it does next if not the step of its list."""

    taken: int = 0
    open: bool = False
    printed: str = ""
    instead: Optional[Step] = None


class Changing(NamedTuple):
    """Whether there is a sequence counter, all processes by name, the objects there have been,
    which one has the name now, the counter and the two halves of the record, and who waits until
    it stops changing."""

    counts: bool
    processes: Tuple[Tuple[str, Process], ...]
    objects: Tuple[Object, ...] = ()
    named: int = -1
    record: Tuple[int, int, int] = (0, 0, 0)
    waiting: FrozenSet[str] = frozenset()

    @property
    def kind(self) -> Kind:
        """The pair, with a sequence counter or without protection."""
        return SEQUENCE if self.counts else UNPROTECTED

    def command(self, actor: str, order: Tuple[str, ...]) -> Tuple[str, str]:
        """The folder of an actor's program among the variants, and its arguments."""
        way = "sequence" if self.counts else "none"
        limit = SHORT if "t" in order else LONG
        return "changing", way if actor == "w" else f"{way} {limit}"

    def next(self, actor: str) -> Optional[Step]:
        """The step that the actor takes next; None if it has ended or waits, and for time if nobody
        waits."""
        if actor == "t":
            return TIME[0] if self.waiting else None
        process, steps = dict(self.processes)[actor], self.kind.steps[actor]
        if process.taken == len(steps) or actor in self.waiting:
            return None
        return process.instead or steps[process.taken]

    def take(self, actor: str, lifetime: Lifetime = last_handle) -> Tuple[Changing, Seen]:
        """The world after the actor's next step, and what can be seen of that step."""
        step = self.next(actor)
        assert step, f"{actor} cannot take a step"
        who = "r" if actor == "t" else actor
        processes, objects, named = dict(self.processes), list(self.objects), self.named
        process, (sequence, first, second) = processes[who], self.record
        waiting, seen = self.waiting, Seen(succeeded=True)
        if actor != "t":
            process = process._replace(taken=len(self.kind.steps[actor]) if step.ends
                                       else process.taken + 1)
        if step.name == "create":
            objects, named, seen = [Object()], 0, Seen(True, 0)
            process = process._replace(open=True)
        elif step.name == "open" and named < 0:
            seen = Seen(False, NOT_FOUND)
            process = process._replace(printed=NO_RECORD, instead=NOTHING)
        elif step.name == "open":
            process = process._replace(open=True)
        elif step.name == "map":
            seen = Seen()
        elif step.name == "half":
            sequence, first, seen = sequence + self.counts, KEY, Seen()
        elif step.name == "whole":
            sequence, second, seen = sequence + self.counts, KEY, Seen()
            if waiting:
                processes["r"] = processes["r"]._replace(printed="xx\r\n")
            waiting = frozenset()
        elif step.name == "read" and self.counts and sequence % 2:
            waiting, seen = waiting | {actor}, Seen()
        elif step.name == "read":
            halves = "".join(chr(half) if half else "-" for half in (first, second))
            torn = "" if first == second else ": half of a change"
            process = process._replace(printed=f"{halves}{torn}\r\n")
        elif step.name == "lapse":
            waiting, seen = frozenset(), Seen()
            process = process._replace(printed=CHANGING, instead=GIVE_UP)
        elif step.ends:
            seen = Seen(end=(1 if process.instead else 0, process.printed))
        if step.name == "close" or step.ends:
            process = process._replace(open=False)
        processes[who] = process
        if named >= 0:
            users = frozenset(name for name, other in processes.items() if other.open)
            mapped = frozenset(name for name in users if processes[name].taken > 1)
            data = struct.pack("<3i", sequence, first, second).ljust(BUF_SIZE, b"\0")
            objects[named] = Object(users, mapped, data)
            if not users and lifetime(objects[named], actor):
                named = -1
        if named >= 0:
            seen = seen._replace(handles=len(objects[named].handles), data=objects[named].data)
        return Changing(self.counts, tuple(processes.items()), tuple(objects), named,
                        (sequence, first, second), waiting), seen


def changing(counts: bool) -> Changing:
    """A writer, a reader and, where the reader may wait, time, before the first step."""
    kind = SEQUENCE if counts else UNPROTECTED
    return Changing(counts, tuple((actor, Process()) for actor in kind.steps))
