"""Tests docs/conformance.md and the runs that it is made from, that each claim has tests, and that
each gap can be reported to Wine."""
from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, List

import pytest

from harness.driver.errors import HarnessError
from harness.driver.paths import ROOT
from harness.judge.claims import CLAIMS, required
from harness.judge.gaps import PAGE as GAPS, WINE
from harness.judge.results import Result
from harness.report import conformance
from harness.report.conformance import (PAGE, SENTENCES, all_runs, load, page, run_of, sentences,
                                        table)
from harness.selftests.documents import document

COLLECT = """
import json, pytest
from harness.judge.checks import facts_of
class Collected:
    def pytest_collection_finish(self, session):
        print("collected:", json.dumps([[item.name, facts_of(item)] for item in session.items]))
pytest.main(["harness", "--collect-only", "-q"], plugins=[Collected()])
"""
#: Test ids that `-k` of pytest 7 and later can name.
PLAIN = re.compile(r"\w+(\[[\w.+:/-]+\])?", re.ASCII)


def verdict(**changed: Any) -> Dict[str, Any]:
    """Return the verdict of a run in which all claims are kept, with these changes."""
    claims = {claim: {"verdict": "kept"} for claim in CLAIMS}
    tests = [Result(f"harness/claims/test_a.py::test_b[{pair}]", pair, seconds=0.25)
             for pair in "ab"]
    return document(tests, **{
        "platform": "wine-8.0 (Debian 8.0~repack-4), x86_64", "verdict": "kept", "trouble": [],
        **changed, "claims": {**claims, **changed.get("claims", {})}})


BROKEN = {"W3": {"verdict": "broken", "findings": [
    {"what": "w", "expected": "e", "seen": "s", "times": 1}]}}


def test_the_page_is_that_of_the_runs() -> None:
    """The pages are up to date."""
    assert PAGE.read_text(encoding="utf-8") == page(all_runs())
    assert SENTENCES.read_text(encoding="utf-8") == sentences()


def test_every_fact_has_a_test_and_every_test_an_id() -> None:
    """Every fact has a test, and -k can name every test."""
    done = subprocess.run([sys.executable, "-c", COLLECT], cwd=ROOT, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, text=True, timeout=60)
    items = json.loads(done.stdout.partition("collected: ")[2].partition("\n")[0])
    assert {fact for claim in CLAIMS for fact in required(claim)} <= {
        fact for _, facts in items for fact in facts}
    assert not [name for name, _ in items if not PLAIN.fullmatch(name)]


def test_a_run_keeps_its_failures_and_times() -> None:
    """A run keeps its failures and test times, even if it failed."""
    run = run_of(verdict(verdict="broken", claims=BROKEN, trouble=["it broke"]))
    assert run["format"] == conformance.FORMAT and run["claims"]["W3"] == BROKEN["W3"]
    assert run["tests"] == {"harness/claims/test_a.py::test_b": {"seconds": 0.5, "passed": 2}}
    nothing = {claim: {"verdict": "not run", "why": "x"} for claim in CLAIMS}
    assert run_of(verdict(verdict="none", claims=nothing, trouble=["no Wine"]))["trouble"]
    text = page([("a.json", run)])
    assert "  - W3 broken: w: expected e, seen s" in text and "  - it broke" in text


@pytest.mark.parametrize("changed, said", [
    ({"subject": {"first_process": {}}}, "other programs"), ({"level": "behaviour"}, "behaviour"),
    ({"claims": {"H2": {"verdict": "not run", "why": "checked only on"}}}, "left out H2")])
def test_what_is_no_run_of_a_platform_is_refused(changed: Dict[str, Any], said: str) -> None:
    """A verdict on submitted programs, or on a part of the claims, is refused."""
    with pytest.raises(HarnessError, match=said):
        run_of(verdict(**changed))


def test_new_failures_come_first() -> None:
    """A failure is new only if the previous run on that system kept the claim."""
    runs = [run_of(verdict(date=f"2026-01-0{day}T00:00:00Z", claims=claims))
            for day, claims in ((1, {}), (2, BROKEN), (3, BROKEN))]

    def rows(*these: Dict[str, Any]) -> List[str]:
        text = page([(run["date"], run) for run in these])
        return [line for line in text.splitlines() if line.startswith("| ")]
    assert rows(*runs[:2])[1] == f"| W3 {CLAIMS['W3']} | ✗ broken **new** |"
    assert rows(*runs)[1] == f"| B1 {CLAIMS['B1']} | ✓ |"
    lines = list(table([(runs[0], None), (runs[1], runs[0])]))
    assert lines[2].endswith(" | ✓ | ✗ broken **new** |") and lines[2].startswith("| W3")


def test_a_run_is_added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                        capsys: pytest.CaptureFixture[str]) -> None:
    """A run is added under its own name; two runs make a table."""
    monkeypatch.setattr(conformance, "RUNS", tmp_path / "runs")
    monkeypatch.setattr(conformance, "PAGE", tmp_path / "page.md")
    monkeypatch.setattr(conformance, "SENTENCES", tmp_path / "claims.md")
    file = tmp_path / "verdict.json"
    file.write_text(json.dumps(verdict()))
    assert conformance.main([str(file)]) == 0
    [made] = (tmp_path / "runs").iterdir()
    assert made.name == "2026-01-02T030405Z-wine-8.0-debian-8.0-repack-4-x86_64.json"
    assert load(made) == load(file) and "| W3" in (tmp_path / "page.md").read_text()
    assert conformance.main([str(file), str(made)]) == 0 and "| W3" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize("name", WINE)
def test_each_gap_can_be_reported(name: str, tmp_path: Path) -> None:
    """The page has the citation, the source and the versions of each gap; the gap's Wine test runs,
    and fails only in todo_wine."""
    gap = WINE[name]
    page = (ROOT / GAPS).read_text(encoding="utf-8")
    section = page.partition(f"## {name}\n")[2].partition("\n## ")[0]
    for text in (gap.citation, gap.source, f"Wine {gap.first} to {gap.last}", *gap.claims):
        assert text in section, text
    program = tmp_path / "test.exe"
    subprocess.run(["x86_64-w64-mingw32-gcc", "-I", Path(__file__).parent, "-o", program,
                    ROOT / "docs" / "gaps" / f"{name}.c", "-ladvapi32"], check=True, timeout=60)
    done = subprocess.run([sys.executable, "-m", "harness.run", "--timeout", "20", program],
                          cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 0 and "todo: " in done.stdout, done.stdout
