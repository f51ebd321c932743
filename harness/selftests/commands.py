"""Runs every command of README.md and docs/ as printed, one after the other, in a copy of the
project in which nothing is built: `make commands` (some minutes). This also builds and runs
docs/examples."""
from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import List, Tuple

import pytest

from harness.driver.paths import ROOT
from harness.lessons.exercises.checkers import EXERCISES
from harness.lessons.pages import commands, surroundings
from harness.selftests.inner_runs import InnerRuns
from harness.selftests.mutants.tables import RUST_LIBRARY

#: The time limit of a command in seconds; `make test` takes longest.
LONGEST = 1200
#: The student's programs in a command about an exercise.
WANTED = re.compile(r"\b(FIRST|SECOND)=(\S+)")
#: Lines in the output of the examples' commands that prove that the .exe ran.
RAN = {r"isolated\.sh": [r"Could not open file mapping object \(2\)"],
       r"hello test$": [r"ok: the greeting contains the name"],
       r"gcov -n": [r"Lines executed:100.00% of 4"],
       r"^ctest .*cmake": [r"100% tests passed, 0 tests failed out of 2"],
       r"^ctest .*googletest": [r"100% tests passed, 0 tests failed out of 2"],
       r"GOOS=\w+ go test": [r"PASS: TestSettings", r"PASS: TestAnotherProgramCanBeStarted"],
       r"^meson test": [r"Ok: +2\s", r"Fail: +0\s"],
       r"examples/automake .*make": [r"# PASS: +2\s", r"# FAIL: +0\s"],
       r"bin/cargo test": [r"this_is_windows \.\.\. ok", r"2 passed; 0 failed"],
       r"winedbg\.exe": [r"Stopped on breakpoint 1", r"greeting\.c:4"],
       r"pytest .*examples/driving": [r"3 passed"]}

ROWS: List[Tuple[Path, str, str]] = list({row[1:]: row for row in commands()}.values())


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the project, without build output, into a folder with a space in its name."""
    folder = tmp_path_factory.mktemp("newcomer") / "named shared memory"
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(".git", "build", "__pycache__"))
    return folder


@pytest.mark.time_limit(LONGEST)
@pytest.mark.parametrize("page, command, shown", ROWS,
                         ids=lambda value: value.name if isinstance(value, Path) else "")
def test_it_runs_as_printed(inner: InnerRuns, copy: Path, page: Path, command: str,
                            shown: str) -> None:
    """A command exits with 0, prints the output that the page shows, if any, and leaves nothing."""
    if "/cargo test" in command and not RUST_LIBRARY.is_dir():
        pytest.skip("Rust has no library for Windows here")
    exercise = re.match(r"make exercise TASK=(\S+)", command)
    if exercise:
        for half, file in WANTED.findall(command):
            known = EXERCISES[exercise[1]]
            solution = known.writer if half == "FIRST" else known.reader
            shutil.copy(copy / "build" / "exercises" / f"{solution}.exe", copy / file)
    expected = [lines for part, lines in RAN.items() if re.search(part, command)]
    done = inner.run(["sh", "-c", command], LONGEST - 10, checkout=copy,
                     environment={**surroundings(), "TMPDIR": str(inner.tmp)})
    for own in inner.tmp.glob("pytest-of-*"):
        shutil.rmtree(own)
    assert done.code == 0, f"{page.name}: {command}\n{done.text}"
    assert not shown or done.out.decode() == shown
    for line in sum(expected, []):
        assert re.search(line, done.text), done.text


def test_each_example_is_on_a_page() -> None:
    """Each example is on a page, so that it was run above."""
    assert [part for part in RAN if not any(re.search(part, row[1]) for row in ROWS)] == []
