"""The report says what the run said, and a browser has nothing to complain about."""
from __future__ import annotations

import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest

if not find_spec("jinja2"):
    pytest.skip("jinja2 is missing (Debian: python3-jinja2)", allow_module_level=True)

from harness.judge.claims import CLAIMS
from harness.report.page import render
from harness.report.results import NO_PAIR, read_run
from harness.report.scene import record

pytestmark = pytest.mark.products

#: One test of each outcome, as pytest writes them.
JUNIT = """<?xml version="1.0"?><testsuites><testsuite timestamp="2026-01-02T03:04:05.6">
<properties><property name="wine" value="wine-8.0 &lt;b&gt;"/></properties>
<testcase classname="harness.test_a" name="test_passes[x]"><properties>
<property name="claim" value="W1"/><property name="claim" value="W5"/>
<property name="tells" value="It copies."/><property name="pair" value="x86_64-ansi"/>
</properties></testcase>
<testcase classname="harness.test_a" name="test_fails"><properties>
<property name="claim" value="W5"/><property name="pair" value="x86_64-ansi"/></properties>
<failure message="W5">AssertionError: W5: expected &lt;script&gt;</failure></testcase>
<testcase classname="harness.test_a" name="test_breaks"><properties>
<property name="claim" value="R1"/></properties>
<failure message="lost">harness.driver.errors.HostLost: the agent ended</failure></testcase>
<testcase classname="harness.test_a" name="test_gap"><properties>
<property name="claim" value="O2"/></properties>
<skipped type="pytest.xfail" message="gap create-global"/></testcase>
<testcase classname="harness.test_a" name="test_no"><properties>
<property name="claim" value="O1"/></properties>
<skipped type="pytest.skip" message="no session 0">test_a.py:1: no session 0</skipped></testcase>
</testsuite></testsuites>"""


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """The page of that run, in a folder of its own, where nothing else is."""
    junit = tmp_path / "results.xml"
    junit.write_text(JUNIT)
    made = tmp_path / "moved" / "index.html"
    made.parent.mkdir()
    made.write_text(render(read_run(junit), record(), ""), encoding="utf-8")
    return made


def test_outcomes_are_told_apart(tmp_path: Path) -> None:
    """An error of the harness is no failed claim, and a gap is neither."""
    junit = tmp_path / "results.xml"
    junit.write_text(JUNIT)
    run = read_run(junit)
    assert [case.outcome for case in run.cases] == ["passed", "failed", "error", "gap", "skipped"]
    assert run.pairs == ["x86_64-ansi", NO_PAIR]
    cell = run.cell("W5", "x86_64-ansi")
    assert (cell.fraction, cell.outcome) == ("1/2", "failed")
    assert run.cell("O1", NO_PAIR).fraction == "0/0"
    assert {name: run.claims(name) for name in ("passed", "failed", "error", "gap")} == {
        "passed": ["W1"], "failed": ["W5"], "error": ["R1"], "gap": ["O2"]}


def test_the_page_says_it_all(page: Path) -> None:
    """Verdict, date, surroundings, each claim, calls and dumps; small, whole, and escaped."""
    text = page.read_text(encoding="utf-8")
    for piece in ("1 documented claims do not hold: W5", "2026-01-02 03:04:05",
                  "wine-8.0 &lt;b&gt;", "expected &lt;script&gt;", "It copies.",
                  "MessageBoxW(NULL, pBuf", "4d 00 65 00", *(f'id="{claim}"' for claim in CLAIMS)):
        assert piece in text
    assert page.stat().st_size < 1_000_000
    assert not re.search(r"""(src|href)=["']?(https?:|//|/)""", text)


# A browser that has never run makes itself at home first.
@pytest.mark.time_limit(90)
def test_a_browser_finds_no_error(page: Path) -> None:
    """Opened from its file, after it was moved, the page loads nothing and reports nothing."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if not browser:
        pytest.skip("no Chromium (Debian: chromium)")
    opened = subprocess.run(
        [browser, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr",
         "--no-first-run", "--disable-background-networking", "--disable-component-update",
         "--disable-sync",
         f"--user-data-dir={page.parent.parent / 'browser'}", "--window-size=390,800",
         "--virtual-time-budget=2000", "--dump-dom", f"{page.as_uri()}#W5"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    assert [line for line in opened.stderr.splitlines() if ":CONSOLE" in line] == []
    folded = re.search(r'<details([^>]*)>\s*<summary><strong>W5', opened.stdout)
    assert folded and "open" in folded[1]
