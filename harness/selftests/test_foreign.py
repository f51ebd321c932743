"""Programs that nobody wants to be handed: what the suite makes of them.

Each row is a run of pytest on one program of foreign/, as its author would start it.
"""
from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path
from typing import List, NamedTuple

import pytest

from harness.driver.paths import BUILD, ROOT

pytestmark = [pytest.mark.products, pytest.mark.skipif(
    sys.platform == "win32", reason="the programs are cross-compiled with the products")]

SCENE = "harness/claims/test_round_trip.py::test_the_reader_shows_what_the_writer_wrote"
WRITER = "harness/claims/test_calls.py::test_the_writer_calls[x86_64-ansi-nothing]"
READER = "harness/claims/test_calls.py::test_the_reader_calls[x86_64-ansi]"

#: Seconds that each step of these programs has, and those that all runs at once take at most.
DEADLINE = 3
LONGEST = 60


class Row(NamedTuple):
    """A program, which half it is, what the scene and the calls make of it (PASSED or FAILED),
    and the words that a student must find in the report."""

    program: str
    option: str
    scene: str
    words: List[str]


ROWS = [
    Row("hangs", "--first-process", "FAILED",
        [f"the writer was expected to end within {DEADLINE} s, but still runs",
         "W7: the writer does not make", "- UnmapViewOfFile(pBuf) -> TRUE"]),
    Row("crashes", "--first-process", "FAILED",
        ["was expected within", f"ended with {0xC0000005}",
         "W3: the writer does not make", '- MapViewOfFile(hMapFile, FILE_MAP_ALL_ACCESS']),
    Row("floods", "--first-process", "FAILED",
        ["the object Global\\MyFileMappingObject was expected", "standard output: b'yyyy",
         "W1: the writer does not make", "- CreateFileMappingA(INVALID_HANDLE_VALUE"]),
    Row("leaves", "--first-process", "FAILED",
        ["was expected", "W6: the writer does not make", "- _getch() -> 'x'"]),
    Row("two_boxes", "--second-process", "FAILED",
        ["the reader", "open boxes: «Process2» saying «Message from first process.»",
         ": the reader does not make", "- UnmapViewOfFile(pBuf) -> TRUE"]),
    Row("lies", "--second-process", "PASSED",
        ["R1: the reader does not make", "- OpenFileMappingA(FILE_MAP_ALL_ACCESS, FALSE",
         '+ MessageBoxA(NULL, "Message from first process."']),
]


class Judgement:
    """A running pytest on a row's program: the scene, its own calls, and then the calls of the
    documented program that is its other half."""

    def __init__(self, row: Row, folder: Path) -> None:
        self.row = row
        self.report = folder / f"{row.program}.txt"
        program = BUILD / "foreign" / f"{row.program}.exe"
        writer = row.option == "--first-process"
        self._own, self._other = (WRITER, READER) if writer else (READER, WRITER)
        with open(self.report, "wb") as file:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "pytest", SCENE, self._own, self._other, "-rA",
                 "-o", f"cache_dir={folder / 'cache'}", row.option, str(program),
                 "--charset", "ansi", "--deadline", str(DEADLINE)], cwd=ROOT,
                stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT)

    def expect(self, seconds: float) -> None:
        """Wait for its end and judge what it said."""
        assert self._process.wait(seconds) == 1, self.report.read_text()
        said = self.report.read_text()
        for word in [*self.row.words, "the claim: ", "the claims of this test"]:
            assert word in said
        outcomes = re.findall(r"^(PASSED|FAILED) (\S+)", said, re.MULTILINE)
        assert {test.split("[")[0]: outcome for outcome, test in outcomes} == {
            SCENE: self.row.scene, self._own.split("[")[0]: "FAILED",
            self._other.split("[")[0]: "PASSED"}

    def end(self) -> None:
        """End the run, if it has not ended."""
        self._process.kill()
        self._process.wait()


@pytest.mark.time_limit(90)
def test_each_is_judged_in_time_and_in_words(tmp_path: Path) -> None:
    """A failure says what was expected, what was seen and which claim it is; the run ends; and
    the test behind it starts clean. All run at once, since most of their time is waiting."""
    judgements = [Judgement(row, tmp_path) for row in ROWS]
    end = time.monotonic() + LONGEST
    try:
        for judgement in judgements:
            judgement.expect(end - time.monotonic())
    finally:
        for judgement in judgements:
            judgement.end()
