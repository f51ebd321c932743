"""The pytest plugin: lets each check wait for what it needs, and keeps its result."""
from __future__ import annotations

import json
import os
import pickle
import sys
import time
from pathlib import Path
from typing import Any, Dict, Generator, Optional, Set

import pytest

from harness.driver.errors import HarnessError, HostLost
from harness.driver.hosts import on_wine
from harness.driver.waiting import DEADLINE, TEST, deadlines
from harness.judge import collecting, options, reporter
from harness.judge.checks import BOARD, fail_if_wrong, facts_of, not_judged, of
from harness.judge.claims import claim_of
from harness.judge.collecting import KNOWN, names
from harness.judge.gaps import HERE, WINE
from harness.judge.limits import Limits
from harness.judge.reporter import Reporter, worker_output
from harness.judge.results import Result
from harness.judge.scratch import new_folder
from harness.judge.subject import SUBJECT, chosen
from harness.judge.verdict import HARMLESS
from harness.judge.words import clean

# pytest looks for these here.
pytest_addoption = options.pytest_addoption
pytest_report_header = reporter.pytest_report_header

MARKERS = (
    f"time_limit(seconds): how long the test may take, instead of {TEST:g} s",
    "check(*facts, about, needs, gives): see harness/judge/checks.py",
    "calls: looks at the exact API calls; left out by --level behaviour",
    "products: is about the project's own files; left out for another pair",
    "gap(name): meets a platform gap, and fails where the platform has it",
    "unprivileged: needs no object under Global\\, so runs where none may be created")
RESULT = pytest.StashKey[Result]()


@pytest.hookimpl(tryfirst=True)  # type: ignore[misc] # Its decorator is untyped.
def pytest_configure(config: pytest.Config) -> None:
    """Declare the markers, determine what is checked, and set up this process."""
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)
    # Not from the environment: a run that a worker's test starts inherits that.
    worker = getattr(config, "workerinput", {}).get("workerid", "")
    config.pluginmanager.register(Limits(None if worker else config.getoption("ceiling")))
    config.pluginmanager.register(collecting)
    if on_wine():
        HERE.update(WINE)
    try:
        if worker:
            _configure_worker(config, worker)
        else:
            _configure(config)
    except HarnessError as problem:
        raise pytest.UsageError(str(problem))
    except OSError as problem:
        raise pytest.UsageError(f"the temporary folder cannot be used ({problem}); set TMPDIR to "
                                "another one")


def _configure(config: pytest.Config) -> None:
    """Set up the process that reports, and may also run the checks. Raises HarnessError."""
    options.validate(config.option)
    deadlines.scale = config.getoption("deadline") / DEADLINE
    wine = config.getoption("wine") or os.environ.get("WINE")
    if wine and sys.platform != "win32":
        from harness.driver.wine.installation import find_wine
        # For runs that tests start in other folders, too.
        os.environ["WINE"] = str(find_wine(wine).loader)
    if SUBJECT not in config.stash:
        config.stash[SUBJECT] = chosen(config.option)
    config.stash[BOARD] = new_folder()
    (config.stash[BOARD] / "began").write_text(str(time.time()))
    if sys.platform != "win32" and not config.option.basetemp:
        # pytest would leave the folders of tests and workers behind.
        config.option.basetemp = str(new_folder())
    if not config.option.collectonly:
        config.pluginmanager.register(Reporter(config), "reporter of verdicts")


def _configure_worker(config: Any, worker: str) -> None:
    """Set up a parallel worker: what the controller knows, and a processor of its own."""
    deadlines.scale = config.getoption("deadline") / DEADLINE
    config.stash[SUBJECT] = pickle.loads(config.workerinput["subject"])
    config.stash[BOARD] = Path(config.workerinput["board"])
    if hasattr(os, "sched_setaffinity"):
        # A Wine server and its clients communicate faster on one processor.
        allowed = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {allowed[int(worker[2:]) % len(allowed)]})


@pytest.hookimpl(optionalhook=True)  # type: ignore[misc] # Its decorator is untyped.
def pytest_configure_node(node: Any) -> None:
    """Pass a worker what is checked."""
    node.workerinput["subject"] = pickle.dumps(node.config.stash[SUBJECT])
    node.workerinput["board"] = str(node.config.stash[BOARD])


