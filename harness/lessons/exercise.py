"""Checks a student's solution of an exercise: make exercise TASK=read-only SECOND=mine.c

A program is an .exe, with its arguments if it needs any, or a source in C or C++, which is compiled
first. Exits with 0 where it does what the exercise asks for, with 1 where not, with 2 where it
could not be checked. Without a task it lists the exercises.
"""
from __future__ import annotations

import argparse
import io
import json
import sys
import textwrap
import time
from pathlib import Path
from typing import Any, Dict, Iterable, List, Optional
from xml.etree import ElementTree

from harness.driver.contract import Words
from harness.driver.errors import Expired, HarnessError, Win32Error
from harness.driver.host import Settings
from harness.driver.hosts import open_host
from harness.driver.pair import Half
from harness.driver.waiting import DEADLINE, deadlines
from harness.judge import files, options, sources
from harness.judge.claims import READER, WRITER
from harness.judge.results import Seen
from harness.judge.screen import NAMES, finding_lines
from harness.judge.subject import chosen
from harness.judge.verdict import Claim
from harness.judge.words import clean
from harness.lessons.command import exit_with
from harness.lessons.exercises.checkers import EXERCISES, examine, meet, partner
from harness.lessons.exercises.examining import Wrong

#: What shows that a file is a JUnit file of this.
MARK = '<testsuite name="exercise"'
#: How `make exercise` gets each program.
MAKE = {WRITER: "FIRST=", READER: "SECOND="}
#: The least that a step of a program may take, in seconds.
STEP_LEAST = 4.0


def list_them() -> None:
    """Say which exercises there are, and how to have one checked."""
    print("make exercise TASK=… FIRST=writer.c SECOND=reader.c, where TASK is one of")
    for name, exercise in EXERCISES.items():
        print(f"  {name:<12}{exercise.task}")
    print("One program is enough: the other half is the exercise's own. An .exe will do as well.\n"
          "docs/exercises.md describes the tasks.")


