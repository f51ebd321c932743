"""The checkers of docs/exercises.md accept a solution and reject what does not solve it."""
from __future__ import annotations

import os
import subprocess
import sys

import pytest

from harness.driver.errors import Expired
from harness.driver.host import Host
from harness.driver.meeting import Scene
from harness.judge.subject import foreign_pair
from harness.driver.paths import BUILD, ROOT
from harness.lessons.exercises.checkers import EXERCISES

pytestmark = pytest.mark.products


def scene_of(host: Host, writer: str, reader: str) -> Scene:
    """A scene with solutions, or with the documented program where there is none."""
    files = [str(BUILD / "exercises" / f"{half}.exe") if half else None
             for half in (writer, reader)]
    return Scene(host, foreign_pair(files[0], files[1], "unicode"))


@pytest.mark.slow
@pytest.mark.parametrize("name", EXERCISES)
def test_a_solution_is_accepted(host: Host, name: str) -> None:
    """Each exercise can be solved, and its checker sees that."""
    known = EXERCISES[name]
    known.check(scene_of(host, known.writer, known.reader))


@pytest.mark.parametrize("name, writer, reader, why", [
    ("read-only", "", "", "other access rights.*\n.*\n.*OpenFileMapping: 0xf001f"),
    ("read-only", "", "length_reader", "the reader was expected to show one message box"),
    ("length", "", "length_reader", "first bytes of the object are wrong"),
    ("length", "length_writer", "", "text of the reader's message box is wrong"),
    ("event", "", "", "does not wait: it has ended"),
    ("event", "event_writer", "", "does not wait: it has ended"),
    ("event", "", "event_reader", "has not set the event"),
    ("limit", "", "", "does not wait"),
    ("one-writer", "", "", "changed somebody else's object"),
    ("one-writer", "event_writer", "", "changed somebody else's object")])
def test_what_does_not_solve_it_is_rejected(host: Host, name: str, writer: str, reader: str,
                                            why: str) -> None:
    """A pair that leaves out a half of the exercise is told what is wrong with it."""
    with pytest.raises((AssertionError, Expired), match=why):
        EXERCISES[name].check(scene_of(host, writer, reader))


def exercise(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """What `make exercise` says."""
    return subprocess.run([sys.executable, "-m", "harness.lessons.exercise", *arguments], cwd=ROOT,
                          env={**os.environ, "PYTHONIOENCODING": "utf-8"},
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=60, encoding="utf-8", check=False)


@pytest.mark.slow
def test_without_a_name_they_are_listed() -> None:
    """Each with its task; an unknown name is said first, and is an error."""
    listed = exercise()
    assert listed.returncode == 0
    for name, known in EXERCISES.items():
        assert f"{name:<12}{known.task}\n" in listed.stdout
    unknown = exercise("nothing")
    assert (unknown.returncode, unknown.stdout) == (2, listed.stdout)
    assert unknown.stderr == 'exercise: there is no exercise "nothing"\n'


@pytest.mark.slow
def test_a_success_says_what_was_shown_and_what_is_next(alone: None) -> None:
    """And the next exercise is one that exists."""
    right = exercise("read-only", "--second-process",
                     str(BUILD / "exercises" / "read_only_reader.exe"))
    assert right.returncode == 0, right.stdout + right.stderr
    assert EXERCISES["read-only"].shown in right.stdout
    assert "Next: make exercise NAME=length" in right.stdout
    assert all(known.next in EXERCISES for known in EXERCISES.values() if known.next)
