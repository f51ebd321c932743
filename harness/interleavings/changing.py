"""The model of the pair of docs/changing: its steps, and the outcomes of its orders.

The writer makes one change in two halves; each reader reads once, protected by a sequence counter,
by a mutex or not at all. An extra actor, t, is time, as for the robust pair.
"""
from __future__ import annotations

import struct
from dataclasses import replace
from typing import Callable, Dict, Optional, Tuple

from harness.interleavings.model import Turn
from harness.interleavings.pairs import (BEFORE, CLOSED, HOLDS, Observed, Order, Outcome, PairModel,
                                         Step, calls)

NAME = "Local\\NamedSharedMemory.Changing.Record"
#: The reader's time limit in milliseconds: one that will pass, and one that will not.
SHORT, LONG = 500, 60000
#: A record: the sequence counter and two halves. Each key that is pressed becomes one half.
RECORD = struct.Struct("<3i")
KEY = ord("x")
NO_RECORD = "Could not open the record (is its writer running?) (error 2)\r\n"
OWNED = "Could not get the mutex (error 1460)\r\n"
CHANGING = "Could not read the record (it kept changing) (error 1460)\r\n"
EXIT = Step("exit", (), ends=True)
#: The limit of a reader passes: with a sequence counter in a loop without calls, with a mutex in a
#: wait.
LAPSE = Step("lapse", ("UnmapViewOfFile",), failing=(CHANGING, Step(
    "exit", ("UnmapViewOfFile returns", *calls("CloseHandle")), ends=True)))
OVER = Step("lapse", ("WaitForSingleObject returns",), failing=(OWNED, Step(
    "exit", calls("UnmapViewOfFile", "CloseHandle", "CloseHandle"), ends=True)))


def _counts(turn: Turn) -> bool:
    return turn.pair.steps.get("t") == (LAPSE,)


def _half(turn: Turn) -> None:
    turn.write(RECORD.pack(int(_counts(turn)), KEY, 0))


def _whole(turn: Turn) -> None:
    turn.write(RECORD.pack(2 * _counts(turn), KEY, KEY))
    if _counts(turn):
        for name, _ in turn.waiting:
            turn.processes[name] = turn.processes[name]._replace(printed="xx\r\n")
        turn.waiting.clear()


def _read(turn: Turn) -> Optional[Observed]:
    sequence, first, second = RECORD.unpack_from(turn.mine.data)
    if sequence % 2:
        return turn.stay(READER[1])
    halves = "".join(chr(half) if half else "-" for half in (first, second))
    turn.change(printed=f"{halves}{'' if first == second else ': half of a change'}\r\n")
    return None


WRITER = (
    Step("create", calls("CreateFileMapping")),
    Step("map", (*calls("MapViewOfFile"), "_getch")),
    # Neither half is a call; each ends where the next call begins.
    Step("half", ("_getch returns", "_getch"), _half, presses="key"),
    Step("whole", ("_getch returns", "_getch"), _whole, presses="key"),
    Step("close", ("_getch returns", *calls("UnmapViewOfFile", "CloseHandle")), presses="Escape"),
    EXIT,
)
READER = (
    Step("open", calls("OpenFileMapping"), failing=(NO_RECORD, EXIT)),
    Step("read", calls("MapViewOfFile"), _read, lapse=LAPSE, waits=True),
    Step("close", calls("UnmapViewOfFile", "CloseHandle")),
    EXIT,
)
MUTEX_WRITER = (
    Step("create", calls("CreateMutexEx", "CreateFileMapping")),
    WRITER[1],
    Step("own", ("_getch returns", "WaitForSingleObject"), presses="key", waits=True),
    Step("half", ("WaitForSingleObject returns", "_getch"), _half),
    Step("whole", ("_getch returns", *calls("ReleaseMutex"), "_getch"), _whole, presses="key"),
    Step("close", ("_getch returns", *calls("UnmapViewOfFile", "CloseHandle", "CloseHandle")),
         presses="Escape"),
    EXIT,
)
MUTEX_READER = (
    Step("open", calls("CreateMutexEx", "OpenFileMapping"),
         failing=(NO_RECORD, Step("exit", calls("CloseHandle"), ends=True))),
    Step("own", (*calls("MapViewOfFile"), "WaitForSingleObject"), lapse=OVER, waits=True),
    Step("read", ("WaitForSingleObject returns", *calls("ReleaseMutex")), _read),
    Step("close", calls("UnmapViewOfFile", "CloseHandle", "CloseHandle")),
    EXIT,
)
#: The outcomes that all kinds of protection have in common.
EARLY = Outcome(("error 2", BEFORE), 7, "2<", "\"Could not open the record\": too early",
                "The writer has not created the object yet.")
