"""Runs every command of README.md and docs/ as printed, one after the other, in a copy of the
project in which nothing is built: `make commands` (some minutes). This also builds and runs
docs/examples."""
from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from pathlib import Path
from typing import List, Tuple

import pytest

from harness.driver.paths import ROOT
from harness.lessons.exercises.checkers import EXERCISES
from harness.lessons.pages import commands, surroundings
from harness.selftests.mutants.tables import RUST_LIBRARY

#: The time limit of a command in seconds; `make test` takes longest.
LONGEST = 1200
#: The student's programs in a command about an exercise.
WANTED = re.compile(r"\b(FIRST|SECOND)=(\S+)")
#: Lines in the output of the examples' commands that prove that the .exe ran.
RAN = {r"hello test$": [r"ok: the greeting contains the name"],
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
def test_it_runs_as_printed(copy: Path, page: Path, command: str, shown: str) -> None:
    """A command exits with 0 and prints the output that the page shows, if any."""
    if "/cargo test" in command and not RUST_LIBRARY.is_dir():
        pytest.skip("Rust has no library for Windows here")
    exercise = re.match(r"make exercise TASK=(\S+)", command)
    if exercise:
        for half, file in WANTED.findall(command):
            known = EXERCISES[exercise[1]]
            solution = known.writer if half == "FIRST" else known.reader
            shutil.copy(copy / "build" / "exercises" / f"{solution}.exe", copy / file)
    expected = [lines for part, lines in RAN.items() if re.search(part, command)]
    environment = surroundings()
    temporary = copy.parent / "tmp"  # pytest leaves its own folders there.
    if expected:
        temporary.mkdir(exist_ok=True)
        environment["TMPDIR"] = str(temporary)
    with subprocess.Popen(["sh", "-c", command], cwd=copy, env=environment, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, start_new_session=True) as process:
        try:
            said, errors = process.communicate(timeout=LONGEST - 10)
        except BaseException:
            os.killpg(process.pid, signal.SIGTERM)  # All of it ends itself then.
            raise
    assert process.returncode == 0, f"{page.name}: {command}\n{said}\n{errors}"
    assert not shown or said == shown
    for line in sum(expected, []):
        assert re.search(line, said), said
    assert not list(temporary.glob("named-shared-memory-*"))


def test_each_example_is_on_a_page() -> None:
    """Each example is on a page, so that it was run above."""
    assert [part for part in RAN if not any(re.search(part, row[1]) for row in ROWS)] == []
