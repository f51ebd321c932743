"""Checks misbehaving programs as their authors would; `make mutants` checks many more."""
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
from harness.judge.claims import READER

pytestmark = [pytest.mark.products, pytest.mark.slow]

#: The time limit in seconds for all checks together, on a busy machine.
LONGEST = 200


class Row(NamedTuple):
    """A program, its option, the claims that it breaks, and words that the screen must show."""

    program: str
    option: str
    broken: List[str]
    words: List[str]


ROWS = [
    Row("floods", "--first-process", ["W1"], ["whether it creates its object", "bytes so far"]),
    Row("lies", "--second-process", ["R1", "R5"], ["functions that it calls to get the object"]),
]


class Check:
    """A running check of a row's program."""

    def __init__(self, row: Row, folder: Path, program: Optional[Path] = None) -> None:
        self.row = row
        program = program or BUILD / "misbehaving" / f"{row.program}.exe"
        self.verdict = folder / f"{row.program}.json"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "harness.check", *["-"] * (row.option == "--second-process"),
             str(program), "--charset", "ansi", "--verdict", str(self.verdict),
             "--log", str(folder / f"{row.program}.log")], cwd=ROOT, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def expect(self, seconds: float) -> None:
        """Wait for its end and compare the verdict, its words and its length."""
        said, _ = self.process.communicate(timeout=seconds)
        assert self.process.returncode == 1, said
        claims = json.loads(self.verdict.read_text())["claims"]
        broken = [name for name, claim in claims.items() if claim["verdict"] == "broken"]
        assert broken == self.row.broken, said
        for word in self.row.words:
            assert word in said
        assert said.count("\n") <= 60

    def end(self) -> None:
        """End the run, if it still runs."""
        self.process.kill()
        self.process.communicate()


@pytest.mark.time_limit(LONGEST + 20)
def test_each_verdict_names_what_is_broken(tmp_path: Path) -> None:
    """The verdict names exactly the broken claims, on one screen, in time. Both checks run at once,
    since they mostly wait."""
    end = time.monotonic() + LONGEST
    checks = [Check(row, tmp_path) for row in ROWS]
    try:
        for check in checks:
            check.expect(end - time.monotonic())
    finally:
        for check in checks:
            check.end()


@pytest.mark.time_limit(90)
def test_a_dll_of_visual_c_is_not_blamed(tmp_path: Path) -> None:
    """A program without its Visual C DLL gets no verdict, and its author learns what to install."""
    program = tmp_path / "dynamic.exe"
    product = (BUILD / "x86_64-ansi" / "second_process.exe").read_bytes()
    program.write_bytes(product.replace(b"msvcrt.dll", b"msvcr9.dll"))
    found = examine(program, READER)
    assert (found.visual_c, found.not_shipped, found.own_runtime) == (("msvcr9.dll",), (), False)
    check = Check(Row("dynamic", "--second-process", [], []), tmp_path, program)
    try:
        said, _ = check.process.communicate(timeout=60)
    finally:
        check.end()
    assert check.process.returncode == 3, said
    assert "install the Visual C++ Redistributable, or link with /MT" in said
