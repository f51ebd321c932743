"""Tests that the summary of a CI job matches the verdict."""
from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.judge.results import Result
from harness.judge.summary import product_lines
from harness.report.summary import main, summary

pytestmark = pytest.mark.products
VERDICT = {"verdict": "broken", "level": "calls", "subject": {}, "tests": [],
           "not_run": {"i686-ansi": "32-bit was not run: no DLLs"},
           "gaps": {"function-keys": "closed"},
           "claims": {
    "R5": {"verdict": "broken", "findings": [
        {"what": "title", "expected": "Process2", "seen": "a|b\nc", "times": 27}]},
    "H1": {"verdict": "not judged", "because": ["R5"]},
    "O2": {"verdict": "gap", "gap": "create-global"},
    "W1": {"verdict": "kept"}, "W2": {"verdict": "kept"}}}


def test_each_claim_that_is_not_kept_has_its_reason() -> None:
    """The summary begins with the counts, and escapes text in its table."""
    lines = summary(VERDICT)
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


def test_a_run_that_came_to_no_verdict(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A missing or damaged file is reported; a valid one is printed."""
    file = tmp_path / "verdict.json"
    for text in (None, "{"):
        if text:
            file.write_text(text)
        assert main([str(file)]) == 0
        assert "There is no verdict" in capsys.readouterr().out
    file.write_text(json.dumps(VERDICT))
    assert main([str(file)]) == 0 and "A claim is broken" in capsys.readouterr().out
    assert main([]) == 2
