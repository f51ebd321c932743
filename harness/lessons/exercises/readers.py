"""Checks readers for the exercises read-only and length. A check plays the writer, and raises Wrong
if the reader does something else."""
from __future__ import annotations

import struct

from harness.driver.contract import BUF_SIZE
from harness.driver.win32.constants import FILE_MAP_READ, named
from harness.judge.calls import OBJECT, VIEW
from harness.lessons.exercises.examining import Examination

#: The index of the argument with the access rights.
RIGHTS = {"OpenFileMapping": 0, "MapViewOfFile": 1, "MapViewOfFileEx": 1, "MapViewOfFileExNuma": 1}


def read_only(exam: Examination) -> None:
    """Check that the reader shows any message, and asks only for the right to read."""
    for size in (3, 48):
        text = exam.text(exam.unit * (size + exam.random.randrange(size)))
        exam.object(text + bytes(exam.unit))
        run = exam.start()
        hint = "show whatever text is in the view"
        run.until(lambda: run.program.boxes() or run.program.ended(), "it shows a message box",
                  hint)
        calls = run.calls(*OBJECT, *VIEW)
        for call in calls:
            place = RIGHTS.get(call.function)
            rights = call.arguments[place] if place is not None else None
            run.agree(f"access rights that {call.name} asks for", "the right to read, and no other",
                      "the right to read, and no other" if rights == FILE_MAP_READ else
                      named("FILE_MAP", rights) if isinstance(rights, int) else "to create it",
                      "look up the access rights of this function: which does a reader need?", call)
        box = run.shows(text, hint)
        if not {call.function for call in calls} & set(VIEW):
            run.wrong("calls that map the view", "one", "none that can be traced",
                      "call OpenFileMapping and MapViewOfFile by their names")
        run.answers(box)
        exam.clear()


def length_reader(exam: Examination) -> None:
    """Check that the reader shows as many bytes as the length says, and refuses one that is too
    large."""
    room = BUF_SIZE - 4
    middle = exam.unit * exam.random.randrange(10, 100)
    for size in (middle, room, exam.unit, 0):
        text = exam.text(size)
        mapping = exam.object(struct.pack("<I", size) + text)
        before = mapping.read(mapping.region)
        run = exam.start()
        box = run.shows(text, f"the length is {size}: show that many bytes; no terminator follows "
                        f"them, and up to {room} fit after a length")
        run.answers(box)
        run.agree("the object after the reader", before, mapping.read(len(before)),
                  "a reader changes nothing in the object: work on a copy")
        exam.clear()
    for size in (room + 1, 0x7FFFFFFF, 0xFFFFFFFF):
        mapping = exam.object(struct.pack("<I", size))
        before = mapping.read(mapping.region)
        run = exam.start()
        run.ends(1, f"Bad length ({size}).", "compare the length, an unsigned number, with the "
                 f"room: {size} bytes do not fit")
        run.agree("the object after the reader", before, mapping.read(len(before)),
                  "a reader changes nothing in the object")
        exam.clear()
