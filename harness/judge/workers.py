"""Brings what the tests have found to the process that reports, and has it say the verdict.

With parallel workers (pytest-xdist) the two are different processes, without them the same.
"""
from __future__ import annotations

import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any, Dict, List, NoReturn, Optional

import pytest

from harness.driver.errors import HarnessError, Win32Error
from harness.driver.host import Host
from harness.driver.hosts import Hosts, platform_name
from harness.driver.paths import BUILD
from harness.judge import header, junit
from harness.judge.findings import READER, WRITER
from harness.judge.options import settings
from harness.judge.screen import head, verdict_lines
from harness.judge.firstlook import look_first
from harness.judge.subject import SUBJECT, sha256
from harness.judge.summary import product_lines
from harness.judge.verdict import NOT_HANDED_IN, Case, Verdict, case_of, judge

HOPELESS = "no test can go on"
#: The hosts of the process that looks first, which may run the tests as well.
HOSTS = pytest.StashKey[Hosts]()
KEPT = pytest.StashKey[List[str]]()
#: Why the claims of tests that were not run were left out.
LEFT_OUT: Dict[str, str] = {}
#: Seconds after which a line says that the check goes on.
SIGN_OF_LIFE = 10.0


def hopeless(item: pytest.Item, why: str) -> NoReturn:
    """Fail this test, and stop the run instead of failing all others for the same reason."""
    item.user_properties.append((HOPELESS, why))
    raise pytest.fail.Exception(why, pytrace=False) from None


def kept(config: pytest.Config, folders: List[Path]) -> None:
    """Have the folders named at the end of the run."""
    config.stash[KEPT] = [str(folder) for folder in folders]


@pytest.hookimpl(tryfirst=True)  # type: ignore[misc] # Its decorator is untyped.
def pytest_sessionstart(session: pytest.Session) -> None:
    """Add the part that reports, where this is that process."""
    if not hasattr(session.config, "workerinput"):
        reporter = Reporter(session)
        session.config.pluginmanager.register(reporter)
        if not session.config.option.collectonly:
            reporter.begin()


def pytest_deselected(items: List[pytest.Item]) -> None:
    """Remember why the claims of a test were not tried."""
    for item in items:
        names = {marker.name for marker in item.iter_markers()}
        why = ("checked only on the project's own programs" if "products" in names else
               "left out by --level behaviour" if "calls" in names else
               NOT_HANDED_IN)
        for marker in item.iter_markers("claims"):
            for claim in marker.args:
                LEFT_OUT.setdefault(claim, why)


