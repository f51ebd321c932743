"""Tests of what a verdict shows about a fault: its words, its advice, and the program; and of the
summary of a CI job."""
from __future__ import annotations

import json
from pathlib import Path
from typing import List
from xml.etree import ElementTree

import pytest

from harness.check.__main__ import junit
from harness.driver.contract import NAME, Words
from harness.judge.advice import advice
from harness.judge.claims import READER, WRITER, sentence
from harness.judge.executable import names_in
from harness.judge.results import Result, Seen
from harness.judge.screen import broken_lines, product_lines, verdict_lines
from harness.judge.subject import Subject
from harness.judge.verdict import Run, judge
from harness.judge.words import message_words
from harness.report.summary import main
from harness.selftests.documents import TITLE, document

MESSAGE = "Message from first process."


@pytest.mark.parametrize("claim, what, seen, words", [
    ("B3", "name of the object", "Local\\MyFileMappingObject", "Begin the name with Global\\"),
    ("B3", "name of the object", "GlobalMyFileMappingObject", "two backslashes"),
    ("R1", "functions that it calls to get the object", "none", "OpenFileMapping"),
    ("R5", "title of the message box", '"Process 2"', "title counts"),
    ("R5", "text of the message box", "…", "view itself"),
    ("R5", "buttons, icon and owner of the message box", "OK, Cancel", "one OK button"),
    ("R5", "number of message boxes that are open", "0", "Show the message"),
    ("R2", "calls after it got no object", "MapViewOfFile(NULL, …)", "handle with NULL"),
    ("R4", "calls after it got no view", "none", "Close the handle"),
    ("R4", "calls after it got no view", "MessageBoxW(NULL, …)", "view with NULL"),
    ("W2", "exit code when it meets event", "0xC0000005 (STATUS_ACCESS_VIOLATION)", "crashed"),
    ("W3", "access at MapViewOfFile", "…", "FILE_MAP_ALL_ACCESS"),
    ("W6", "keys that make it go on", "x, then Enter", "getchar()"),
    ("W7", "after its key was pressed", "it still runs", "pause"),
    ("R6", "order of the message box, UnmapViewOfFile and CloseHandle", "…", "UnmapViewOfFile"),
    ("W6", "what it waits for before it gets its object", "getchar", "before"),
])
def test_a_mistake_that_people_make_has_its_help(claim: str, what: str, seen: str,
                                                 words: str) -> None:
    """Each typical mistake gets the advice meant for it."""
    assert words in (advice(claim, what, seen) or "")


@pytest.mark.parametrize("charset, written, what, seen, words", [
    ("unicode", MESSAGE.encode("utf-16-le")[:28], "how much", '"Message from f"', "CopyMemory"),
    ("ansi", b"Message from first process", "how much", '"Message from first process"', "Copy"),
    ("ansi", b"message from first process.", "what", '"message from', "counts"),
    ("unicode", MESSAGE.encode() + b"\0", "what", "28 bytes: 4d 65", "TEXT("),
    ("ansi", b"\x1b\0\0\0" + MESSAGE.encode(), "what", "31 bytes: 1b", "from its first byte"),
])
def test_bytes_are_shown_as_what_they_are(charset: str, written: bytes, what: str, seen: str,
                                          words: str) -> None:
    """Text is shown as text, and anything else as bytes, each with its advice."""
    message = MESSAGE.encode("utf-16-le" if charset == "unicode" else "ascii")
    shown = message_words(message, written, charset)
    assert shown[0].startswith(what) and shown[2].startswith(seen)
    assert words in (advice("W5", shown[0], shown[2]) or "")


@pytest.mark.parametrize("encoding", ["ascii", "utf-16-le"])
def test_names_are_found_in_a_program(tmp_path: Path, encoding: str) -> None:
    """Names similar to the documented one come first, then those with a namespace."""
    file = tmp_path / "reader.exe"
    file.write_bytes(b"\xff" + b"".join(f"{text}\0".encode(encoding) for text in (
        "GLOBAL\\MYOWN", NAME, "Could not open", "MyFileMappingObject2")))
    assert names_in(file, NAME) == ["MyFileMappingObject2", "GLOBAL\\MYOWN"]


def test_a_claim_speaks_of_the_words_that_a_pair_uses() -> None:
    """A claim's text has the pair's name, message and title, and the length of the message."""
    words = Words("Global\\Mine", "Hello.", "Reader")
    assert sentence("B3", words).endswith("the name is Global\\Mine")
    assert sentence("W5", words).startswith('the 6 characters of "Hello."')
    assert '"Reader", MB_OK' in sentence("R5", words)


