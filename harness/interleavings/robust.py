"""The robust pair of docs/robust in plain Python: its steps, and what each does in any order.

Beside a writer w and a reader r there is time, t: while the reader is waiting, its limit may pass.
A call that concerns only the program itself goes with the step after it. There is one writer, so a
reader that comes too late for its object tries again and can only wait until its limit passes.
"""
from __future__ import annotations

import struct
from typing import FrozenSet, NamedTuple, Optional, Tuple

from harness.driver.contract import BUF_SIZE, MESSAGE, encode
from harness.driver.win32.constants import FILE_MAP_READ

from harness.interleavings.model import ALREADY_OPEN, NOT_FOUND, Lifetime, Object, Seen, last_handle
from harness.interleavings.steps import Kind, Step, calls

NAME = "Local\\NamedSharedMemory.Robust.Message"
READY = "Local\\NamedSharedMemory.Robust.Ready"
#: The size of struct message in bytes, and the first of them once the message is complete.
SIZE = 16384
TEXT = encode(MESSAGE, "unicode")
COMPLETE = (struct.pack("<4sIII", b"NSM1", 1, SIZE, len(TEXT)) + TEXT).ljust(BUF_SIZE, b"\0")

IN_USE = "Could not create the shared memory (is another writer running?) (error {})\r\n"
GONE = "Could not open the shared memory (has its writer ended?) (error {})\r\n"
INCOMPLETE = "Could not use the message (it is not complete, or not a message) (error 13)\r\n"
LATE = "Could not get a message (no writer in time) (error 1460)\r\n"

WRITER = (
    Step("event", calls("CreateEvent", "CreateEventEx")),
    Step("create", calls("CreateFileMapping")),
    Step("reset", calls("MapViewOfFile", "ResetEvent")),
    # Writing the message is no call; it is over where the next call begins.
    Step("publish", ("SetEvent",)),
    Step("set", ("SetEvent returns",)),
    Step("unset", calls("WaitForSingleObject", "ResetEvent")),
    Step("close", calls("UnmapViewOfFile", "CloseHandle")),
    Step("exit", calls("CloseHandle"), ends=True),
)
READER = (
    Step("event", calls("CreateEventEx")),
    Step("wait", ("WaitForSingleObject",), waits=True),
    Step("open", ("WaitForSingleObject returns", *calls("OpenFileMapping"))),
    # Nor is copying the message.
    Step("copy", (*calls("MapViewOfFile"), "UnmapViewOfFile")),
    Step("close", ("UnmapViewOfFile returns", *calls("CloseHandle"))),
    Step("show", (*calls("CloseHandle"), "MessageBox"), shows=True),
    Step("exit", ("MessageBox returns",), presses="OK", ends=True),
)
TIME = (Step("lapse", ("WaitForSingleObject returns",)),)
#: The same, where the reader first goes back to its wait.
AGAIN = Step("lapse", calls("WaitForSingleObject"))
#: The reader's time limit in milliseconds: to pass at its first wait, to pass only at its second,
#: and not to pass.
SHORT, TWICE, LONG = 500, 2000, 60000
#: What is left to do for a program that has failed.
GIVE_UP = Step("exit", calls("CloseHandle"), ends=True)

ROBUST = Kind("robust_writer", "robust_reader", NAME, FILE_MAP_READ,
              {"w": WRITER, "r": READER, "t": TIME})


class Process(NamedTuple):
    """A program: how many steps it has taken, whether it has the object open, what it has copied,
    and what it has printed. `late` means that it tries again, `failed` that it can only end."""

    taken: int = 0
    open: bool = False
    copy: bytes = b""
    printed: str = ""
    late: bool = False
    failed: bool = False

    def fails(self, words: str, error: int) -> Process:
        """The same program after it has said what it could not do."""
        return self._replace(printed=words.format(error), failed=True, open=False)


