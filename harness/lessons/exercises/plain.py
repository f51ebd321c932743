"""Checks the exercises without synchronization: read-only, length and one-writer. A check plays the
other program, or another writer, and raises Wrong if the student's does something else."""
from __future__ import annotations

import struct

from harness.driver.contract import BUF_SIZE
from harness.driver.win32.constants import FILE_MAP_READ, named
from harness.driver.win32.objects import Mapping
from harness.judge.calls import INPUT, OBJECT, VIEW
from harness.lessons.exercises.examining import AS_BEFORE, Run
from harness.lessons.exercises.setting import Examination

#: The index of the argument with the access rights.
RIGHTS = {"OpenFileMapping": 0, "MapViewOfFile": 1, "MapViewOfFileEx": 1, "MapViewOfFileExNuma": 1}
#: The number of bytes after a length.
ROOM = BUF_SIZE - 4


def read_only(exam: Examination) -> None:
    """Check that the reader shows any message, and asks only for the right to read."""
    for size in (3, 48):
        text = exam.text(exam.unit * (size + exam.random.randrange(size)))
        exam.object(text + bytes(exam.unit))
        run = Run(exam)
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
        exam.host.sweep()


def length_writer(exam: Examination) -> None:
    """Check that the writer puts the size in front of the text, and changes no other byte."""
    run = Run(exam, hold=True)
    mapping = run.mapped()
    before = exam.noise(mapping.region)
    mapping.write(before)
    run.free()
    run.rests()
    size = len(exam.message)
    expected = struct.pack("<I", size) + exam.message
    run.agree("bytes of the object, which were random before", expected + before[len(expected):],
              mapping.read(mapping.region), f"the size of the text in bytes ({size}) as a 32-bit "
              "number, then the text, then nothing")
    run.keeps(mapping)
    run.quits()


def length_reader(exam: Examination) -> None:
    """Check that the reader shows as many bytes as the length says, and refuses a large length."""
    middle = exam.unit * exam.random.randrange(10, 100)
    for size in (middle, ROOM, exam.unit, 0, ROOM + 1, 0x7FFFFFFF, 0xFFFFFFFF):
        text = exam.text(size) if size <= ROOM else b""
        mapping = exam.object(struct.pack("<I", size) + text)
        before = mapping.read(mapping.region)
        run = Run(exam)
        if size <= ROOM:
            run.answers(run.shows(text, f"the length is {size}: show that many bytes; no terminator"
                                  f" follows them, and up to {ROOM} fit after a length"))
        else:
            run.ends(1, f"Bad length ({size}).", "compare the length, an unsigned number, with the "
                     f"room: {size} bytes do not fit")
        run.agree("the object after the reader", before, mapping.read(len(before)),
                  "a reader changes nothing in the object: work on a copy")
        exam.host.sweep()


def one_writer(exam: Examination) -> None:
    """Check that the writer leaves an object alone whenever it appears, else works as before."""
    run = Run(exam)
    run.rests()
    run.agree("bytes of the object", exam.documented,
              run.created(Mapping).map().read(BUF_SIZE), AS_BEFORE)
    run.quits()
    exam.host.sweep()
    for data in (bytes(BUF_SIZE), exam.noise(BUF_SIZE)):
        mapping = exam.object(data)
        refuses(Run(exam), mapping, mapping.read(mapping.region))
        exam.host.sweep()
    run = Run(exam, hold=True)
    if run.holds_at("CreateFileMapping", "CreateFileMappingNuma"):
        mapping = exam.object(exam.noise(BUF_SIZE))
        before = mapping.read(mapping.region)
        run.free()
        refuses(run, mapping, before, ", which it created after you looked for it")


def refuses(run: Run, mapping: Mapping, before: bytes, more: str = "") -> None:
    """Check that the writer leaves the object unchanged, and says that the name is in use."""
    run.until(lambda: run.program.ended() or run.program.boxes() or run.blocked(*INPUT)
              or mapping.read(mapping.region) != before, "it ends",
              "how does CreateFileMapping report that the object exists?")
    run.agree(f"bytes of another program's object{more}", before, mapping.read(mapping.region),
              "CreateFileMapping itself reports whether the object is new: look up how")
    run.ends(1, "The name is in use.", "print that the name is in use, and exit at once")
