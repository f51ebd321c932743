"""Lists the exercises of docs/exercises.md that have a checker, and checks programs."""
from __future__ import annotations

import shlex
from contextlib import suppress
from pathlib import Path
from typing import Callable, Dict, List, NamedTuple

from harness.driver.contract import MESSAGE, NAME, TITLE, Words, encode
from harness.driver.errors import HarnessError, HostLost
from harness.driver.host import Host
from harness.driver.pair import Half, product
from harness.driver.paths import BUILD, ROOT
from harness.judge import sources
from harness.judge.claims import READER, WRITER
from harness.judge.scratch import new_folder
from harness.judge.verdict import NAMES
from harness.lessons.exercises import readers, writers
from harness.lessons.exercises.examining import Run
from harness.lessons.exercises.setting import Examination, Submitted, Wrong, prefix

HERE = Path(__file__).parent


class Exercise(NamedTuple):
    """An exercise with a checker: the task in one line; the programs of this folder that solve it
    ("" for the documented one); what a solution shows; the check of each program that it covers.
    When both run together, an `early` reader starts first, and all `writers` get these `keys`."""

    task: str
    writer: str
    reader: str
    shown: str
    checks: Dict[str, Callable[[Examination], None]]
    early: bool = False
    writers: int = 1
    keys: str = ""

    def solution(self, role: str) -> str:
        """Return the name of the program that solves that part."""
        return self.writer if role == WRITER else self.reader


#: In the order in which they build on each other.
EXERCISES: Dict[str, Exercise] = {
    "read-only": Exercise(
        "a reader that asks for no more access than it needs", "", "read_only_reader",
        "Your reader shows any message, and asks only for the right to read.",
        {READER: readers.read_only}),
    "length": Exercise(
        "a length in front of the text, which the reader checks", "length_writer", "length_reader",
        "The text ends where the length says, and an impossible length is refused.",
        {WRITER: writers.length_writer, READER: readers.length_reader}),
    "event": Exercise(
        "an event that says when the message is complete", "event_writer", "event_reader",
        "A reader that comes first waits, and every reader shows the complete message.",
        {WRITER: writers.event_writer, READER: readers.event_reader}, early=True),
    "limit": Exercise(
        "a reader that gives up after a time limit", "event_writer", "event_reader",
        f"Without a message your reader gives up after {readers.LIMIT:g} seconds and says why.",
        {READER: readers.limit_reader}, early=True),
    "one-writer": Exercise(
        "a writer that leaves another program's object alone", "one_writer", "",
        "Your writer writes only into an object that it created itself.",
        {WRITER: writers.one_writer}),
    "changing": Exercise(
        "a record that changes, and a mutex for it", "changing_writer", "changing_reader",
        "No reader ever shows half of a change.",
        {WRITER: writers.changing_writer, READER: readers.changing_reader}, keys="ok"),
    "two-writers": Exercise(
        "a writer that shares the object with other writers", "two_writers", "length_reader",
        "With any number of writers, no typed character is lost.",
        {WRITER: writers.two_writers}, writers=2, keys="ab"),
}


def examine(host: Host, name: str, programs: Dict[str, Submitted], words: Words) -> List[Wrong]:
    """Check each program, by its role, as a solution of that exercise, and return at most one
    finding for each. Raises HarnessError if they cannot be checked."""
    found = []
    for role, check in EXERCISES[name].checks.items():
        if role in programs:
            exam = Examination(host, programs[role], role, words, name)
            try:
                check(exam)
            except Wrong as wrong:
                found.append(wrong)
            except HostLost as lost:
                raise HarnessError(f"while {NAMES[role]} ran, {lost}: a program must not end other "
                                   "processes")
            finally:
                with suppress(HostLost):
                    host.sweep()
    return found


def meet(host: Host, name: str, programs: Dict[str, Submitted], words: Words) -> List[Wrong]:
    """Run both programs together after each was right alone. Return at most one finding."""
    exercise = EXERCISES[name]
    first, second = (Examination(host, programs[role], role, words, name)
                     for role in (WRITER, READER))
    hint = "each program alone is right: do both use the same character set?"
    try:
        waiting = Run(second) if exercise.early else None
        if waiting:
            readers.waits(waiting, "event", hint)
        at_work: List[Run] = []
        for _ in range(exercise.writers):
            at_work.append(Run(first, new_console=exercise.writers > 1))
            at_work[-1].rests()
            for key in exercise.keys:
                at_work[-1].rests(at_work[-1].type(key))
        reader = waiting or Run(second)
        text = exercise.keys * exercise.writers or words.message
        reader.answers(reader.shows(encode(text, second.half.charset), hint))
        for run in at_work:
            run.quits(escape=bool(exercise.keys))
    except Wrong as wrong:
        return [wrong]
    finally:
        host.sweep()
    return []


def solution(name: str) -> str:
    """Return the source of that program of this folder, with its header in it."""
    header = (HERE / "solution.h").read_text("utf-8")
    return (HERE / f"{name}.c").read_text("utf-8").replace('#include "solution.h"\n', header)


def partner(name: str, role: str, charset: str, words: Words) -> Submitted:
    """Return the exercise's own solution of that part, for that character set, name and message.
    Raises HarnessError if it must be built and cannot be."""
    stem = EXERCISES[name].solution(role)
    built = BUILD / "exercises" / f"{stem}.exe"
    if words == Words() and not stem:
        return Submitted(product("x86_64", charset, role), ROOT / role)
    if words == Words() and charset == "unicode" and built.is_file():
        return Submitted(Half(shlex.quote(str(built)), "x86_64", charset), HERE)
    text = solution(stem) if stem else (ROOT / role / f"{role}.c").read_text("utf-8")
    for old, new in ((NAME, words.name), (MESSAGE, words.message), (TITLE, words.title),
                     (prefix(NAME), prefix(words.name))):
        text = text.replace(old.replace("\\", r"\\"), literal(new, charset))
    source = new_folder() / f"{stem or role}.c"
    source.write_text(text, encoding="utf-8")
    file = sources.build(source, charset, "none").files[charset]
    return Submitted(Half(shlex.quote(str(file)), "x86_64", charset), source.parent)


def literal(text: str, charset: str) -> str:
    """Return the text as the contents of a C string literal in that character set."""
    signs = text if charset == "unicode" else encode(text, charset).decode("latin-1")
    return "".join(sign if " " <= sign <= "~" and sign not in '\\"?' else
                   f"\\U{ord(sign):08x}" if charset == "unicode" and sign >= "\xa0" else
                   f"\\{ord(sign):03o}" for sign in signs)
