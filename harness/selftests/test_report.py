"""Tests that the report matches the verdict."""
from __future__ import annotations

import json
import re
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Dict, List

import pytest

if not find_spec("jinja2"):
    pytest.skip("jinja2 is missing (Debian: python3-jinja2)", allow_module_level=True)

from harness.driver.errors import HarnessError
from harness.driver.paths import ROOT
from harness.judge.claims import CLAIMS, required
from harness.judge.results import Result, Seen
from harness.report import __main__ as command
from harness.report import results
from harness.report.page import render
from harness.report.scene import pair_of, record
from harness.selftests import documents
from harness.selftests.documents import HOLDS, TITLE


def box(number: int, outcome: str, seconds: float, *seen: Seen, why: str = "") -> Result:
    """Return a result of a parametrized test."""
    return Result(f"harness/test_a.py::test_box[x86_64-unicode-{number}]", "x86_64-unicode",
                  facts=["R5.title", "R6.end"], outcome=outcome, seen=list(seen), why=why,
                  seconds=seconds, tells="It shows.")


#: Results that lead to every verdict.
RESULTS = [
    box(1, "failed", 2.5, TITLE, why="R5.title"), box(2, "passed", 0.5),
    Result("harness/test_a.py::test_copy[a+b]", "a+b", facts=list(required("W5")), seen=HOLDS),
    Result("harness/test_a.py::test_meet", facts=["H1.shown"], outcome="skipped", because=["R5"],
           why="no"),
    Result("harness/test_a.py::test_gap", facts=["O2.create"], outcome="gap",
           why="gap create-global"),
    Result("harness/test_b.py::test_of_itself")]


def document(cases: List[Result] = RESULTS) -> Dict[str, Any]:
    """Return a verdict with these results, and a platform whose name must be escaped."""
    return documents.document(cases, platform="wine-8.0 <i>")


def test_parameters_share_a_row() -> None:
    """Each test function is a row with the count of each outcome; each pair is a column."""
    made = document()
    [row] = results.tests_of(made, "R5")
    assert (row.name, results.cell(row.counts), row.seconds) == ("test_box", "1/2, 1 failed", 3.0)
    assert row.said == [("[x86_64-unicode-1]", "R5.title")]
    assert [row.name for row in results.tests_of(made, None)] == ["test_of_itself"]
    assert results.columns(made) == ["x86_64-unicode", results.MIXED, results.WHOLE]
    counted = results.counted(made)
    assert results.fraction(counted["R5"]["x86_64-unicode"]) == "1/2"
    assert results.worst(counted["R5"]["x86_64-unicode"]) == "broken"
    assert results.cell(counted["W5"][results.MIXED]) == "1/1"


def test_no_kept_claim_stands_beside_failures() -> None:
    """A test that failed for one claim passed for those that it saw hold, and for no others."""
    ends = [Seen(fact, "second_process", True, "", "", "") for fact in required("R6")]
    made = document([Result("harness/test_a.py::test_box[x86_64-unicode]", "x86_64-unicode",
                            facts=["R5.title", *required("R6"), *required("R7")], outcome="failed",
                            seen=[TITLE, *ends], why="R5.title")])
    counted = results.counted(made)
    assert made["claims"]["R6"]["verdict"] == "kept"
    assert results.fraction(counted["R6"]["x86_64-unicode"]) == "1/1"
    assert results.fraction(counted["R7"]["x86_64-unicode"]) == "–"
    assert results.fraction(counted["R5"]["x86_64-unicode"]) == "0/1"
    assert "✓ kept</span>\n<span" in render(made, None, "") and not re.search(
        r"✓ kept</span>\s*<span[^>]*>0/", render(made, None, ""))


@pytest.mark.slow
def test_the_scene_is_of_the_programs_that_were_checked() -> None:
    """A program that has changed since the check is not played."""
    made = documents.document()
    made["files"][1]["sha256"] = "0"
    with pytest.raises(HarnessError, match="second_process.exe is not the file that was checked"):
        pair_of(made)
    made["files"][1]["source"] = str(ROOT / "second_process" / "second_process.c")
    with pytest.raises(HarnessError, match="second_process.c is not the file that was checked"):
        record(made)
    with pytest.raises(HarnessError, match="wine-7.0, is not available now"):
        record(documents.document(platform="wine-7.0"))


@pytest.mark.slow
def test_the_scene_goes_as_far_as_the_programs() -> None:
    """If the scene stops early, the report shows where, and the calls until then."""
    made = documents.document()
    made["files"][0] = {**made["files"][1], "program": "first_process"}
    played = record(made)
    assert played.stopped == (
        "The scene stopped here: the writer did not call MapViewOfFile; it ended with 1, has "
        'printed "Could not open file mapping object (2).\\r\\n".')
    assert [who for who, _ in played.timeline] == ["writer"] and not played.box
    assert "The scene stopped here" in render(made, played, "")


def test_the_page_says_it_all(tmp_path: Path) -> None:
    """The page has all of the verdict, the scene and the log, escaped, and nothing from outside."""
    made = document()
    text = render(made, record(documents.document()), "", "the log <x>")
    for piece in ("1 of 31 claims is broken", "2026-01-02 03:04:05 UTC", "wine-8.0 &lt;i&gt;",
                  "title &lt;b&gt;", made["files"][0]["sha256"][:16], "because R5 is broken",
                  "&lt;script&gt;alert(1)", "→ Every character of the title counts",
                  "<b>reader.c:3</b> <code>if (a &lt; b) MessageBox(NULL, pBuf);</code>",
                  "MessageBoxW(NULL, pBuf", "4d 00 65 00", "the log &lt;x&gt;", "wwrrrrrrwwww",
                  *(f'id="{claim}"' for claim in CLAIMS)):
        assert piece in text, piece
    assert "<script>alert" not in text
    assert len(text.encode()) < 1_000_000
    assert not re.search(r"""(src|href)=["']?(https?:|//|/)""", text)


def test_a_page_is_made_of_the_named_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                             capsys: pytest.CaptureFixture[str]) -> None:
    """The page includes the run's log and a comparison with an earlier run, which lists only claims
    whose verdict changed."""
    assert results.changes(document(), document(RESULTS[1:]))["not judged", "broken"] == ["R5"]
    assert results.changes(document(), document()) == {}
    for name, cases in (("now", RESULTS), ("before", RESULTS[1:])):
        (tmp_path / f"{name}.json").write_text(json.dumps(document(cases)))
    (tmp_path / "now.log").write_text("the log of this run")
    page = tmp_path / "made" / "page.html"
    monkeypatch.setattr(sys, "argv", ["report", str(tmp_path / "now.json"), str(page), "--before",
                                      str(tmp_path / "before.json")])
    assert command.main() == 0 and str(page) in capsys.readouterr().out
    text = " ".join(page.read_text(encoding="utf-8").split())
    assert "the log of this run" in text and (
        "with the run of 2026-01-02 03:04:05 UTC on wine-8.0 &lt;i&gt; (commit abc) of the "
        "project&#39;s own programs:") in text