def arguments() -> argparse.Namespace:
    """The command line. Raises HarnessError where it makes no sense."""
    parser = argparse.ArgumentParser(prog="exercise", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", nargs="?", default="")
    parser.add_argument("--first-process", metavar="CMD", help="your writer")
    parser.add_argument("--second-process", metavar="CMD", help="your reader")
    for name in ("--charset", "--name", "--message", "--verdict", "--wine", "--deadline"):
        parser.add_argument(name, **options.OPTIONS[name])
    parser.add_argument("--junitxml", metavar="FILE", help="write a test case for each program")
    parser.add_argument("--sandbox", choices=("auto", "required", "none"), default="auto",
                        help="run your programs where they can do no harm: if possible (auto), or "
                        "not at all otherwise (required), or anywhere (none)")
    parser.set_defaults(title=None, ceiling=1.0)
    option = parser.parse_args()
    options.validate(option)
    if option.junitxml:
        files.refuse("--junitxml", Path(option.junitxml), MARK)
    return option


def programs(option: argparse.Namespace) -> Dict[str, Half]:
    """The programs that were handed in, by their roles; sources are built, for Unicode if they can
    be. Raises HarnessError with cause and remedy, and sources.Refused."""
    words = {role: word for role, word in ((WRITER, option.first_process),
                                           (READER, option.second_process)) if word}
    about = EXERCISES[option.task].checks
    if not set(words) & set(about):
        raise HarnessError(f"{option.task} is about {' and '.join(NAMES[role] for role in about)}; "
                           f"name your program with {' or '.join(MAKE[role] for role in about)}")
    only_sources = all(sources.is_source(word) for word in words.values())
    try:
        subject = chosen(argparse.Namespace(**{
            **vars(option), "charset": option.charset or ("unicode" if only_sources else None)}))
    except sources.Refused:
        if option.charset or not only_sources:
            raise
        subject = chosen(argparse.Namespace(**{**vars(option), "charset": "ansi"}))
    pair = subject.pairs[-1]
    return {role: subject.half(pair, role) for role in subject.handed_in}


def check(option: argparse.Namespace, halves: Dict[str, Half], words: Words) -> List[Wrong]:
    """What is wrong with these programs, which are in a sandbox if that works; the exercise's own
    program takes the part of one that was not handed in. Raises HarnessError."""
    charset = next(iter(halves.values())).charset
    both = {role: halves.get(role) or partner(option.task, role, charset, words)
            for role in (WRITER, READER)}
    host = open_host(Settings(wine=option.wine, sandbox=option.sandbox, shown=tuple(
        half.file for half in both.values())), words.name)
    try:
        unsafe = getattr(host, "unsafe", "there is none on this platform")
        if unsafe and option.sandbox != "none":
            print(f"Not in a sandbox ({clean(unsafe)}): the programs could read and write what you "
                  "can, and use the network.")
        deadlines.scale = option.deadline / DEADLINE
        start = time.monotonic()
        host.prove()
        deadlines.measured(time.monotonic() - start)
        deadlines.step = max(deadlines.step, STEP_LEAST)
        return examine(host, option.task, halves, words) or meet(host, option.task, both, words)
    finally:
        host.close()


def data(task: str, right: Optional[bool], findings: List[Wrong], trouble: str = "") -> Any:
    """The verdict as it is written to a file; `right` is None where there is none."""
    return {"format": 1, "task": task, "right": right,
            "findings": [{**Claim("broken", {wrong.seen: 1}).data()["findings"][0],
                          "hint": wrong.hint} for wrong in findings],
            **({"trouble": trouble} if trouble else {})}


def junit(task: str, halves: Iterable[str], findings: List[Wrong], trouble: str = "") -> str:
    """The verdict for a CI: a test case for each program."""
    suite = ElementTree.Element("testsuite", name="exercise")
    for role in [role for role in EXERCISES[task].checks if role in halves]:
        case = ElementTree.SubElement(suite, "testcase", classname=task, name=role)
        for wrong in findings:
            if wrong.seen.program == role:
                ElementTree.SubElement(case, "failure", message=wrong.seen.what).text = "\n".join(
                    [*finding_lines(wrong.seen), wrong.hint])
        if trouble:
            ElementTree.SubElement(case, "error", message=trouble)
    return ElementTree.tostring(suite, encoding="unicode") + "\n"


def report(task: str, findings: List[Wrong]) -> None:
    """Say whether the solution is right, and what is wrong with it or comes next."""
    exercise = EXERCISES[task]
    if not findings:
        print(f"{task}: right. {exercise.shown}")
        print(f"Next: make exercise TASK={exercise.next}, {EXERCISES[exercise.next].task}."
              if exercise.next else
              "Next: docs/robust/README.md, where all of this comes together.")
        return
    print(f"{task}: not yet.")
    for wrong in findings:
        print(f"✗ {NAMES[wrong.seen.program]}", *finding_lines(wrong.seen), sep="\n")
        print(*textwrap.wrap(wrong.hint, 96, initial_indent="   → ", subsequent_indent="     "),
              sep="\n")


def not_compiled(task: str, option: argparse.Namespace, text: str) -> List[Wrong]:
    """The finding that a source does not compile."""
    role = WRITER if WRITER in EXERCISES[task].checks and option.first_process else READER
    return [Wrong(Seen(task, role, False, "the source", "it compiles", text.replace("\n", "; ")),
                  "read the first message of the compiler first")]


def main() -> int:
    """Check the programs of the command line; the exit code."""
    for stream in (sys.stdout, sys.stderr):
        assert isinstance(stream, io.TextIOWrapper)
        stream.reconfigure(errors="backslashreplace")
    trouble, findings, halves = "", [], {}
    try:
        option = arguments()
    except HarnessError as problem:
        print(f"exercise: {problem}", file=sys.stderr)
        return 2
    try:
        if option.task not in EXERCISES:
            if option.task:
                print(f'exercise: there is no exercise "{clean(option.task)}"', file=sys.stderr)
            list_them()
            return 2 if option.task else 0
        words = Words(**{name: getattr(option, name) for name in ("name", "message")
                         if getattr(option, name)})
        halves = programs(option)
        option.charset = next(iter(halves.values())).charset
        options.validate(option)
        findings = check(option, halves, words)
    except sources.Refused as problem:
        findings = not_compiled(option.task, option, str(problem))
    except (HarnessError, Expired, Win32Error, OSError) as problem:
        trouble = clean(str(problem))
        print(f"exercise: {trouble}", file=sys.stderr)
    if not trouble:
        report(option.task, findings)
    right = None if trouble else not findings
    for name, text in ((option.verdict, json.dumps(data(option.task, right, findings, trouble),
                                                   indent=1) + "\n"),
                       (option.junitxml, junit(option.task, halves, findings, trouble))):
        unwritten = files.write(Path(name), text) if name else ""
        if unwritten:
            print(f"exercise: {unwritten}", file=sys.stderr)
            right = None
    return 2 if right is None else 0 if right else 1


if __name__ == "__main__":
    exit_with("exercise", main)
