"""What each exercise of docs/exercises.md asks for, as a check of a pair. A check raises
AssertionError, in words for a student, where the pair does something else."""
from __future__ import annotations

import struct
from typing import Callable, Dict, List, NamedTuple, Tuple

from harness.driver.contract import BUF_SIZE, MESSAGE, NAME, encode
from harness.driver.meeting import Scene
from harness.driver.programs import HELD, Launch, Program, TRACED
from harness.driver.waiting import DEADLINE, wait_for
from harness.driver.win32.constants import FILE_MAP_READ

ALONE = Launch(trace=True, new_console=True)
#: The time limit of the exercise `limit`, in seconds.
LIMIT = 5


class Exercise(NamedTuple):
    """An exercise with a checker: the task in a line, the check, the programs of this folder that
    solve it ("" for a documented one), what a solution has shown, and what comes next."""

    task: str
    check: Callable[[Scene], None]
    writer: str
    reader: str
    shown: str
    next: str


def agree(what: str, expected: object, seen: object, hint: str) -> None:
    """Fail, in words for a student, unless both are equal."""
    if expected != seen:
        raise AssertionError(f"{what}\n  expected: {expected}\n  seen:     {seen}\n"
                             f"  hint:     {hint}")


def texts(reader: Program, seconds: float = 0.0) -> str:
    """The texts of the reader's message boxes, waiting for the first one."""
    return ", ".join(f'"{box.text}"' for box in reader.boxes(seconds)) or "none"


def shows(reader: Program, text: str, hint: str) -> None:
    """The reader's one message box has that text; answer it, and the reader succeeds."""
    box = reader.box()
    agree("The text of the reader's message box is wrong.", f'"{text}"', f'"{box.text}"', hint)
    reader.answer(box)
    agree("The reader's exit code is wrong.", 0, reader.wait().code,
          "return 0 after the message box was answered")


def fails(program: Program, line: str, hint: str) -> None:
    """The program prints that line and exits with 1."""
    ended = program.wait()
    agree(f"{program.name.capitalize()} does not end as it should.",
          f'it prints "{line}" and exits with 1',
          f'it prints "{ended.out.decode("ascii", "replace").strip()}" and exits with {ended.code}',
          hint)


def waits(reader: Program) -> None:
    """The reader is waiting for the event; it has neither shown anything nor ended."""
    wait_for(lambda: reader.boxes() or reader.ended() or reader.has_called("WaitForSingleObject"),
             "a reader that calls WaitForSingleObject", reader.describe)
    hint = "wait for the event before you open the file mapping object"
    agree("The reader does not wait: it has ended.", "it runs",
          "it has ended" if reader.ended() else "it runs", hint)
    agree("The reader shows something before the message is complete.", "no message box",
          "no message box" if texts(reader) == "none" else texts(reader), hint)


def read_only(scene: Scene) -> None:
    """The reader shows the message and asks for read access only, at both of its calls."""
    scene.waiting_writer()
    reader = scene.reader(TRACED)
    shows(reader, MESSAGE, "only the access rights change; everything else stays")
    rights: List[Tuple[str, object]] = [
        (call.function, call.arguments[{"OpenFileMapping": 0, "MapViewOfFile": 1}[call.function]])
        for call in reader.calls() if call.function in ("OpenFileMapping", "MapViewOfFile")]
    agree("The reader asks for other access rights.",
          f"OpenFileMapping: {FILE_MAP_READ}, MapViewOfFile: {FILE_MAP_READ}",
          ", ".join(f"{function}: {right:#x}" if isinstance(right, int) and right > 9 else
                    f"{function}: {right}" for function, right in rights),
          "FILE_MAP_READ is 4; both calls take it")


