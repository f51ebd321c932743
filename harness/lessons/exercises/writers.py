"""Checks writers for the exercises length and one-writer. A check plays the reader, or another
writer, and raises Wrong if the student's writer does something else."""
from __future__ import annotations

import struct

from harness.driver.contract import BUF_SIZE
from harness.driver.win32.objects import Mapping
from harness.judge.calls import INPUT
from harness.lessons.exercises.examining import AS_BEFORE, Examination, Run


def length_writer(exam: Examination) -> None:
    """Check that the writer puts the size in front of the text, and changes no other byte."""
    run = exam.start(hold=True)
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
    exam.clear()


def holds_message(exam: Examination, mapping: Mapping) -> bool:
    """Return whether the object holds the message and nothing else."""
    return mapping.read(BUF_SIZE) == exam.message.ljust(BUF_SIZE, b"\0")


def agree_message(run: Run, mapping: Mapping) -> None:
    """Check that the object holds the message and nothing else."""
    run.agree("bytes of the object", run.exam.message.ljust(BUF_SIZE, b"\0"),
              mapping.read(BUF_SIZE), AS_BEFORE)


def one_writer(exam: Examination) -> None:
    """Check that the writer does not touch an existing object, whenever that was created, and
    otherwise works as before."""
    run = exam.start()
    run.rests()
    agree_message(run, run.opened())
    run.quits()
    exam.clear()
    for data in (bytes(BUF_SIZE), exam.noise(BUF_SIZE)):
        mapping = exam.object(data)
        before = mapping.read(mapping.region)
        refuses(exam.start(), mapping, before)
        exam.clear()
    run = exam.start(hold=True)
    if run.holds_at("CreateFileMapping", "CreateFileMappingNuma"):
        mapping = exam.object(exam.noise(BUF_SIZE))
        before = mapping.read(mapping.region)
        run.free()
        refuses(run, mapping, before, ", which it created after you looked for it")
    exam.clear()


def refuses(run: Run, mapping: Mapping, before: bytes, more: str = "") -> None:
    """Check that the writer leaves the object unchanged, and says that the name is in use."""
    run.until(lambda: run.program.ended() or run.program.boxes() or run.blocked(*INPUT)
              or mapping.read(mapping.region) != before, "it ends",
              "how does CreateFileMapping report that the object exists?")
    run.agree(f"bytes of another program's object{more}", before, mapping.read(mapping.region),
              "CreateFileMapping itself reports whether the object is new: look up how")
    run.ends(1, "The name is in use.", "print that the name is in use, and exit at once")
