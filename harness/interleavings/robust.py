"""The model of the robust pair of docs/robust: its steps, and the outcomes of its orders.

Besides a writer w and a reader r there is time, t: while the reader waits, its limit may pass. A
call that affects only its own program belongs to the step after it. There is one writer, so a
reader that is too late for its object tries again, and can only wait until its limit passes.
"""
from __future__ import annotations

import struct
from typing import Tuple

from harness.driver.contract import BUF_SIZE, MESSAGE, encode
from harness.interleavings.model import Turn
from harness.interleavings.pairs import (BEFORE, CLOSED, HOLDS, Observed, Order, Outcome, PairModel,
                                         Step, calls)

NAME = "Local\\NamedSharedMemory.Robust.Message"
READY = "Local\\NamedSharedMemory.Robust.Ready"
#: The size of struct message in bytes, and its first bytes once the message is complete.
SIZE = 16384
TEXT = encode(MESSAGE, "unicode")
COMPLETE = (struct.pack("<4sIII", b"NSM1", 1, SIZE, len(TEXT)) + TEXT).ljust(BUF_SIZE, b"\0")

GONE = "Could not open the shared memory (has its writer ended?) (error 2)\r\n"
LATE = "Could not get a message (no writer in time) (error 1460)\r\n"
#: The reader's time limit in milliseconds: one that passes in the first wait, one that passes only
#: in the second, and one that does not pass.
SHORT, TWICE, LONG = 500, 2000, 60000
#: The last step of a program that has failed.
GIVE_UP = Step("exit", calls("CloseHandle"), ends=True)
#: The limit passes. If the reader has found no object, it first returns to its wait.
LAPSE = Step("lapse", ("WaitForSingleObject returns",), failing=(LATE, GIVE_UP))
AGAIN = Step("lapse", calls("WaitForSingleObject"), failing=(GONE, GIVE_UP))


def _publish(turn: Turn) -> None:
    turn.write(COMPLETE)


def _copy(turn: Turn) -> None:
    turn.change(copy=turn.mine.data)


def _show(turn: Turn) -> Observed:
    assert turn.me.copy == COMPLETE
    return Observed(box=MESSAGE)


WRITER = (
    Step("event", calls("CreateEvent", "CreateEventEx")),
    Step("create", calls("CreateFileMapping")),
    Step("reset", calls("MapViewOfFile", "ResetEvent")),
    # Writing the message is not a call; it ends where the next call begins.
    Step("publish", ("SetEvent",), _publish),
    Step("set", ("SetEvent returns",)),
    Step("unset", calls("WaitForSingleObject", "ResetEvent")),
    Step("close", calls("UnmapViewOfFile", "CloseHandle")),
    Step("exit", calls("CloseHandle"), ends=True),
)
READER = (
    Step("event", calls("CreateEventEx")),
    Step("wait", ("WaitForSingleObject",), lapse=LAPSE, waits=True),
    Step("open", ("WaitForSingleObject returns", *calls("OpenFileMapping")), lapse=AGAIN),
    # Copying the message is not a call either.
    Step("copy", (*calls("MapViewOfFile"), "UnmapViewOfFile"), _copy),
    Step("close", ("UnmapViewOfFile returns", *calls("CloseHandle"))),
    Step("show", (*calls("CloseHandle"), "MessageBox"), _show, shows=True),
    Step("exit", ("MessageBox returns",), presses="OK", ends=True),
)
OUTCOMES = (
    Outcome(("error 1460", BEFORE), 33, "T<",
            "\"Could not get a message (no writer in time)\": before there is a writer",
            "The reader's limit passes before the writer has created the object."),
    Outcome(("error 1460", HOLDS), 198, "T",
            "\"Could not get a message (no writer in time)\": while there is a writer",
            "The limit passes before the writer has set the event, or the reader comes after the "
            "writer has reset it in order to end."),
    Outcome((MESSAGE, HOLDS), 336, "M", f"\"{MESSAGE}\"",
            "The reader has copied a complete message, and the writer still holds the object."),
    Outcome((MESSAGE, CLOSED), 714, "M>",
            f"\"{MESSAGE}\", though the writer has closed the object",
            "The reader has opened the object in time, or has already copied the message."),
    Outcome(("error 2", CLOSED), 84, "2>",
            "\"Could not open the shared memory (has its writer ended?)\"",
            "The writer closes the object after the reader's wait has succeeded, and before the "
            "reader opens the object. Until its limit passes, the reader waits for another "
            "writer."),
    Outcome(("error 1460", CLOSED), 54, "T>",
            "\"Could not get a message (no writer in time)\": after the writer",
            "The reader comes when the writer has gone, and waits until its limit passes."),
)


def _command(actor: str, charset: str, order: Order) -> Tuple[str, str]:
    """Return folder and argument. The writer's limit is 0: once resumed, it ends at once."""
    before = order[:order.index("t")].count("r") if "t" in order else 0
    limit = LONG if not before else SHORT if before == 2 else TWICE
    return "robust", str(0 if actor == "w" else limit)


ROBUST = PairModel("robust_writer", "robust_reader", NAME,
                   {"w": WRITER, "r": READER, "t": (LAPSE,)}, OUTCOMES, _command)
