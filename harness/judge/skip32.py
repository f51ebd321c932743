"""The 32-bit lane: tests that run 32-bit programs, and what becomes of them where none can be run.

A pytest plugin. They are skipped with one line for all of them, or are an error where 32-bit is
required or somebody's own 32-bit program is to be judged.
"""
from __future__ import annotations

from typing import Any, Generator, NoReturn

import pytest

from harness.driver.host import Host
from harness.driver.pair import Pair
from harness.judge.header import hopeless
from harness.judge.results import NOT_RUN

#: The property of a test that is skipped for the same reason as many others.
AS_ONE = "skipped with others"


def skip_as_one(item: pytest.Item, why: str) -> NoReturn:
    """Skip the test; the summary has one line for all that are skipped for that reason."""
    item.user_properties.append((AS_ONE, why))
    raise pytest.skip.Exception(why)


def enter(item: pytest.Item, host: Host, pair: Pair) -> None:
    """Let the test go on if the pair can be run in the host; else skip it, or stop the run."""
    lacking = host.lacks("i686") if "i686" in (pair.writer.arch, pair.reader.arch) else None
    if not lacking:
        return
    option = item.config.getoption
    if option("require_32bit") or option("first_process") or option("second_process"):
        hopeless(item, f"32-bit programs cannot be run: {lacking}")
    skip_as_one(item, f"{NOT_RUN}: {lacking}")


@pytest.hookimpl(hookwrapper=True)  # type: ignore[misc] # Its decorator is untyped.
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, None]:
    """Name one place for all that are skipped, so that the summary has one line for them."""
    outcome = yield
    report = outcome.get_result()
    why = dict(item.user_properties).get(AS_ONE)
    if report.skipped and why:
        report.longrepr = (__file__, None, why)
