"""Checks a student's solution of an exercise: make exercise TASK=read-only SECOND=mine.c

A program is an .exe, with arguments if it needs any, or a C or C++ source file, which is compiled
first. Exits with 0 if the program does what the exercise asks for, with 1 if not, and with 2 if it
could not be checked. Without a task, lists the exercises.
"""
from __future__ import annotations

import argparse
import json
import sys
import textwrap
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, Dict, Iterable, Iterator, List
from xml.etree import ElementTree

from harness.driver.errors import Expired, HarnessError, HostLost, Win32Error
from harness.driver.hosts import open_host
from harness.driver.waiting import DEADLINE, deadlines
from harness.judge import files, options, sources, tools
from harness.judge.claims import READER, WRITER
from harness.judge.results import Seen
from harness.judge.screen import finding_lines, refused_lines
from harness.judge.subject import chosen
from harness.judge.verdict import NAMES, Claim
from harness.judge.words import clean, escape_on_streams
from harness.lessons.command import exit_with
from harness.lessons.exercises.checkers import EXERCISES, examine, meet, partner
from harness.lessons.exercises.setting import Submitted, Wrong

#: The variable of `make exercise` for each program.
MAKE = {WRITER: "FIRST=", READER: "SECOND="}
LIST = "\n".join([
    "make exercise TASK=… FIRST=writer.c SECOND=reader.c, where TASK is one of",
    *(f"  {name:<12}{exercise.task}" for name, exercise in EXERCISES.items()),
    "One program is enough: the other defaults to the exercise's own. You can also pass .exe "
    "files.", "docs/exercises.md describes the tasks."])


