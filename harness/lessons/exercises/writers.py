"""What the exercises length and one-writer ask of a writer. A check raises Wrong where the program
does something else; it plays the reader, or another writer, itself."""
from __future__ import annotations

import struct

from harness.driver.contract import BUF_SIZE
from harness.driver.win32.objects import Mapping
from harness.judge.calls import INPUT
from harness.lessons.exercises.examining import AS_BEFORE, Examination, Run


def length_writer(exam: Examination) -> None:
    """The writer puts the size of its text in front of it, and changes no other byte."""
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
    """Whether the object has the message and nothing else."""
    return mapping.read(BUF_SIZE) == exam.message.ljust(BUF_SIZE, b"\0")


def agree_message(run: Run, mapping: Mapping) -> None:
    """The object has the message and nothing else."""
    run.agree("bytes of the object", run.exam.message.ljust(BUF_SIZE, b"\0"),
              mapping.read(BUF_SIZE), AS_BEFORE)


def one_writer(exam: Examination) -> None:
    """A writer that finds an object of its name leaves it alone, whenever that was created; another
    one works as ever."""
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
        refuses(run, mapping, before, ", which was created while you looked for it")
    exam.clear()


def refuses(run: Run, mapping: Mapping, before: bytes, more: str = "") -> None:
    """The writer leaves the object as it was before, and says so."""
    run.until(lambda: run.program.ended() or run.program.boxes() or run.blocked(*INPUT)
              or mapping.read(mapping.region) != before, "it ends",
              "what does CreateFileMapping say of an object that exists?")
    run.agree(f"bytes of another program's object{more}", before, mapping.read(mapping.region),
              "CreateFileMapping itself says whether the object is new: look up how")
    run.ends(1, "The name is in use.", "say that the name is in use, and end at once")
