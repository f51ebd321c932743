"""Tests that the checkers of docs/exercises.md accept solutions in any style, and reject wrong
attempts. attempts.txt has the attempts."""
from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Iterator, NamedTuple
from xml.etree import ElementTree

import pytest

from harness.driver.contract import Words
from harness.driver.host import Host
from harness.driver.pair import Half
from harness.driver.paths import BUILD, ROOT
from harness.driver.waiting import deadlines
from harness.judge.claims import READER, WRITER
from harness.judge.sources import NO_LUCK
from harness.lessons.exercises.checkers import EXERCISES, examine, meet, partner, solution
from harness.lessons.exercises.setting import Submitted
from harness.selftests.edits import edited, entries

COMPILER = "x86_64-w64-mingw32-gcc"
needs_compiler = pytest.mark.skipif(not shutil.which(COMPILER), reason=f"{COMPILER} is missing")
#: The time limit of a step of a wrong attempt, in seconds.
STEP = 3.0


class Attempt(NamedTuple):
    """An attempt: its source, and the expected finding ("": right)."""

    task: str
    solution: str
    label: str
    why: str
    source: str


def attempts() -> Iterator[Attempt]:
    """Yield each solution with calls by Unicode names, and the attempts of attempts.txt."""
    for name, exercise in EXERCISES.items():
        for role in exercise.checks:
            stem = exercise.solution(role)
            yield Attempt(name, stem, "wide", "", re.sub(
                r"\b((Open|Create)FileMapping|MessageBox|Create(Event|Mutex))\(", r"\1W(",
                solution(stem)))
    for section, name, why, edits in entries(Path(__file__).with_name("attempts.txt")):
        task, stem = section.split()
        yield Attempt(task, stem, name, why, edited(solution(stem), edits, f"{section} {name}"))


ATTEMPTS = list(attempts())


def rows() -> Iterator[Any]:
    """Yield all attempts. All but the first right and wrong one of each kind are slow, and so are
    the right ones of `limit`, which wait for five seconds."""
    seen = {("limit", "event_reader", False)}
    for one in ATTEMPTS:
        kind = one.task, one.solution, bool(one.why)
        yield pytest.param(one, id="-".join(one[:3]),
                           marks=[pytest.mark.slow] if kind in seen else [])
        seen.add(kind)


