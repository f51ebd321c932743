"""A pytest plugin for tests with 32-bit programs on a machine that cannot run any.

It skips them with one line for all, or fails if 32-bit programs are required or handed in.
"""
from __future__ import annotations

from typing import Any, Generator, NoReturn

import pytest

from harness.driver.host import Host
from harness.driver.pair import Pair
from harness.judge.header import hopeless
from harness.judge.results import NOT_RUN

#: The property of a test that is skipped for the same reason as others.
AS_ONE = "skipped with others"


def skip_as_one(item: pytest.Item, why: str) -> NoReturn:
    """Skip the test; the summary has one line for all tests with the same reason."""
    item.user_properties.append((AS_ONE, why))
    raise pytest.skip.Exception(why)


def enter(item: pytest.Item, host: Host, pair: Pair) -> None:
    """Return if the host can run the pair; otherwise skip the test, or stop the run."""
    lacking = host.lacks("i686") if "i686" in (pair.writer.arch, pair.reader.arch) else None
    if not lacking:
        return
    option = item.config.getoption
    if option("require_32bit") or option("first_process") or option("second_process"):
        hopeless(item, f"32-bit programs cannot be run: {lacking}")
    skip_as_one(item, f"{NOT_RUN}: {lacking}")


@pytest.hookimpl(hookwrapper=True)  # type: ignore[misc] # Its decorator is untyped.
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, None]:
    """Give all tests with the same reason one location, so that the summary has one line."""
    outcome = yield
    report = outcome.get_result()
    why = dict(item.user_properties).get(AS_ONE)
    if report.skipped and why:
        report.longrepr = (__file__, None, why)