@pytest.hookimpl(tryfirst=True)  # type: ignore[misc] # Its decorator is untyped.
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Begin a result; skip a check if its program has not reached the milestones that it needs."""
    item.stash[RESULT] = result = _begun(item)
    mark = of(item)
    for name in sorted(names(item, "needs")):
        answer = item.config.stash[KNOWN].ask(name)
        if answer["left_out"]:
            collecting.skip_as_one(answer["why"])
        if answer["because"] or answer["why"]:
            result.because, result.needed = answer["because"] or [], name
            pytest.skip(not_judged(result.because) if result.because else answer["why"])
    if mark and item.config.stash[SUBJECT].handed_in:
        if not mark.kwargs["about"]:
            # O and H claims are judged only if each program alone is right.
            result.because = sorted(_found(item.config) - HARMLESS)
            if result.because:
                pytest.skip(not_judged(result.because))
        if item.config.stash[KNOWN].spare_time() < 0.0:
            result.needed = "time"
            pytest.skip("its programs take so long that there was no time left for it")


def _found(config: pytest.Config) -> Set[str]:
    """Return the claims about programs that the run has found to be broken so far."""
    file = config.stash[BOARD] / "findings"
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return {claim_of(fact) for fact in (json.loads(line)["fact"] for line in lines)
            if fact[0] in "BWR"}


def _begun(item: pytest.Item) -> Result:
    pair = item.callspec.params.get("pair") if hasattr(item, "callspec") else None
    mark = of(item)
    lines = (getattr(getattr(item, "obj", None), "__doc__", None) or "").split("\n\n")[0]
    gap = next((each.args[0] for each in item.iter_markers("gap") if each.args[0] in HERE), "")
    return Result(item.nodeid, str(pair or ""), mark.kwargs["about"] if mark else "",
                  facts_of(item), "gap" if gap else "", tells=" ".join(lines.split()), gap=gap)


@pytest.hookimpl(trylast=True)  # type: ignore[misc] # Its decorator is untyped.
def pytest_runtest_call(item: pytest.Item) -> None:
    """Fail a check that has finished and has seen facts that do not hold."""
    fail_if_wrong(item.stash[RESULT])


@pytest.hookimpl(hookwrapper=True)  # type: ignore[misc] # Its decorator is untyped.
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Generator[None, Any, None]:
    """Attach the result to the report, and publish the milestones that this check determines."""
    report = (yield).get_result()
    host = getattr(item, "host", None)
    if report.failed and host:
        if report.when == "call":
            report.sections.append(("the programs of this test", host.describe()))
        report.sections.append(("the agent's requests and answers", host.story()))
    if report.passed and call.when != "call" or RESULT not in item.stash:
        return
    result = item.stash[RESULT]
    if call.when == "teardown":
        result = Result(f"{item.nodeid}, afterwards", result.pair, result.about)
    result.seconds, result.outcome = round(call.duration, 3), report.outcome
    if hasattr(report, "wasxfail"):
        result.outcome = "gap" if report.skipped else "passed"
    elif report.failed and (call.when != "call" or call.excinfo.errisinstance(HarnessError)):
        # The type decides, never the text, which contains what a program printed.
        result.outcome = "error"
    if call.excinfo and not result.broken():
        told = str(call.excinfo.value).strip().splitlines() or [call.excinfo.typename]
        result.why = clean(getattr(report, "wasxfail", "") or told[0])[:400]
        if call.excinfo.errisinstance(HostLost) and result.about in item.config.stash[
                SUBJECT].handed_in:
            result.survivor = result.about
    because = set(result.because + result.broken()) - HARMLESS
    left_out = result.outcome == "skipped" and not (because or result.needed)
    for name in names(item, "gives"):
        item.config.stash[KNOWN].give(name, None, sorted(because), result.why or
                                      "its check did not get that far", left_out)
    report.check = pickle.dumps(result)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Pass on what a worker has kept."""
    output: Optional[Dict[str, Any]] = getattr(session.config, "workeroutput", None)
    if output is not None:
        output.update(worker_output(session.config))