@needs_compiler
@pytest.mark.parametrize("attempt", list(rows()))
def test_an_attempt_is_judged_rightly(host: Host, tmp_path: Path, attempt: Attempt,
                                      monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong attempt is rejected with the expected finding; a right one is accepted."""
    if attempt.why:
        monkeypatch.setattr(deadlines, "step", STEP)
    source, program = tmp_path / "mine.c", tmp_path / "mine.exe"
    source.write_text(attempt.source, encoding="utf-8")
    subprocess.run([COMPILER, "-D__USE_MINGW_ANSI_STDIO=0", "-DWIN32_LEAN_AND_MEAN", "-DUNICODE",
                    "-D_UNICODE", "-municode", "-w", "-Os", "-static", *NO_LUCK, str(source), "-o",
                    str(program), "-luser32"], check=True)
    role, other = (WRITER, READER) if "writer" in attempt.solution else (READER, WRITER)
    mine = {role: Submitted(Half(shlex.quote(str(program)), "x86_64", "unicode"), tmp_path)}
    found = examine(host, attempt.task, mine, Words()) or meet(host, attempt.task, {
        **mine, other: partner(attempt.task, other, "unicode", Words())}, Words())
    findings = [f"{wrong.seen.what}: {wrong.seen.expected}" for wrong in found]
    assert len(findings) == bool(attempt.why)
    assert attempt.why in "".join(findings), findings


def test_each_exercise_has_attempts_of_many_kinds() -> None:
    """Each program of an exercise has at least five wrong and three right attempts."""
    for name, exercise in EXERCISES.items():
        for role in exercise.checks:
            whys = [one.why for one in ATTEMPTS
                    if (one.task, one.solution) == (name, exercise.solution(role))]
            assert len(list(filter(None, whys))) >= 5, name
            assert whys.count("") >= 3, name


@pytest.mark.slow
@needs_compiler
@pytest.mark.parametrize("number, name", list(enumerate(EXERCISES)))
def test_solutions_solve_it_with_other_words_too(host: Host, number: int, name: str) -> None:
    """The solutions work in either character set with another name, message and title."""
    charset, words = [("ansi", Words("Local\\Room 7", "caf\xe9", "Room")),
                      ("unicode", Words("Local\\\u0416?", '\u4e2d"%d'))][number % 2]
    both = {role: partner(name, role, charset, words) for role in (WRITER, READER)}
    assert [*examine(host, name, both, words), *meet(host, name, both, words)] == []


def exercise(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run the command of `make exercise`."""
    return subprocess.run([sys.executable, "-m", "harness.lessons.exercise", *arguments], cwd=ROOT,
                          env={**os.environ, "PYTHONIOENCODING": "utf-8"}, capture_output=True,
                          stdin=subprocess.DEVNULL, timeout=60, encoding="utf-8")


def test_without_a_name_they_are_listed() -> None:
    """Without a task, the exercises are listed; an unknown task is an error, and lists them."""
    unknown = exercise("nothing")
    assert (unknown.returncode, unknown.stdout) == (2, exercise().stdout)
    assert all(f"{name:<12}{known.task}\n" in unknown.stdout for name, known in EXERCISES.items())
    assert unknown.stderr == 'exercise: there is no exercise "nothing"\n'


def test_a_success_says_what_was_shown_and_what_is_next(alone: None, tmp_path: Path) -> None:
    """A success names the next exercise, and writes the verdict to files."""
    verdict, cases = tmp_path / "verdict.json", tmp_path / "results.xml"
    right = exercise("read-only", "--second-process",
                     str(BUILD / "exercises" / "read_only_reader.exe"), "--verdict", str(verdict),
                     "--junitxml", str(cases))
    assert right.returncode == 0, right.stdout + right.stderr
    assert EXERCISES["read-only"].shown in right.stdout
    assert "Next: make exercise TASK=length" in right.stdout
    assert json.loads(verdict.read_text("utf-8")) == {
        "format": 1, "task": "read-only", "right": True, "findings": []}
    suite = ElementTree.parse(cases).getroot()
    assert [(case.attrib, list(case)) for case in suite] == [
        ({"classname": "read-only", "name": READER}, [])]


@pytest.mark.slow
@needs_compiler
def test_a_failure_names_the_line_and_what_to_look_at(alone: None, tmp_path: Path) -> None:
    """A finding about a source names its line; here a source that only compiles for ANSI."""
    source = tmp_path / "mine.c"
    text = (ROOT / "second_process" / "second_process.c").read_text("utf-8")
    source.write_text(text.replace("OpenFileMapping(", "OpenFileMappingA(").replace(
        "MessageBox(", "MessageBoxA(").replace("TEXT(", "(").replace("TCHAR", "char").replace(
        "LPCTSTR", "LPCSTR").replace("LPTSTR", "LPSTR").replace("_tprintf", "printf"))
    line, = [f"mine.c:{number}" for number, line in enumerate(source.read_text().splitlines(), 1)
             if "OpenFileMappingA(" in line]
    verdict, cases = tmp_path / "verdict.json", tmp_path / "results.xml"
    wrong = exercise("read-only", "--second-process", str(source), "--verdict", str(verdict),
                     "--junitxml", str(cases))
    assert wrong.returncode == 1, wrong.stdout + wrong.stderr
    finding, = json.loads(verdict.read_text("utf-8"))["findings"]
    assert (finding["program"], finding["where"], finding["seen"], finding["times"]) == (
        READER, line, "FILE_MAP_ALL_ACCESS", 1)
    assert f"{line}: {finding['what']}" in wrong.stdout and "\n   → " in wrong.stdout
    failure = ElementTree.parse(cases).getroot().find("testcase/failure")
    assert failure is not None and failure.get("message") == finding["what"]