class Reporter:
    """The part of this plugin that only the reporting process has."""

    def __init__(self, session: pytest.Session) -> None:
        self.config = session.config
        self.session = session
        self.subject = session.config.stash[SUBJECT]
        self.cases: List[Case] = []
        self.left_out = LEFT_OUT
        self.launched = 0
        self.began = time.time()
        self.stopped = ""
        self.told = False
        self.spoken = time.monotonic()
        self.screen: Any = None
        self.verdict: Optional[Verdict] = None
        self.junit: Optional[Path] = None
        # Beside the verdict, so that several checks at once do not share it.
        file = session.config.getoption("verdict")
        self.log = Path(file).with_suffix(".log") if file else BUILD / "check" / "log.txt"

    def say(self, *lines: str) -> None:
        """Print on the screen of a check."""
        for line in lines:
            self.screen.line(line)
        self.screen.flush()
        self.spoken = time.monotonic()

    def begin(self) -> None:
        """Look at the programs that were handed in, and say at once what is wrong with them. All
        that pytest itself has to say goes to the log."""
        if not self.subject.foreign:
            return
        reporter = self.config.pluginmanager.getplugin("terminalreporter")
        self.screen = reporter._tw
        self.log.parent.mkdir(parents=True, exist_ok=True)
        file = open(self.log, "w", encoding="utf-8")
        self.config.add_cleanup(file.close)
        reporter._tw = type(self.screen)(file)
        self.junit = junit.taken_over(self.config)
        hosts = self.config.stash[HOSTS] = Hosts(settings(self.config),
                                                 self.subject.pairs[0].words.name)
        self.config.add_cleanup(hosts.close)
        try:
            look_first(self.subject, hosts.get(), self.config.getoption("level") == "calls")
        except (HarnessError, Win32Error) as problem:
            pytest.exit(f"! no verdict: {problem}", 3)
        kept(self.config, hosts.kept)
        if self.config.pluginmanager.hasplugin("dsession"):
            hosts.close()  # The tests are run by others.
        self.say_early()

    def say_early(self) -> None:
        """Say the first claim that is known to be broken, as soon as it is."""
        early = judge(self.cases, set(self.subject.handed_in), self.subject.record)
        broken = [name for name in early.of("broken") if name[0] in "BWR"]
        if broken and not self.told:
            self.told = True
            self.say(head(broken[0], early.claims[broken[0]]), "Checking goes on …")

    @property
    def _stopper(self) -> Any:
        return self.config.pluginmanager.getplugin("dsession") or self.session

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what the test says, and stop at the first that knows that none can go on."""
        for name, why in report.user_properties:
            if name == HOPELESS:
                self._stopper.shouldstop = self.stopped = str(why)
        case = case_of(report)
        if case:
            self.cases.append(case)
        if self.screen and not self.told and case and case.record.findings:
            self.say_early()
        if self.screen and time.monotonic() - self.spoken > SIGN_OF_LIFE:
            self.say(f"… {len(self.cases)} tests done")

    @pytest.hookimpl(optionalhook=True)  # type: ignore[misc] # Its decorator is untyped.
    def pytest_testnodedown(self, node: Any) -> None:
        """Take over what a worker has kept."""
        output = getattr(node, "workeroutput", {})
        self.config.stash[KEPT] = self.config.stash.get(KEPT, []) + output.get("kept", [])
        self.launched += output.get("launched", 0)
        for claim, why in output.get("left_out", {}).items():
            self.left_out.setdefault(claim, why)

    @pytest.hookimpl(tryfirst=True)  # type: ignore[misc] # Its decorator is untyped.
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Work out the verdict, write it, and let the exit status say it."""
        subject = self.subject
        halves = set(subject.handed_in) or {"first_process", "second_process"}
        self.verdict = judge(self.cases, halves, subject.record, self.left_out)
        file = self.config.getoption("verdict")
        if file:
            Path(file).write_text(json.dumps(self.data(), indent=1) + "\n", encoding="utf-8")
        if self.junit:
            junit.write_claims(self.junit, self.verdict, [
                *header.pytest_report_header(self.config), f"commit: {junit.commit()}"])
        if subject.foreign and exitstatus in (0, 1):
            session.exitstatus = {"kept": 0, "broken": 1, "none": 3}[self.verdict.verdict]

    def data(self) -> Dict[str, Any]:
        """The verdict as it is written to a file."""
        assert self.verdict
        pairs = self.subject.pairs
        files = [{"program": name, "command": half.command, "file": str(half.file),
                  "sha256": sha256(half.file), "arch": half.arch, "charset": half.charset}
                 for pair in pairs for name, half in ((WRITER, pair.writer), (READER, pair.reader))
                 if half.file.exists()]
        subject = {file["program"]: {name: file[name] for name in (
            "file", "sha256", "arch", "charset")} for file in files
            if file["program"] in self.subject.handed_in}
        return {"verdict": self.verdict.verdict, "level": self.config.getoption("level"),
                "subject": subject, "files": files, "words": asdict(pairs[0].words),
                "commit": junit.commit(),
                "platform": platform_name(self.config.getoption("wine")),
                "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.began)),
                "seconds": round(time.time() - self.began, 1),
                "programs": self.launched + Host.launched, **self.verdict.data(),
                "tests": [case.data() for case in self.cases]}

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say the verdict; in a run on the products, in short."""
        terminalreporter.write_line(f"programs launched: {self.launched + Host.launched}")
        for folder in self.config.stash.get(KEPT, []):
            terminalreporter.write_line(f"kept: {folder}")
            if self.screen:
                self.say(f"kept: {folder}")
        if self.screen and self.verdict:
            if self.stopped:
                self.say(f"! no verdict: {self.stopped}")
            else:
                self.say(*verdict_lines(self.verdict, self.subject.describe(), str(self.log)))
        elif self.cases and len({claim for case in self.cases for claim in case.claims}) > 1:
            for line in product_lines(self.cases, self.left_out):
                terminalreporter.write_line(line)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker hands over what it has kept."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["kept"] = session.config.stash.get(KEPT, [])
        output["launched"] = Host.launched
        output["left_out"] = LEFT_OUT
