"""Prints what a run depends on, collects the results of all processes, and prints and writes the
verdict."""
from __future__ import annotations

import functools
import json
import os
import pickle
import platform
import re
import shutil
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any, Dict, List

import pytest

from harness.driver.errors import HarnessError
from harness.driver.host import Host
from harness.driver.hosts import platform_name, wine_path
from harness.driver.paths import ROOT
from harness.judge import files
from harness.judge.checks import BOARD, Known
from harness.judge.claims import READER, WRITER
from harness.judge.collecting import HOPELESS
from harness.judge.gaps import HERE, PAGE, gap_lines, states
from harness.judge.results import Result
from harness.judge.screen import product_lines, verdict_lines
from harness.judge.subject import SUBJECT, sha256
from harness.judge.verdict import Run, Verdict, judge

#: The format number of verdict files, which docs/verdict.md describes.
FORMAT = 3
KEPT = pytest.StashKey[List[str]]()


def _git(*arguments: str) -> str:
    # In a container the sources often belong to another user, which git refuses.
    done = subprocess.run(["git", "-c", f"safe.directory={ROOT}", "-C", str(ROOT), *arguments],
                          capture_output=True, stdin=subprocess.DEVNULL, text=True, timeout=20)
    return done.stdout.strip()


def commit() -> str:
    """Return the commit of the sources, and whether they were changed since."""
    try:
        return ((_git("rev-parse", "--short", "HEAD") or "none")
                + (", changed since" if _git("status", "--porcelain") else ""))
    except OSError:
        return "unknown, without git"


def _value(file: str, name: str) -> str:
    """Return the value of that name in a file of lines such as NAME="value" or name : value."""
    try:
        with open(file, encoding="utf-8", errors="replace") as lines:
            found = (re.fullmatch(rf'{name}\s*[=:]\s*"?([^"\n]*)"?\n?', line) for line in lines)
            return next((match.group(1) for match in found if match), "")
    except OSError:
        return ""


def environment() -> Dict[str, Any]:
    """Return the machine and the system of this run."""
    return {"system": _value("/etc/os-release", "PRETTY_NAME") or platform.platform(),
            "processor": _value("/proc/cpuinfo", "model name") or platform.processor(),
            "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity")
            else os.cpu_count(), "python": platform.python_version(), "pytest": pytest.__version__}


@functools.lru_cache(maxsize=None)
def _version(program: str) -> str:
    path = shutil.which(program)
    if not path:
        return f"no {program}"
    done = subprocess.run([path, "--version"], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=20)
    return done.stdout.split("\n", 1)[0]


def pytest_report_header(config: pytest.Config) -> List[str]:
    """Return what the verdicts depend on, such as programs, platform and compiler."""
    pairs = [str(pair) for pair in config.stash[SUBJECT].pairs]
    lines = [*config.stash[SUBJECT].describe(),
             f"checked: {', '.join(pairs)}; level: {config.getoption('level')}",
             f"python: {platform.python_version()}; pytest: {pytest.__version__}"]
    lines += _windows_header() if sys.platform == "win32" else _wine_header(config)
    return lines + ([f"known gaps: {', '.join(HERE)} ({PAGE})"] if HERE else [])


def _windows_header() -> List[str]:
    from harness.driver.windows import system
    return [f"platform: {system()}, {platform.machine()}"]


def _wine_header(config: pytest.Config) -> List[str]:
    # Imported here, since it needs Unix.
    from harness.driver.wine.installation import find_wine
    try:
        wine = find_wine(config.getoption("wine")).version
    except HarnessError as problem:
        raise pytest.UsageError(str(problem))
    kind = config.getoption("prefix") or "minimal (full where that does not work)"
    return [f"wine: {wine}; prefix: {kind}; display: {config.getoption('display')}",
            f"compiler: {_version('x86_64-w64-mingw32-gcc')}"]


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
            self.results.append(pickle.loads(data))
        elif report.failed:
            text = report.longreprtext.strip().splitlines() or ["its process has crashed"]
            self.results.append(Result(report.nodeid, outcome="error", why=text[-1][:300]))
        stopped = dict(report.user_properties).get(HOPELESS)
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
        self.unsafe = Known(self.config.stash[BOARD], set()).noted("unsafe") or ""

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
                "commit": commit(), "platform": platform_name(self.config.getoption("wine")),
                "wine": wine_path(self.config.getoption("wine")),
                "environment": environment(),
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