def arguments() -> argparse.Namespace:
    """Parse the command line. Raises HarnessError if options contradict each other."""
    parser = argparse.ArgumentParser(prog="exercise", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", nargs="?", default="")
    parser.add_argument("--first-process", metavar="CMD", help="your writer")
    parser.add_argument("--second-process", metavar="CMD", help="your reader")
    for name in ("--charset", "--name", "--message", "--title", "--verdict", "--wine", "--sandbox",
                 "--deadline"):
        parser.add_argument(name, **options.OPTIONS[name])
    parser.add_argument("--junitxml", metavar="FILE", help="write a test case for each program")
    parser.set_defaults(ceiling=1.0, display="null", prefix=None, keep=False)
    option = parser.parse_args()
    options.validate(option)
    if option.junitxml:
        files.refuse("--junitxml", Path(option.junitxml), '<testsuite name="exercise"')
    return option


def check(option: argparse.Namespace) -> List[Wrong]:
    """Check the programs, in a sandbox if one works, and return what is wrong with them. The
    exercise's own program stands in for one that was not submitted. Raises HarnessError with cause
    and remedy, and sources.Refused if a source does not compile."""
    about = EXERCISES[option.task].checks
    if not handed_in(option):
        raise HarnessError(f"{option.task} is about {' and '.join(NAMES[role] for role in about)}; "
                           f"name your program with {' or '.join(MAKE[role] for role in about)}")
    subject = chosen(option)
    # A source may be built for both character sets: the Unicode build, if there is one, is last.
    pair, words = subject.pairs[-1], subject.words
    given = {role: Submitted(subject.half(pair, role), Path(
        examined[str(pair)].source or examined[str(pair)].file).parent)
        for role, examined in subject.handed_in.items()}
    option.charset = next(iter(given.values())).half.charset
    options.validate(option)
    both = {role: given.get(role) or partner(option.task, role, option.charset, words)
            for role in (WRITER, READER)}
    shown = [*subject.shown(), *(program.half.file for program in both.values())]
    with closing(open_host(options.settings(option, shown), words.name)) as host:
        if host.unsafe:
            print(f"exercise: no sandbox ({clean(host.unsafe)}): the programs could do whatever "
                  "you can", file=sys.stderr)
        lacking = [host.lacks(program.half.arch) for program in both.values()
                   if program.half.arch != "x86_64"]
        if any(lacking):
            raise HarnessError(str(lacking[0]))
        deadlines.scale = option.deadline / DEADLINE
        deadlines.measured(host.pace())
        found = examine(host, option.task, given, words) or meet(host, option.task, both, words)
    for wrong in found:
        if wrong.seen.program not in given:  # The exercise's own program is right.
            wrong.seen = replace(wrong.seen, program=next(iter(given)), where="", source="",
                                 what=f"with {NAMES[wrong.seen.program]} of the "
                                      f"exercise: {wrong.seen.what}")
    return found


def junit(task: str, roles: Iterable[str], findings: List[Wrong], trouble: str = "") -> str:
    """Return the verdict as JUnit XML, with a test case for each program."""
    suite = ElementTree.Element("testsuite", name="exercise")
    for role in roles:
        case = ElementTree.SubElement(suite, "testcase", classname=task, name=role)
        for wrong in findings:
            if wrong.seen.program == role:
                ElementTree.SubElement(case, "failure", message=wrong.seen.what).text = "\n".join(
                    [*finding_lines(wrong.seen), wrong.hint])
        if trouble:
            ElementTree.SubElement(case, "error", message=trouble)
    return ElementTree.tostring(suite, encoding="unicode") + "\n"


def report(task: str, findings: List[Wrong]) -> Iterator[str]:
    """Yield whether the solution is right, then what is wrong with it or which exercise follows."""
    yield f"{task}: not yet." if findings else f"{task}: right. {EXERCISES[task].shown}"
    if not findings:
        later = [*EXERCISES][[*EXERCISES].index(task) + 1:]
        yield (f"Next: make exercise TASK={later[0]}, {EXERCISES[later[0]].task}." if later else
               "Next: docs/robust/README.md, where all of this comes together.")
    for wrong in findings:
        yield f"✗ {NAMES[wrong.seen.program]}"
        yield from finding_lines(wrong.seen)
        yield from textwrap.wrap(wrong.hint, 96, initial_indent="   → ", subsequent_indent="     ")


def handed_in(option: argparse.Namespace) -> List[str]:
    """Return the roles of the submitted programs that the exercise checks."""
    given = {WRITER: option.first_process, READER: option.second_process}
    return [role for role in EXERCISES[option.task].checks if given[role]]


def main() -> int:
    """Check the programs of the command line and return the exit code."""
    escape_on_streams()
    tools.interrupt_on_signals()
    trouble, findings, lines = {}, [], []  # type: Dict[str, Any], List[Wrong], List[str]
    try:
        option = arguments()
    except HarnessError as problem:
        print(f"exercise: {problem}", file=sys.stderr)
        return 2
    if option.task not in EXERCISES:
        if option.task:
            print(f'exercise: there is no exercise "{clean(option.task)}"', file=sys.stderr)
        print(LIST)
        return 2 if option.task else 0
    try:
        findings = check(option)
        lines = list(report(option.task, findings))
    except sources.Refused as problem:
        lines = refused_lines(problem)
        findings = [Wrong(Seen(option.task, handed_in(option)[0], False, "the source",
                               "it compiles", "; ".join(str(problem).splitlines())),
                          "read the first message first")]
    except KeyboardInterrupt:
        print("exercise: interrupted", file=sys.stderr)
        return 2
    except (HarnessError, Expired, Win32Error, OSError) as problem:
        said = clean(str(problem))
        trouble = {"trouble": [said], "agent_lost": isinstance(problem, HostLost)}
        print(f"exercise: {said}", file=sys.stderr)
    right = None if trouble else not findings
    document = {"format": 1, "task": option.task, "right": right, "findings": [
        {**Claim("broken", {wrong.seen: 1}).data()["findings"][0], "hint": wrong.hint}
        for wrong in findings], **trouble}
    cases = junit(option.task, handed_in(option), findings, *trouble.get("trouble", []))
    for name, text in ((option.verdict, json.dumps(document, indent=1) + "\n"),
                       (option.junitxml, cases)):
        unwritten = files.write(Path(name), text) if name else ""
        if unwritten:
            print(f"exercise: {unwritten}", file=sys.stderr)
            right = None
    for line in lines:
        print(line)
    return 2 if right is None else 0 if right else 1


if __name__ == "__main__":
    exit_with("exercise", main)
