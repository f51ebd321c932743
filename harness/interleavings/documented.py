"""The model of the pair of Microsoft's page: its steps, and the outcomes of its orders."""
from __future__ import annotations

from harness.driver.contract import MESSAGE, NAME, OPEN_FAILED, decode, encode
from harness.interleavings.model import Turn, start
from harness.interleavings.pairs import (BEFORE, CLOSED, HOLDS, Observed, Outcome, PairModel, Step,
                                         calls)


def _copy(turn: Turn) -> None:
    turn.write(encode(MESSAGE, turn.me.charset))


def _show(turn: Turn) -> Observed:
    return Observed(box=decode(turn.mine.data, turn.me.charset))


EXIT = Step("exit", (), ends=True)
WRITER = (
    Step("create", calls("CreateFileMapping")),
    Step("map", calls("MapViewOfFile")),
    # The compiler inlines the copy; it ends where the next call begins.
    Step("copy", ("_getch",), _copy),
    Step("unmap", ("_getch returns", *calls("UnmapViewOfFile")), presses="key"),
    Step("close", calls("CloseHandle")),
    EXIT,
)
READER = (
    Step("open", calls("OpenFileMapping"), failing=(OPEN_FAILED.format(2), EXIT)),
    Step("map", calls("MapViewOfFile")),
    Step("show", ("MessageBox",), _show, shows=True),
    Step("unmap", ("MessageBox returns", *calls("UnmapViewOfFile")), presses="OK"),
    Step("close", calls("CloseHandle")),
    EXIT,
)
OUTCOMES = (
    Outcome(("error 2", BEFORE), 7, "2<",
            "\"Could not open file mapping object (2).\": too early",
            "The reader opens the name before the writer has created the object."),
    Outcome(("", HOLDS), 161, "[ ]", "an empty message box",
            "The object exists, and is still all zero: its name can be opened before the message "
            "is copied, and the reader has no way to know."),
    Outcome((MESSAGE, HOLDS), 220, "M", f"\"{MESSAGE}\"",
            "The message box opens after the copy, while the writer still has the object open."),
    Outcome((MESSAGE, CLOSED), 74, "M>",
            f"\"{MESSAGE}\", though the writer has closed the object",
            "The reader's own handle keeps the object and its bytes alive."),
    Outcome(("error 2", CLOSED), 3, "2>",
            "\"Could not open file mapping object (2).\": too late",
            "The writer has closed the last handle, so the object and its name are gone."),
)
#: w, w1 and w2 are writers; r, r1 and r2 are readers.
DOCUMENTED = PairModel("first_process", "second_process", NAME, {"w": WRITER, "r": READER},
                       OUTCOMES, lambda actor, charset, order: (charset, ""))
#: Two writers and two readers. Their character sets differ, which shows who wrote last.
TWO_AND_TWO = start(DOCUMENTED, w1="ansi", w2="unicode", r1="ansi", r2="unicode")
