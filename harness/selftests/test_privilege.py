"""A run that may not create the object blames nobody for it."""
from __future__ import annotations

import sys

import pytest

from harness.driver.paths import ROOT as CHECKOUT
from harness.selftests.inner_runs import PYTEST, InnerRuns
from harness.selftests.surroundings import assert_refused

pytestmark = [pytest.mark.products, pytest.mark.slow]


UNPRIVILEGED = PYTEST + ["-p", "harness.selftests.broken_suites.unprivileged"]


def test_a_run_without_the_privilege_skips_and_says_why(inner: InnerRuns) -> None:
    """As on Windows in a terminal that is not elevated: no test fails, and each says what to do."""
    seen = inner.run(UNPRIVILEGED + ["harness/claims/test_round_trip.py", "-k", "x86_64-ansi"])
    assert seen.code == 0 and " passed" not in seen.text, seen.text
    assert "needs SeCreateGlobalPrivilege" in seen.text, seen.text


@pytest.mark.parametrize("command", ["harness.lessons.demo", "harness.interleavings"])
def test_a_command_without_the_privilege_says_so(inner: InnerRuns, command: str) -> None:
    """Instead of waiting for an object that cannot come."""
    seen = inner.run([sys.executable, "-c", "import runpy\nimport "
                      "harness.selftests.broken_suites.unprivileged\n"
                      f"runpy.run_module({command!r}, run_name='__main__')"])
    assert_refused(seen, "creating Global\\MyFileMappingObject needs", "administrator")


def test_a_pair_is_not_blamed_for_a_run_without_the_privilege(inner: InnerRuns) -> None:
    """There is no verdict, and the reason is said."""
    program = CHECKOUT / "build" / "x86_64-ansi" / "first_process.exe"
    seen = inner.run(UNPRIVILEGED + ["harness", "--first-process", str(program)])
    assert seen.code, seen.text
    assert "✗" not in seen.text and "! No verdict" in seen.text, seen.text
    assert "creating Global\\MyFileMappingObject needs" in seen.text, seen.text
