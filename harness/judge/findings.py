"""What a test finds: which claim a program contradicts, and what could not be tried.

Expectations do not end a test. They add findings to the record of the test, which fails at its end
if there are any. A finding belongs to the one claim whose fact it contradicts.
"""
from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Dict, List, NoReturn, Optional, Sequence, Set

import pytest

from harness.driver.win32.codes import exit_code

WRITER, READER = "first_process", "second_process"
#: The program that a claim is about, by the first letter of its id. A claim of both needs to be
#: told which; O and H claims are about the system.
HALVES = {"W": WRITER, "R": READER}


@dataclass(frozen=True)
class Finding:
    """A fact that is not as documented: the claim, the program (or "" for the system), what was
    looked at, and both values in words."""

    claim: str
    half: str
    what: str
    expected: str
    seen: str

    def __str__(self) -> str:
        return (f"{self.claim}: {self.half}: {self.what}\n"
                f"  expected: {self.expected}\n  seen:     {self.seen}")


@dataclass
class Record:
    """What one test found and tried. `because` are the broken claims that were in its way."""

    findings: List[Finding] = field(default_factory=list)
    tried: Set[str] = field(default_factory=set)
    because: Set[str] = field(default_factory=set)

    def dump(self) -> str:
        """The record as JSON."""
        return json.dumps({"findings": [asdict(finding) for finding in self.findings],
                           "tried": sorted(self.tried), "because": sorted(self.because)})

    @classmethod
    def load(cls, text: str) -> "Record":
        """A record from JSON."""
        told = json.loads(text)
        return cls([Finding(**finding) for finding in told["findings"]], set(told["tried"]),
                   set(told["because"]))


class Board:
    """What all tests of a run have found so far, also in its other processes."""

    def __init__(self) -> None:
        self._folder: Optional[Path] = None
        self._file: Optional[Path] = None
        self._own: List[str] = []
        self.record = Record()

    def share(self, folder: Path, worker: str) -> None:
        """Each process of a run appends to a file of its own in that folder, and reads them all."""
        self._folder = folder
        self._file = folder / f"{worker}.findings"

    def begin(self) -> None:
        """A new test begins."""
        self.record = Record()

    def add(self, finding: Finding, hangs: bool = False) -> None:
        """Add a finding of this test. `hangs`: it is that something did not come."""
        self.record.findings.append(finding)
        line = f"{finding.half}\t{finding.claim}\t{'hangs' if hangs else ''}"
        if line in self._own:
            return
        self._own.append(line)
        if self._file:
            with open(self._file, "a", encoding="utf-8") as file:
                file.write(line + "\n")

    def _lines(self) -> Set[str]:
        found = set(self._own)
        if self._folder:
            for file in self._folder.glob("*.findings"):
                found |= set(file.read_text(encoding="utf-8").splitlines())
        return found

    def broken(self) -> List[str]:
        """The claims of both programs that are broken so far."""
        return sorted({line.split("\t")[1] for line in self._lines()
                       if line.split("\t")[0] and line.split("\t")[1][0] in "BWR"})

    def hangs(self, half: str, claim: str) -> bool:
        """Whether it is known that the program does not do what the claim says, and goes on."""
        return f"{half}\t{claim}\thangs" in self._lines()


board = Board()


def blamed_half(claim: str, half: str = "") -> str:
    """The program that a finding about the claim is about."""
    return half or HALVES.get(claim[0], "")


def expect(claim: str, what: str, expected: object, seen: object, half: str = "",
           hangs: bool = False) -> bool:
    """Add a finding unless both values are equal; whether they are. `half` names the program where
    the claim is one of both."""
    board.record.tried.add(claim)
    if seen == expected:
        return True
    board.add(Finding(claim, blamed_half(claim, half), what, words(expected), words(seen)), hangs)
    return False


def not_judged(because: Sequence[str]) -> NoReturn:
    """End the test: what it is about cannot be tried, because these claims are broken."""
    board.record.because |= set(because)
    raise pytest.skip.Exception(f"not judged, because of {', '.join(sorted(because))}")


def words(value: object) -> str:
    """A value in words that a student understands."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or value == [] or value == ():
        return "none"
    if isinstance(value, bytes):
        return _bytes(value)
    if isinstance(value, (list, tuple)):
        items = [str(item) if isinstance(item, str) else words(item) for item in value[:6]]
        shown = ("; " if any("," in item for item in items) else ", ").join(items)
        return shown + (f", … ({len(value)} in all)" if len(value) > 6 else "")
    if isinstance(value, int):
        return exit_code(value)
    return str(value)


def quoted(text: str) -> str:
    """A text in quotes, with its line ends visible."""
    escaped = "".join(char if char.isprintable() else char.encode("unicode_escape").decode()
                      for char in text)
    return f'"{escaped}"' if text else "nothing"


def _bytes(data: bytes) -> str:
    if not data:
        return "nothing"
    shown = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in data[:80])
    return f"{len(data)} bytes: {data[:12].hex(' ')}{' …' * (len(data) > 12)} {shown}"


def merged(findings: Sequence[Finding]) -> Dict[Finding, int]:
    """Equal findings as one, with their number."""
    times: Dict[Finding, int] = {}
    for finding in findings:
        times[finding] = times.get(finding, 0) + 1
    return times
