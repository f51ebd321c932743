"""What each exercise of docs/exercises.md asks for, as a check of a pair. A check raises
AssertionError, in words for a student, where the pair does something else."""
from __future__ import annotations

import struct
from typing import Callable, Dict, List, Tuple

from harness.driver.contract import BUF_SIZE, MESSAGE, NAME, encode
from harness.driver.meeting import Scene
from harness.driver.objects import FILE_MAP_READ
from harness.driver.programs import HELD, Launch, Program, TRACED
from harness.driver.waiting import DEADLINE, wait_for


def agree(what: str, expected: object, seen: object) -> None:
    """Fail, in words for a student, unless both are equal."""
    if expected != seen:
        raise AssertionError(f"{what}\n  expected: {expected!r}\n  seen:     {seen!r}")


def shows(reader: Program, text: str) -> None:
    """The reader's one box says that text; answer it, and the reader succeeds."""
    box = reader.box()
    agree("the text in the reader's box", text, box.text)
    reader.answer(box)
    agree("the reader's exit code", 0, reader.wait().code)


def read_only(scene: Scene) -> None:
    """The reader shows the message and asks for read access only, at both of its calls."""
    scene.waiting_writer()
    reader = scene.reader(TRACED)
    shows(reader, MESSAGE)
    rights: List[Tuple[str, object]] = [
        (call.function, call.arguments[{"OpenFileMapping": 0, "MapViewOfFile": 1}[call.function]])
        for call in reader.calls() if call.function in ("OpenFileMapping", "MapViewOfFile")]
    agree("the access that the reader asks for (4 is FILE_MAP_READ)",
          [("OpenFileMapping", FILE_MAP_READ), ("MapViewOfFile", FILE_MAP_READ)], rights)


def length(scene: Scene) -> None:
    """The text's size in bytes stands in front of it, and the reader goes by it."""
    text = encode(MESSAGE, scene.pair.writer.charset)
    mapping = scene.host.create(NAME, BUF_SIZE).map()
    mapping.write(b"\xaa" * BUF_SIZE)
    expected = struct.pack("<I", len(text)) + text
    writer = scene.writer(TRACED)
    wait_for(lambda: writer.has_called("_getch"), "a writer that waits for its key",
             writer.describe)
    agree("the first bytes of the object (all were aa before)", (expected + b"\xaa").hex(" "),
          mapping.read(len(expected) + 1).hex(" "))
    shows(scene.reader(), MESSAGE)
    for size in (BUF_SIZE - 3, 0xFFFFFFFF):
        mapping.write(struct.pack("<I", size))
        reader = scene.reader()
        agree(f"the boxes for a length of {size}, which cannot be true", [],
              [box.text for box in reader.boxes(DEADLINE)])
        ended = reader.wait()
        agree(f"exit code and output for a length of {size}",
              (1, f"Bad length ({size}).\r\n"), (ended.code, ended.out.decode("ascii", "replace")))


def event(scene: Scene) -> None:
    """A reader that comes before the copy waits for the writer's event, and shows the message."""
    writer = scene.writer(HELD)
    writer.go_through("MapViewOfFile")
    reader = scene.reader(Launch(trace=True, new_console=True))
    wait_for(lambda: reader.boxes() or reader.status()[0] or any(
        call.name == "WaitForSingleObject" and call.result is None for call in reader.calls()),
        "a reader that waits with WaitForSingleObject", reader.describe)
    agree("the boxes while the object is still empty", [], [box.text for box in reader.boxes()])
    agree("whether the reader has ended before the message came", False, reader.status()[0])
    let_run(writer)
    agree("whether the writer has called SetEvent when it waits for its key", True,
          writer.has_called("SetEvent"))
    shows(reader, MESSAGE)


def let_run(writer: Program) -> None:
    """Let a held writer go on until it waits for its key."""
    while True:
        place = writer.place()
        writer.go()
        if place.ended or writer.has_called("_getch"):
            return


CHECKERS: Dict[str, Callable[[Scene], None]] = {
    "read-only": read_only, "length": length, "event": event}
