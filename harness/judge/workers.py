"""What a test process tells the one that reports: that no test can go on, which folders stay, and
how many programs were started.

A pytest plugin. With parallel workers (pytest-xdist) the two are different processes, without
them the same.
"""
from __future__ import annotations

from pathlib import Path
from typing import Any, List, NoReturn

import pytest

from harness.driver.host import Host

HOPELESS = "no test can go on"
KEPT = pytest.StashKey[List[str]]()
LAUNCHED = pytest.StashKey[int]()


def hopeless(item: pytest.Item, why: str) -> NoReturn:
    """Fail this test, and stop the run instead of failing all others for the same reason."""
    item.user_properties.append((HOPELESS, why))
    raise pytest.fail.Exception(why, pytrace=False) from None


def kept(config: pytest.Config, folders: List[Path]) -> None:
    """Have the folders named at the end of the run."""
    config.stash[KEPT] = [str(folder) for folder in folders]


def pytest_sessionstart(session: pytest.Session) -> None:
    """Add the part that reports, where this is that process."""
    if not hasattr(session.config, "workerinput"):
        session.config.pluginmanager.register(Reporter(session))


class Reporter:
    """The part of this plugin that only the reporting process has."""

    def __init__(self, session: pytest.Session) -> None:
        self.config = session.config
        self.stopper: Any = self.config.pluginmanager.getplugin("dsession") or session

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Stop at the first test that knows that none can go on."""
        for name, why in report.user_properties:
            if name == HOPELESS:
                self.stopper.shouldstop = why

    @pytest.hookimpl(optionalhook=True)  # type: ignore[misc] # Its decorator is untyped.
    def pytest_testnodedown(self, node: Any) -> None:
        """Take over what a worker has kept."""
        folders = getattr(node, "workeroutput", {}).get("kept", [])
        self.config.stash[KEPT] = self.config.stash.get(KEPT, []) + folders
        launched = getattr(node, "workeroutput", {}).get("launched", 0)
        self.config.stash[LAUNCHED] = self.config.stash.get(LAUNCHED, 0) + launched

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Count the programs, and name the folders that --keep has kept."""
        launched = self.config.stash.get(LAUNCHED, 0) + Host.launched
        terminalreporter.write_line(f"programs launched: {launched}")
        for folder in self.config.stash.get(KEPT, []):
            terminalreporter.write_line(f"kept: {folder}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker hands over what it has kept."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["kept"] = session.config.stash.get(KEPT, [])
        output["launched"] = Host.launched