def run(halves: List[str], *seen: Seen) -> str:
    """Return the screen of a run on these programs with these findings."""
    results = [Result("a", facts=[one.fact for one in seen] or ["R5.title"], seen=list(seen))]
    return "\n".join(verdict_lines(judge(results, Run(tuple(halves))), Subject([])))


def test_a_screen_names_the_programs() -> None:
    """The claims of a program that was not handed in are not run, whatever was seen of it. One
    heading names both programs if both break a claim."""
    assert "R5, R6, R7 (the program that it is about was not handed in)" in run([WRITER], TITLE)
    name = [Seen("B3.name", program, False, "name", "a", "b") for program in (WRITER, READER)]
    assert "B3 broken by the writer and the reader" in run([WRITER, READER], *name)


def test_the_screen_says_what_to_do_and_where() -> None:
    """A repeated finding is shown once, with its line and advice, also in the JUnit file."""
    said = run([READER], TITLE, TITLE, TITLE)
    assert said.count("title <b>") == 1 and "times" not in said
    assert "reader.c:3: title" in said and "> if (a < b) MessageBox" in said
    assert "→ Every character of the title counts" in said
    verdict = judge([Result("a", facts=["R5.title"], seen=[TITLE])], Run((READER,)))
    lines = list(broken_lines("R5", verdict.claims["R5"], Words()))
    assert lines[0].startswith("✗ R5 broken by the reader")
    (failure,) = ElementTree.fromstring(junit(verdict, document(), [], Words())).iter("failure")
    assert failure.get("message", "").startswith("title <b>: expected")
    assert "→ Every character of the title counts" in (failure.text or "")


def test_long_values_are_shown_where_they_differ() -> None:
    """Long values are cut shortly before the first difference, and dots mark each cut."""
    long = Seen("R5.text", READER, False, "text", "old " * 200, "old " * 60 + "new")
    said = run([READER], long)
    assert f"expected: … {'old ' * 40} …\n" in said and f"seen:     … {'old ' * 10}new\n" in said
    assert said.count(" …\n") == 1, "the one that goes on says so"


VERDICT = {"verdict": "broken", "level": "calls", "subject": {}, "tests": [],
           "not_run": {"i686-ansi": "32-bit was not run: no DLLs"},
           "gaps": {"function-keys": "closed"},
           "claims": {
    "R5": {"verdict": "broken", "findings": [
        {"what": "title", "expected": "Process2", "seen": "a|b\nc", "times": 27}]},
    "H1": {"verdict": "not judged", "because": ["R5"]},
    "O2": {"verdict": "gap", "gap": "create-global"},
    "W1": {"verdict": "kept"}, "W2": {"verdict": "kept"}}}


def test_each_claim_that_is_not_kept_has_its_reason(tmp_path: Path,
                                                    capsys: pytest.CaptureFixture[str]) -> None:
    """The summary begins with the counts, and escapes text in its table."""
    (tmp_path / "verdict.json").write_text(json.dumps(VERDICT))
    assert main([str(tmp_path / "verdict.json")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "**A claim is broken.** 2 kept, 1 broken, 1 not judged, 1 gap"
    rows = [line.split(" | ")[1:] for line in lines if line.startswith("| ")]
    assert rows[1:] == [
        ["broken", "title: expected Process2, seen a\\|b c |"],
        ["not judged", "because R5 is broken |"], ["gap", "create-global |"]]
    assert not any("W1" in line for line in lines)
    assert lines[1:3] == ["- i686-ansi: 32-bit was not run: no DLLs",
                          "- platform gap function-keys: closed"]


def test_a_run_says_what_was_left_out_and_what_failed() -> None:
    """The lines name a variant that was not run, and failed tests of the harness."""
    results = [Result("files", "i686-ansi", facts=["B1.dlls"]),
               Result("writer", "i686-ansi", facts=["W1.page"], outcome="skipped",
                      why="32-bit was not run: no DLLs"),
               Result("writer", "x86_64-ansi", facts=["W1.page"]),
               Result("selftests/test_a.py::test_b", outcome="failed", why="no")]
    lines = list(product_lines(results))
    assert lines[0] == "i686-ansi: 32-bit was not run: no DLLs"
    assert lines[1].startswith("x86_64-ansi: 0 of 31 claims kept; not judged: W1")
    assert lines[-1] == ("! tests of the harness itself failed: 1, such as "
                         "selftests/test_a.py::test_b")
