"""Checks a student's programs: `make exercise NAME=read-only SECOND=mine.exe CHARSET=unicode`."""
from __future__ import annotations

import argparse
import sys

from harness.driver.errors import Expired, HarnessError, Win32Error
from harness.driver.host import Settings
from harness.driver.hosts import open_host
from harness.driver.meeting import Scene
from harness.judge.subject import foreign_pair
from harness.lessons.exercises.checkers import CHECKERS


def main() -> int:
    """Check the programs of the command line; 0 if they do what the exercise asks for."""
    parser = argparse.ArgumentParser(prog="exercise", description=__doc__)
    parser.add_argument("name", choices=sorted(CHECKERS))
    parser.add_argument("--first-process", help="your writer; without it, the documented one")
    parser.add_argument("--second-process", help="your reader; without it, the documented one")
    parser.add_argument("--charset", choices=("ansi", "unicode"), default="unicode")
    wanted = parser.parse_args()
    host = None
    try:
        pair = foreign_pair(wanted.first_process, wanted.second_process, wanted.charset)
        host = open_host(Settings())
        CHECKERS[wanted.name](Scene(host, pair))
    except (AssertionError, Expired) as problem:
        print(f"{wanted.name}: not yet. {problem}")
        return 1
    except (HarnessError, Win32Error) as problem:
        print(f"exercise: {problem}", file=sys.stderr)
        return 2
    finally:
        if host:
            host.close()
    print(f"{wanted.name}: right.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
