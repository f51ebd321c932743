"""Tests that checks wait for what they need, in one process and in two; and of errors."""
from __future__ import annotations

import json
from pathlib import Path
from typing import List

import pytest

from harness.selftests.inner_runs import PYTEST, InnerRuns

pytestmark = [pytest.mark.products, pytest.mark.slow]

SUITE = '''
import os, time
import pytest
from harness.driver.errors import HarnessError
from harness.driver.pair import product_pair
from harness.judge.checks import check
from harness.judge.claims import WRITER

pytestmark = pytest.mark.parametrize("pair", [product_pair("x86_64", "ansi")], ids=str)

@check("W1.page", about=WRITER, gives="object")
def test_gives(see, known, pair):
    time.sleep(0.3)
    if see("W1.page", "size", 1, SEEN):
        known.give("object", "name")

@check("W5.changed", about=WRITER, needs="object", gives="message")
def test_needs(see, known, pair):
    see("W5.changed", "name", "name", known["object"])
    known.give("message")

@check("W7.end", about=WRITER, needs="message")
def test_needs_more(see, pair):
    see("W7.end", "end", 1, 1)

@check("W2.line", about=WRITER)
def test_prints_what_looks_like_a_failed_harness(see, pair):
    see("W2.line", "output", "a", "HarnessError: Hang: on")

@check("W2.exit", about=WRITER)
def test_has_a_harness_that_fails(see, pair):
    raise HarnessError("nothing works")
'''


def run(inner: InnerRuns, tmp_path: Path, text: str, *options: str) -> List[dict]:  # type: ignore
    """Run such a suite. Return its results."""
    suite = tmp_path / "test_suite.py"
    suite.write_text(text)
    inner.run([*PYTEST, str(suite), "-p", "harness.judge.plugin", "-p", "harness.judge.fixtures",
               "--rootdir", str(tmp_path), "-c", "/dev/null", "--verdict",
               str(tmp_path / "verdict.json"), *options])
    tests: List[dict] = json.loads(  # type: ignore[type-arg]
        (tmp_path / "verdict.json").read_text())["tests"]
    return tests


@pytest.mark.parametrize("workers", [[], ["-n2"]], ids=["alone", "workers"])
@pytest.mark.parametrize("seen, outcome", [(1, "passed"), (2, "skipped")])
def test_it_waits_for_what_it_needs(inner: InnerRuns, tmp_path: Path, workers: List[str], seen: int,
                                    outcome: str) -> None:
    """The reason reaches the checks that follow, in another process too. If a program prints the
    text of a failed harness, that does not count as one."""
    results = {test["name"].partition("::")[2].partition("[")[0]: test
               for test in run(inner, tmp_path, SUITE.replace("SEEN", str(seen)), *workers)}
    assert len(results) == 5
    for name in ("test_needs", "test_needs_more"):
        assert results[name]["outcome"] == outcome
        assert outcome == "passed" or "because of W1" in results[name]["why"]
    assert results["test_prints_what_looks_like_a_failed_harness"]["outcome"] == "failed"
    assert results["test_has_a_harness_that_fails"]["outcome"] == "error"


def test_a_process_that_crashes_is_an_error(inner: InnerRuns, tmp_path: Path) -> None:
    """A test whose process crashes is an error."""
    [test] = run(inner, tmp_path, "import os\n\ndef test_it():\n    os._exit(7)\n", "-n1")
    assert test["outcome"] == "error"
