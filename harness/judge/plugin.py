"""The pytest plugin: what is done with the tests before and after they run."""
from __future__ import annotations

import os
import sys
from typing import Any, Generator, List

import pytest

from harness.driver.errors import Expired, HarnessError
from harness.driver.waiting import AFTER_A_HANG, DEADLINE, deadlines
from harness.judge import header, junit, options, skip32, workers
from harness.judge.claims import CLAIMS
from harness.judge.gaps import HERE, WINE
from harness.judge.limits import Limits
from harness.judge.options import is_foreign, judged_pairs

# pytest looks for these here.
pytest_addoption = options.pytest_addoption
pytest_report_header = header.pytest_report_header


@pytest.hookimpl(tryfirst=True)  # type: ignore[misc] # Its decorator is untyped.
def pytest_configure(config: pytest.Config) -> None:
    """Declare the markers, and give each parallel worker a processor of its own."""
    for marker in ("time_limit(seconds): how long the test may take, instead of 15 s",
                   "claims(*ids): the claims that the test settles",
                   "calls: looks at the exact API calls; left out by --level behaviour",
                   "products: is about the project's own files; left out for another pair",
                   "gap(name): meets a platform gap, and must fail where the platform has it",
                   "unprivileged: needs no object, so runs where none may be created"):
        config.addinivalue_line("markers", marker)
    if not config.getoption("deadline") > 0:
        raise pytest.UsageError("--deadline: give it in seconds, and more than 0")
    deadlines.scale = config.getoption("deadline") / DEADLINE
    if is_foreign(config):
        deadlines.after_a_hang = AFTER_A_HANG
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    config.pluginmanager.register(Limits(None if worker else config.getoption("ceiling")))
    config.pluginmanager.register(workers)
    if not (worker or config.option.basetemp or sys.platform == "win32"):
        from harness.driver.wine.supervised import Supervisor
        try:
            supervisor = Supervisor(False)
        except HarnessError as problem:
            raise pytest.UsageError(str(problem))
        # pytest would leave the folders of tests and workers behind.
        config.option.basetemp = str(supervisor.folder / "pytest")
        config.add_cleanup(supervisor.close)
    config.pluginmanager.register(skip32)
    if worker and hasattr(os, "sched_setaffinity"):
        # A Wine server and its clients talk all the time; on one processor they do it quicker.
        allowed = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {allowed[int(worker[2:]) % len(allowed)]})


def _claims_of(item: pytest.Item) -> List[str]:
    return [claim for marker in item.iter_markers("claims") for claim in marker.args]


def pytest_sessionstart(session: pytest.Session) -> None:
    """Put what the verdicts depend on into the JUnit file, too."""
    junit.note_surroundings(session.config, pytest_report_header(session.config))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Repeat a test that takes a `pair`, or a `scene` with one, for each pair that is judged,
    unless it names the pairs itself."""
    named = [mark.args[0] for mark in metafunc.definition.iter_markers("parametrize")]
    if "pair" in metafunc.fixturenames and "pair" not in named:
        metafunc.parametrize("pair", judged_pairs(metafunc.config), ids=str)


def pytest_collection_modifyitems(config: pytest.Config, items: List[pytest.Item]) -> None:
    """Leave out what does not apply, expect platform gaps, and note claims for JUnit."""
    left_out = set()
    if is_foreign(config):
        left_out.add("products")
    if config.getoption("level") == "behaviour":
        left_out.add("calls")
    kept: List[pytest.Item] = []
    dropped: List[pytest.Item] = []
    for item in items:
        names = {marker.name for marker in item.iter_markers()}
        (dropped if names & left_out else kept).append(item)
        item.user_properties += [("claim", claim) for claim in _claims_of(item)]
        item.user_properties += junit.about(item)
        for marker in item.iter_markers("gap"):
            if marker.args[0] not in WINE:
                raise pytest.UsageError(f"{item.nodeid}: no gap is called {marker.args[0]}")
            if marker.args[0] in HERE:
                # A broken harness is no gap: only a verdict about the program counts as one.
                item.add_marker(pytest.mark.xfail(
                    strict=True, raises=(AssertionError, Expired),
                    reason=f"gap {marker.args[0]}: {HERE[marker.args[0]].seen}"))
    items[:] = kept
    config.hook.pytest_deselected(items=dropped)


@pytest.hookimpl(hookwrapper=True)  # type: ignore[misc] # Its decorator is untyped.
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, None]:
    """Add the claims and the agent's timeline to a failure."""
    outcome = yield
    report = outcome.get_result()
    host = getattr(item, "host", None)
    claims = _claims_of(item)
    if report.failed and report.when == "call" and claims:
        report.sections.append(("the claims of this test", "\n".join(
            f"{claim}: {CLAIMS[claim]}" for claim in claims)))
    if report.failed and host:
        host.spoil()
        if report.when == "call":
            report.sections.append(("the programs of this test", host.describe()))
        report.sections.append(("the agent's requests and answers", host.story()))
