"""The 32-bit lane: tests that run 32-bit programs, and what becomes of them where none can be run.

A pytest plugin. They are skipped with one line for all of them, or are an error where 32-bit is
required or somebody's own 32-bit program is to be judged.
"""
from __future__ import annotations

from typing import Any, Generator

import pytest

from harness.driver.host import Host
from harness.driver.pair import Pair
from harness.judge import workers as verdict

NOT_RUN = "32-bit was not run"


def enter(item: pytest.Item, host: Host, pair: Pair) -> None:
    """Let the test go on if the pair can be run in the host; else skip it, or stop the run."""
    lacking = host.lacks("i686") if "i686" in (pair.writer.arch, pair.reader.arch) else None
    if not lacking:
        return
    option = item.config.getoption
    if option("require_32bit") or option("first_process") or option("second_process"):
        verdict.hopeless(item, f"32-bit programs cannot be run: {lacking}")
    item.user_properties.append((NOT_RUN, lacking))
    pytest.skip(lacking)


@pytest.hookimpl(hookwrapper=True)  # type: ignore[misc] # Its decorator is untyped.
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, None]:
    """Name one place for all that are skipped, so that the summary has one line for them."""
    outcome = yield
    report = outcome.get_result()
    lacking = dict(item.user_properties).get(NOT_RUN)
    if report.skipped and lacking:
        report.longrepr = (__file__, None, f"{NOT_RUN}: {lacking}")
