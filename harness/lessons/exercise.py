"""Checks a student's programs: `make exercise NAME=read-only SECOND=mine.exe CHARSET=unicode`.

Exits with 0 where they do what the exercise asks for, with 1 where not, with 2 where they could not
be checked. Without a name it lists the exercises.
"""
from __future__ import annotations

import argparse
import sys

from harness.driver.contract import NAME
from harness.driver.errors import Expired, HarnessError, Win32Error
from harness.driver.host import Settings
from harness.driver.hosts import open_host
from harness.driver.meeting import Scene
from harness.judge.subject import foreign_pair
from harness.lessons.command import exit_with
from harness.lessons.exercises.checkers import EXERCISES


def list_them() -> None:
    """Say which exercises there are, and how to have one checked."""
    print("make exercise NAME=… FIRST=writer.exe SECOND=reader.exe, where NAME is one of")
    for name, exercise in EXERCISES.items():
        print(f"  {name:<12}{exercise.task}")
    print("A program that you leave out defaults to the original. "
          "Add CHARSET=ansi for an ANSI build.\ndocs/exercises.md describes the tasks.")


def main() -> int:
    """Check the programs of the command line; the exit code."""
    parser = argparse.ArgumentParser(prog="exercise", description=__doc__)
    parser.add_argument("name", nargs="?", default="")
    parser.add_argument("--first-process", help="your writer; defaults to the documented one")
    parser.add_argument("--second-process", help="your reader; defaults to the documented one")
    parser.add_argument("--charset", choices=("ansi", "unicode"), default="unicode")
    wanted = parser.parse_args()
    if wanted.name not in EXERCISES:
        if wanted.name:
            print(f'exercise: there is no exercise "{wanted.name}"', file=sys.stderr)
        list_them()
        return 2 if wanted.name else 0
    exercise, host = EXERCISES[wanted.name], None
    try:
        pair = foreign_pair(wanted.first_process, wanted.second_process, wanted.charset)
        host = open_host(Settings(), NAME)
        exercise.check(Scene(host, pair))
    except (AssertionError, Expired) as problem:
        print(f"{wanted.name}: not yet. {problem}")
        return 1
    except (HarnessError, Win32Error) as problem:
        print(f"exercise: {problem}", file=sys.stderr)
        return 2
    finally:
        if host:
            host.close()
    print(f"{wanted.name}: right. {exercise.shown}")
    print(f"Next: make exercise NAME={exercise.next}, {EXERCISES[exercise.next].task}."
          if exercise.next else
          "Next: docs/robust/README.md, where all of this comes together.")
    return 0


if __name__ == "__main__":
    exit_with("exercise", main)
