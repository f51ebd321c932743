"""Collects the results of all processes, and prints and writes the verdict."""
from __future__ import annotations

import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any, Dict, List

import pytest

from harness.driver.host import Host
from harness.driver.hosts import platform_name, wine_path
from harness.judge import files, header
from harness.judge.claims import READER, WRITER
from harness.judge.gaps import gap_lines, states
from harness.judge.known import BOARD, Known
from harness.judge.results import Result
from harness.judge.screen import verdict_lines
from harness.judge.subject import SUBJECT, sha256
from harness.judge.summary import product_lines
from harness.judge.verdict import Run, Verdict, judge

#: The format number of verdict files, which docs/verdict.md describes.
FORMAT = 3
KEPT = pytest.StashKey[List[str]]()


def worker_output(config: pytest.Config) -> Dict[str, Any]:
    """Return what a worker passes to the process that reports."""
    return {"kept": config.stash.get(KEPT, []), "launched": Host.launched}


class Reporter:
    """The part of the plugin in the reporting process. `stopped` is why no check can go on, once a
    check has found that; `unsafe`, at the end, why the programs ran without a sandbox."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.subject = config.stash[SUBJECT]
        self.results: List[Result] = []
        self.launched = 0
        self.began = time.time()
        self.stopped = ""
        self.unsafe = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep a result; if its process crashed, a check has none and counts as an error."""
        data = getattr(report, "check", None)
        if data:
            self.results.append(Result.load(data))
        elif report.failed:
            text = report.longreprtext.strip().splitlines() or ["its process has crashed"]
            self.results.append(Result(report.nodeid, outcome="error", why=text[-1][:300]))
        stopped = dict(report.user_properties).get(header.HOPELESS)
        if stopped and not self.stopped:
            self.stopped = str(stopped)
            session = self.config.pluginmanager.getplugin("dsession") or \
                self.config.pluginmanager.getplugin("session")
            session.shouldstop = self.stopped

    @pytest.hookimpl(optionalhook=True)  # type: ignore[misc] # Its decorator is untyped.
    def pytest_testnodedown(self, node: Any) -> None:
        """Collect what a worker has kept."""
        output = getattr(node, "workeroutput", {})
        self.config.stash[KEPT] = self.config.stash.get(KEPT, []) + output.get("kept", [])
        self.launched += output.get("launched", 0)

    @property
    def verdict(self) -> Verdict:
        """Return the verdict on the results so far."""
        programs = tuple(self.subject.handed_in) or (WRITER, READER)
        return judge(self.results, Run(programs, self.config.getoption("level"), self.stopped))

    def pytest_sessionfinish(self) -> None:
        """Read what is removed with the folder of the run."""
        self.unsafe = Known(self.config.stash[BOARD], set()).unsafe

    def data(self) -> Dict[str, Any]:
        """Return the verdict as it is written to a file."""
        pairs = self.subject.pairs
        files = {str(half.file): {
            "program": role, "command": half.command, "file": str(half.file),
            "source": self.subject.source(pair, role), "sha256": sha256(half.file),
            "arch": half.arch, "charset": half.charset}
            for pair in pairs for role, half in ((WRITER, pair.writer), (READER, pair.reader))
            if half.file.exists()}
        subject = {file["program"]: {name: file[name] for name in (
            "file", "sha256", "arch", "charset")} for file in files.values()
            if file["program"] in self.subject.handed_in}
        return {"format": FORMAT, "level": self.config.getoption("level"), "subject": subject,
                "sandbox": self.config.getoption("sandbox"), "unsafe": self.unsafe,
                "agent_lost": any(result.survivor for result in self.results),
                "pairs": [str(pair) for pair in pairs],
                "files": list(files.values()), "words": asdict(self.subject.words),
                "commit": header.commit(), "platform": platform_name(self.config.getoption("wine")),
                "wine": wine_path(self.config.getoption("wine")),
                "environment": header.environment(),
                "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.began)),
                "seconds": round(time.time() - self.began, 1),
                "programs": self.launched + Host.launched, **self.verdict.data(),
                "tests": [result.row() for result in self.results]}

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Print the verdict (for the project's own programs a summary), and write it."""
        terminalreporter.write_line(f"programs launched: {self.launched + Host.launched}")
        for folder in self.config.stash.get(KEPT, []):
            terminalreporter.write_line(f"kept: {folder}")
        if self.subject.handed_in:
            lines = list(verdict_lines(self.verdict, self.subject, self.config.getoption("level"),
                                       self.unsafe))
        else:
            claims = {claim for result in self.results for claim in result.claims()}
            lines = list(product_lines(self.results) if len(claims) > 1 else
                         gap_lines(states(self.results)))
        for line in lines:
            terminalreporter.write_line(line)
        file = self.config.getoption("verdict")
        if file:
            problem = files.write(Path(file), json.dumps(self.data(), indent=1) + "\n")
            if problem:
                terminalreporter.write_line(problem, red=True)
