"""Misbehaving programs: each is checked as its author would, and the verdict names its faults."""
from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import List, NamedTuple, Optional

import pytest

from harness.driver.paths import BUILD, ROOT
from harness.judge.executable import examine
from harness.judge.findings import READER

pytestmark = pytest.mark.products

#: Seconds that all checks at once take at most, on a busy machine.
LONGEST = 600


class Row(NamedTuple):
    """A program, which half it is, the claims that it breaks (none, if it does as documented in
    another way), and words that its author must find on the screen."""

    program: str
    option: str
    broken: List[str]
    words: List[str]


ROWS = [
    Row("own_runtime", "--first-process", [], ["claims that could be judged here are kept"]),
    Row("hangs", "--first-process", ["W2", "W4", "W7"], ["after its key was pressed"]),
    Row("crashes", "--first-process", ["W3"], ["functions that it calls to get the view"]),
    Row("floods", "--first-process", ["W1"], ["functions that it calls to get the object"]),
    Row("leaves", "--first-process", ["W2", "W4", "W6"], ["Wait with one _getch()"]),
    Row("two_boxes", "--second-process", ["R2", "R4", "R5", "R6"], ["number of message boxes"]),
    Row("lies", "--second-process", ["R1", "R5"], ["functions that it calls to get the object"]),
]


class Check:
    """A running check of a row's program."""

    def __init__(self, row: Row, folder: Path, program: Optional[Path] = None) -> None:
        self.row = row
        program = program or BUILD / "foreign" / f"{row.program}.exe"
        self.verdict = folder / f"{row.program}.json"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "pytest", "harness", row.option,
             str(program), "--charset", "ansi", "--verdict", str(self.verdict),
             "-o", f"cache_dir={folder / row.program}"], cwd=ROOT, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def expect(self, seconds: float) -> None:
        """Wait for its end and compare the verdict, its words and their number."""
        said, _ = self.process.communicate(timeout=seconds)
        assert self.process.returncode == (1 if self.row.broken else 0), said
        claims = json.loads(self.verdict.read_text())["claims"]
        broken = [name for name, claim in claims.items() if claim["verdict"] == "broken"]
        if self.row.program == "crashes" and "W2" in broken:
            broken.remove("W2")  # Only judged where its object is seen before it is gone.
        assert broken == self.row.broken, said
        for word in self.row.words:
            assert word in said
        assert said.count("\n") <= 60

    def end(self) -> None:
        """End the run, if it has not ended."""
        self.process.kill()
        self.process.communicate()


@pytest.mark.time_limit(LONGEST + 20)
def test_each_verdict_names_what_is_broken(tmp_path: Path) -> None:
    """Exactly the claims that a program breaks, on one screen, in time. Two run at a time, since
    much of their time is waiting."""
    end = time.monotonic() + LONGEST
    for place in range(0, len(ROWS), 2):
        checks = [Check(row, tmp_path) for row in ROWS[place:place + 2]]
        try:
            for check in checks:
                check.expect(end - time.monotonic())
        finally:
            for check in checks:
                check.end()


@pytest.mark.time_limit(90)
def test_a_dll_of_visual_c_is_not_blamed(tmp_path: Path) -> None:
    """A program that lacks one gets no verdict, and its author is told what to install."""
    program = tmp_path / "dynamic.exe"
    product = (BUILD / "x86_64-ansi" / "second_process.exe").read_bytes()
    program.write_bytes(product.replace(b"msvcrt.dll", b"msvcr9.dll"))
    found = examine(program, READER)
    assert (found.visual_c, found.foreign_dlls, found.own_runtime) == (("msvcr9.dll",), (), False)
    check = Check(Row("dynamic", "--second-process", [], []), tmp_path, program)
    try:
        said, _ = check.process.communicate(timeout=60)
    finally:
        check.end()
    assert check.process.returncode == 3, said
    assert "install the Visual C++ Redistributable, or link with /MT" in said