OLD = Outcome(("--", ""), 51, "--", "the record before the change",
              "The reader reads before the change begins.")
NEW = Outcome(("xx", ""), 40, "xx", "the record after the change",
              "The reader reads after the change.")
LATE = Outcome(("error 2", CLOSED), 3, "2>", "\"Could not open the record\": too late",
               "The writer has closed the object.")


def _command(way: str) -> Callable[[str, str, Order], Tuple[str, str]]:
    """Return the function that gives the command lines for that kind of protection."""
    return lambda actor, charset, order: ("changing", way if actor == "w" else
                                          f"{way} {SHORT if f't{actor[1:]}' in order else LONG}")


UNPROTECTED = PairModel(
    "changing_writer", "changing_reader", NAME, {"w": WRITER, "r": READER}, (
        EARLY, OLD,
        Outcome(("x-: half of a change", ""), 30, "x-", "half of a change",
                "The reader reads between the two halves."),
        NEW, LATE), _command("none"))
SEQUENCE = PairModel(
    "changing_writer", "changing_reader", NAME, {"w": WRITER, "r": READER, "t": (LAPSE,)}, (
        EARLY, OLD,
        Outcome(("error 1460", HOLDS), 12, "T", "\"Could not read the record\"",
                "The reader comes between the two halves, and its limit passes before the change "
                "is complete."),
        NEW._replace(orders=58, cause="The reader reads after the change, or comes between its "
                                      "halves and waits."),
        LATE), _command("sequence"))
MUTEX = PairModel(
    "changing_writer", "changing_reader", NAME,
    {"w": MUTEX_WRITER, "r": MUTEX_READER, "t": (OVER,)}, (
        EARLY._replace(orders=8),
        OLD._replace(orders=136, cause="The reader owns the mutex before the change."),
        Outcome(("error 1460", HOLDS), 43, "T", "\"Could not get the mutex\"",
                "The writer owns the mutex until the reader's limit has passed."),
        NEW._replace(orders=145, cause="The reader owns the mutex after the change, for which it "
                                       "may have waited."),
        LATE), _command("mutex"), mutex=True)


def _several(pair: PairModel, readers: int, outcomes: Dict[str, int]) -> PairModel:
    """Return the pair with several readers. `outcomes` counts orders by what the readers get."""
    names = tuple(f"r{number + 1}" for number in range(readers))
    return replace(pair, actors=("w", *names, *(f"t{name[1:]}" for name in names)),
                   opening=("w", "w", *names), outcomes=tuple(
                       Outcome((got, ""), orders, "", got, "") for got, orders in outcomes.items()))


SEQUENCE_READERS = _several(SEQUENCE, 3, {
    "--, --, --": 1, "--, --, error 1460": 1, "--, --, xx": 3, "--, error 1460, error 1460": 3,
    "--, error 1460, xx": 5, "--, xx, xx": 6, "error 1460, error 1460, error 1460": 15,
    "error 1460, error 1460, xx": 21, "error 1460, xx, xx": 15, "xx, xx, xx": 10})
#: With a third reader there would be 1,740 orders.
MUTEX_READERS = _several(MUTEX, 2, {
    "--, --": 5, "--, error 1460": 12, "--, xx": 16, "error 1460, error 1460": 15,
    "error 1460, xx": 55, "xx, xx": 35})
