"""What a verdict says about a fault: which words, which help, and about whom."""
from __future__ import annotations

from pathlib import Path
from typing import List
from xml.etree import ElementTree

import pytest

from harness.judge.advice import advice
from harness.judge.expectations import expect_no_echo, expect_text
from harness.judge.findings import READER, WRITER, Finding, Record, board
from harness.judge.junit import write_claims
from harness.judge.screen import broken_lines, verdict_lines
from harness.judge.verdict import judge

pytestmark = pytest.mark.products
MESSAGE = "Message from first process."
TITLE = Finding("R5", READER, "title at MessageBox", "…", "…")


@pytest.mark.parametrize("claim, what, seen, words", [
    ("B3", "name of the object", "Local\\MyFileMappingObject", "Begin the name with Global\\"),
    ("B3", "name of the object", "GlobalMyFileMappingObject", "two backslashes"),
    ("R1", "functions that it calls to get the object", "none", "OpenFileMapping"),
    ("R5", "title of the message box", '"Process 2"', "title counts"),
    ("R5", "text at MessageBox", "…", "view itself"),
    ("R5", "buttons of the message box", "OK, Cancel", "one OK button"),
    ("R5", "number of message boxes that are open", "0", "Show the message"),
    ("R2", "calls after it got no object", "MapViewOfFile(NULL, …)", "handle with NULL"),
    ("R4", "calls after it got no view", "none", "Close the handle"),
    ("R4", "calls after it got no view", "MessageBoxW(NULL, …)", "view with NULL"),
    ("W2", "exit code when it meets event", "0xC0000005 (STATUS_ACCESS_VIOLATION)", "crashed"),
    ("W3", "access at MapViewOfFile", "…", "FILE_MAP_ALL_ACCESS"),
    ("W6", "keys that make it go on", "x, then Enter", "getchar()"),
    ("W7", "after its key was pressed", "it still runs", "pause"),
    ("R6", "order of the message box, UnmapViewOfFile and CloseHandle", "…", "UnmapViewOfFile"),
    ("R6", "whether it still has the object open while it shows its message box", "no",
     "after the message box"),
])
def test_a_mistake_that_people_make_has_its_help(claim: str, what: str, seen: str,
                                                 words: str) -> None:
    """The first row that fits is the one that is meant."""
    assert words in (advice(Finding(claim, "", what, "…", seen)) or "")


@pytest.mark.parametrize("charset, written, what, seen, words", [
    ("unicode", MESSAGE.encode("utf-16-le")[:28], "how much", '"Message from f"', "CopyMemory"),
    ("ansi", b"Message from first process", "how much", '"Message from first process"', "Copy"),
    ("ansi", b"message from first process.", "what", '"message from', "counts"),
    ("unicode", MESSAGE.encode() + b"\0", "what", "28 bytes: 4d 65", "TEXT("),
])
def test_bytes_are_shown_as_what_they_are(charset: str, written: bytes, what: str, seen: str,
                                          words: str) -> None:
    """Text as text; what is none in this character set as bytes; each with its help."""
    board.begin()
    expect_text(MESSAGE, written, charset)
    found = board.record.findings.pop()
    assert found.what.startswith(what) and found.seen.startswith(seen)
    assert words in (advice(found) or "")


def test_an_echo_is_told_from_what_was_there() -> None:
    """Only what the key has added counts."""
    board.begin()
    expect_no_echo(("Press a key", 0, 11), ("Press a key", 0, 11))
    expect_no_echo(("Press a key", 0, 11), ("Press a keyx        ", 1, 0))
    (found,) = board.record.findings
    board.begin()
    assert (found.expected, found.seen) == ("nothing new", '"x"')


def screen(halves: List[str], *findings: Finding) -> str:
    """The screen of a run on these halves that has found that."""
    return "\n".join(verdict_lines(judge([], set(halves), Record(list(findings))), [], "log"))


def test_only_what_was_handed_in_is_judged() -> None:
    """The claims of the other half are not run, whatever tests of both have tried."""
    claims = judge([], {WRITER}, Record(tried={"R5", "W5"})).claims
    assert (claims["R5"].verdict, claims["W5"].verdict) == ("not run", "kept")
    assert "R5, R6, R7 (the program that it is about was not handed in)" in screen([WRITER])


def test_the_screen_says_what_to_do(tmp_path: Path) -> None:
    """Once for a claim, however often it was seen; the JUnit file says it, too."""
    said = screen([READER], TITLE, TITLE, TITLE)
    assert said.count("title at MessageBox") == 1 and "times" not in said
    assert "→ Every character of the title counts" in said
    verdict = judge([], {READER}, Record([TITLE]))
    assert list(broken_lines("R5", verdict.claims["R5"]))[0].startswith("✗ R5 broken by the reader")
    write_claims(tmp_path / "results.xml", verdict, [])
    (failure,) = ElementTree.parse(str(tmp_path / "results.xml")).iter("failure")
    assert failure.get("message", "").startswith("title at MessageBox: expected")
    assert "→ Every character of the title counts" in (failure.text or "")