class Robust(NamedTuple):
    """All processes by name, all objects there have been, which one has the name now, whether the
    event is set, and who waits for it. The event itself exists from the first step that uses it: a
    program without it has nothing left that concerns the others."""

    processes: Tuple[Tuple[str, Process], ...]
    objects: Tuple[Object, ...] = ()
    named: int = -1
    ready: bool = False
    waiting: FrozenSet[str] = frozenset()

    @property
    def kind(self) -> Kind:
        """The robust pair."""
        return ROBUST

    def command(self, actor: str, order: Tuple[str, ...]) -> Tuple[str, str]:
        """The folder of an actor's program among the variants, and its arguments: the writer serves
        for no time at all once it is let go on."""
        before = order[:order.index("t")].count("r") if "t" in order else 0
        limit = LONG if not before else SHORT if before == 2 else TWICE
        return "robust", str(0 if actor == "w" else limit)

    def next(self, actor: str) -> Optional[Step]:
        """The step that the actor takes next; None if it has ended or waits, and for time if nobody
        waits."""
        if actor == "t":
            late = any(process.late for _, process in self.processes)
            return None if not self.waiting else AGAIN if late else TIME[0]
        process, steps = dict(self.processes)[actor], ROBUST.steps[actor[0]]
        if process.taken == len(steps) or actor in self.waiting:
            return None
        return GIVE_UP if process.failed else steps[process.taken]

    def take(self, actor: str, lifetime: Lifetime = last_handle) -> Tuple[Robust, Seen]:
        """The world after the actor's next step, and what can be seen of that step."""
        step = self.next(actor)
        assert step, f"{actor} cannot take a step"
        who = "r" if actor == "t" else actor
        processes = dict(self.processes)
        process, objects, named = processes[who], list(self.objects), self.named
        ready, waiting, seen = self.ready, self.waiting, Seen(succeeded=True)
        mine = objects[named] if named >= 0 else Object()
        if actor != "t":
            process = process._replace(taken=len(ROBUST.steps[actor[0]]) if step.ends
                                       else process.taken + 1)
        if step.name == "create" and named >= 0:
            # The object's DACL lets nobody write, so not even another writer gets this far.
            seen, process = Seen(False, ALREADY_OPEN), process.fails(IN_USE, ALREADY_OPEN)
        elif step.name == "create":
            objects.append(mine)
            named, process, seen = len(objects) - 1, process._replace(open=True), Seen(True, 0)
        elif step.name == "open" and named < 0:
            seen, process = Seen(False, NOT_FOUND), process._replace(late=True)
            waiting |= {actor}
        elif step.name == "open":
            process = process._replace(open=True)
        elif step.name in ("reset", "set", "unset"):
            ready = step.name == "set"
            waiting = frozenset() if ready else waiting
        elif step.name == "publish":
            mine, seen = mine._replace(data=COMPLETE), Seen()
        elif step.name == "wait" and not ready:
            waiting, seen = waiting | {actor}, Seen()
        elif step.name == "lapse":
            waiting, seen = frozenset(), Seen(succeeded=False)
            process = process.fails(GONE if process.late else LATE, NOT_FOUND)
        elif step.name == "copy":
            process, seen = process._replace(copy=mine.data), Seen()
        elif step.name == "close":
            process = process._replace(open=False)
            if process.copy != COMPLETE and actor[0] == "r":
                process = process.fails(INCOMPLETE, 0)
        elif step.name == "show":
            seen = Seen(box=MESSAGE)
        elif step.ends:
            seen = Seen(end=(1 if process.failed else 0, process.printed))
        processes[who] = process
        if named >= 0:
            users = frozenset(name for name, other in processes.items() if other.open)
            objects[named] = mine._replace(handles=users, views=frozenset(
                name for name in users if ROBUST.steps[name[0]][processes[name].taken - 1].name
                in ("reset", "publish", "set", "unset", "copy")))
            if not users and lifetime(objects[named], actor):
                named = -1
        if named >= 0:
            seen = seen._replace(handles=len(objects[named].handles), data=objects[named].data)
        return Robust(tuple(processes.items()), tuple(objects), named, ready, waiting), seen


def robust() -> Robust:
    """A writer, a reader and time, before the first step."""
    return Robust(tuple((actor, Process()) for actor in ("w", "r", "t")))
