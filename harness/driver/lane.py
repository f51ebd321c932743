"""The 32-bit lane: tests that run 32-bit programs, and what becomes of them where none can be run.

A pytest plugin. They are skipped for one reason, which the summary tells; they are an error where
32-bit is required or somebody's own 32-bit program is to be judged.
"""
from __future__ import annotations

from typing import Any

import pytest

from . import verdict
from .host import Host
from .pair import Pair

NOT_RUN = ("32-bit", "not run")


def enter(item: pytest.Item, host: Host, pair: Pair) -> None:
    """Let the test go on if the pair can be run in the host; else skip it, or stop the run."""
    arch = "i686"
    if arch not in (pair.writer.arch, pair.reader.arch):
        return
    lacking = host.lacks(arch)
    if not lacking:
        return
    why = f"32-bit programs cannot be run: {lacking}"
    option = item.config.getoption
    if option("require_32bit") or option("first_process") or option("second_process"):
        verdict.hopeless(item, why)
    item.user_properties.append(NOT_RUN)
    pytest.skip(why)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say that 32-bit was not run, if it was not."""
    skipped = [report for report in terminalreporter.stats.get("skipped", [])
               if NOT_RUN in map(tuple, report.user_properties)]
    if skipped:
        terminalreporter.write_line(f"32-bit was not run: {len(skipped)} tests were skipped")