def length(scene: Scene) -> None:
    """The text's size in bytes stands in front of it, and the reader goes by it."""
    text = encode(MESSAGE, scene.pair.writer.charset)
    mapping = scene.host.create(NAME, BUF_SIZE).map()
    mapping.write(b"\xaa" * BUF_SIZE)
    expected = struct.pack("<I", len(text)) + text
    writer = scene.writer(TRACED)
    wait_for(lambda: writer.has_called("_getch"), "a writer that waits for its key",
             writer.describe)
    agree("The first bytes of the object are wrong (all were aa before).",
          (expected + b"\xaa").hex(" "), mapping.read(len(expected) + 1).hex(" "),
          f"a DWORD with the size in bytes, {len(text)}, then the text, then nothing more")
    shows(scene.reader(), MESSAGE, "copy as many bytes as the length says, and terminate the copy")
    for size in (BUF_SIZE - 3, 0xFFFFFFFF):
        mapping.write(struct.pack("<I", size))
        reader = scene.reader()
        agree(f"The reader believes a length of {size}.", "none", texts(reader, DEADLINE),
              f"at most {BUF_SIZE - 4} bytes can follow the length")
        fails(reader, f"Bad length ({size}).", "print the length as an unsigned number")


def event(scene: Scene) -> None:
    """A reader that comes before the writer, or before its copy, waits and shows the message."""
    hint = "the event must be a manual-reset event: it releases all readers, and stays set"
    early = scene.reader(ALONE)
    waits(early)
    writer = scene.writer(TRACED)
    wait_for(lambda: writer.has_called("_getch"), "a writer that waits for its key",
             writer.describe)
    agree("The writer waits for its key and has not set the event.", "it has called SetEvent",
          "it has called SetEvent" if writer.has_called("SetEvent") else
          "it has not called SetEvent", "call SetEvent after CopyMemory and before _getch")
    shows(early, MESSAGE, hint)
    writer.press()
    agree("The writer's exit code is wrong.", 0, writer.wait().code, "it still waits for a key")
    writer = scene.writer(HELD)
    writer.go_through("MapViewOfFile")
    reader = scene.reader(ALONE)
    waits(reader)
    let_run(writer)
    shows(reader, MESSAGE, hint)


def limit(scene: Scene) -> None:
    """A reader without a writer gives up after its limit, and says so."""
    reader = scene.reader(ALONE)
    waits(reader)
    fails(reader, f"No message within {LIMIT} s.",
          f"give WaitForSingleObject {LIMIT * 1000} and look at what it returns")


def one_writer(scene: Scene) -> None:
    """A writer that finds an object of its name leaves it alone; another one works as ever."""
    writer = scene.waiting_writer()
    writer.press()
    agree("The writer's exit code is wrong where nobody has the name.", 0, writer.wait().code,
          "a last error of 0 means that the object is new")
    mapping = scene.host.create(NAME, BUF_SIZE).map()
    mapping.write(b"\xaa" * BUF_SIZE)
    second = scene.writer()
    wait_for(lambda: second.ended() or mapping.read(BUF_SIZE) != b"\xaa" * BUF_SIZE,
             "a writer that ends", second.describe)
    agree("The writer has changed somebody else's object.", "aa aa aa aa",
          mapping.read(4).hex(" "), "GetLastError returns ERROR_ALREADY_EXISTS after a success")
    fails(second, "The name is in use.", "look at the last error before anything else")


def let_run(writer: Program) -> None:
    """Let a held writer go on until it waits for its key."""
    while True:
        place = writer.place()
        writer.go()
        if place.ended or writer.has_called("_getch"):
            return


EXERCISES: Dict[str, Exercise] = {
    "read-only": Exercise(
        "a reader that asks for no more access than it needs", read_only, "", "read_only_reader",
        "Your reader shows the message and asks for FILE_MAP_READ only.", "length"),
    "length": Exercise(
        "a length in front of the text, which the reader checks", length,
        "length_writer", "length_reader",
        "The text ends where the length says, and a length that cannot be true is refused.",
        "event"),
    "event": Exercise(
        "an event that says when the message is complete", event,
        "event_writer", "event_reader",
        "A reader that comes first waits, and every reader shows the complete message.", "limit"),
    "limit": Exercise(
        "a reader that gives up after a time limit", limit, "", "event_reader",
        f"Without a writer your reader gives up after {LIMIT} seconds and says why.", "one-writer"),
    "one-writer": Exercise(
        "a writer that leaves somebody else's object alone", one_writer, "one_writer", "",
        "Your writer writes only into an object that it has created itself.", ""),
}
