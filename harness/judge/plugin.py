"""The pytest plugin: what is done with the tests before and after they run."""
from __future__ import annotations

import os
import pickle
import sys
import tempfile
from pathlib import Path
from typing import Any, Generator, List, Optional

import pytest

from harness.driver.errors import Expired, HarnessError
from harness.driver.hosts import on_wine
from harness.driver.paths import ROOT
from harness.driver.waiting import DEADLINE, TEST, deadlines
from harness.judge import findings, header, junit, options, skip32, workers
from harness.judge.findings import READER, WRITER, board
from harness.judge.gaps import HERE, WINE
from harness.judge.limits import Limits
from harness.judge.subject import SUBJECT, Subject, chosen

# pytest looks for these here.
pytest_addoption = options.pytest_addoption
pytest_report_header = header.pytest_report_header

MARKERS = (
    f"time_limit(seconds): how long the test may take, instead of {TEST:g} s",
    "claims(*ids): the claims that the test settles",
    "about(half): is about the writer or the reader alone, or about both",
    "calls: looks at the exact API calls; left out by --level behaviour",
    "products: is about the project's own files; left out for another pair",
    "gap(name): meets a platform gap, and must fail where the platform has it",
    "unprivileged: needs no object under Global\\, so runs where none may be created")
SELFTESTS = ROOT / "harness" / "selftests"
BOARD = pytest.StashKey[Path]()


@pytest.hookimpl(tryfirst=True)  # type: ignore[misc] # Its decorator is untyped.
def pytest_configure(config: pytest.Config) -> None:
    """Declare the markers, find out what is checked, and set up this process."""
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)
    if not config.getoption("deadline") > 0:
        raise pytest.UsageError("--deadline: give it in seconds, and more than 0")
    deadlines.scale = config.getoption("deadline") / DEADLINE
    # A run that a test starts inherits the environment of a worker, and is none.
    worker = getattr(config, "workerinput", {}).get("workerid", "")
    config.pluginmanager.register(Limits(None if worker else config.getoption("ceiling")))
    config.pluginmanager.register(workers)
    config.pluginmanager.register(skip32)
    if on_wine():
        HERE.update(WINE)
    if worker:
        _configure_worker(config, worker)
        return
    try:
        if config.getoption("wine") and sys.platform != "win32":
            use_inside(config.getoption("wine"))
        config.stash[SUBJECT] = chosen(config)
        config.stash[BOARD] = _scratch_folder(config) / "board"
        config.stash[BOARD].mkdir()
    except HarnessError as problem:
        raise pytest.UsageError(str(problem))
    except OSError as problem:
        raise pytest.UsageError(f"the temporary folder cannot be used ({problem}); set TMPDIR to "
                                "another one")
    findings.board.share(config.stash[BOARD], "main")


def use_inside(wine: str) -> None:
    """Let runs that tests start find the Wine of `--wine` first, too. Raises HarnessError."""
    from harness.driver.wine.installation import find_wine
    folder = find_wine(wine).loader.parent
    os.environ["PATH"] = os.pathsep.join([str(folder), os.environ.get("PATH", os.defpath)])


def _scratch_folder(config: pytest.Config) -> Path:
    """A folder of this run that goes with it. Raises HarnessError where none can be made."""
    if sys.platform == "win32":
        folder = tempfile.TemporaryDirectory(prefix="named-shared-memory-")
        config.add_cleanup(folder.cleanup)
        return Path(folder.name)
    from harness.driver.wine.supervised import Supervisor
    supervisor = Supervisor(False)
    config.add_cleanup(supervisor.close)
    if not config.option.basetemp:
        # pytest would leave the folders of tests and workers behind.
        config.option.basetemp = str(supervisor.folder / "pytest")
    return supervisor.folder


def _configure_worker(config: Any, worker: str) -> None:
    """What the controller knows, and a processor of its own, for a parallel worker."""
    config.stash[SUBJECT] = pickle.loads(config.workerinput["subject"])
    deadlines.step = config.stash[SUBJECT].step
    board.share(Path(config.workerinput["board"]), worker)
    if hasattr(os, "sched_setaffinity"):
        # A Wine server and its clients talk all the time; on one processor they do it quicker.
        allowed = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {allowed[int(worker[2:]) % len(allowed)]})


@pytest.hookimpl(optionalhook=True)  # type: ignore[misc] # Its decorator is untyped.
def pytest_configure_node(node: Any) -> None:
    """Tell a worker what is checked, and what is known of it."""
    node.workerinput["subject"] = node.config.stash[SUBJECT].dump()
    node.workerinput["board"] = str(node.config.stash[BOARD])


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> Optional[bool]:
    """The harness's tests of itself have nothing to say about somebody's own program."""
    return True if config.stash[SUBJECT].foreign and collection_path == SELFTESTS else None


def pytest_sessionstart(session: pytest.Session) -> None:
    """Put what the verdicts depend on into the JUnit file, too."""
    junit.note_surroundings(session.config)


def _claims_of(item: pytest.Item) -> List[str]:
    return [claim for marker in item.iter_markers("claims") for claim in marker.args]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Repeat a test that takes a `pair`, or a `scene` with one, for each pair that is checked,
    unless it names the pairs itself."""
    named = [mark.args[0] for mark in metafunc.definition.iter_markers("parametrize")]
    if "pair" in metafunc.fixturenames and "pair" not in named:
        metafunc.parametrize("pair", metafunc.config.stash[SUBJECT].pairs, ids=str)


def _left_out(item: pytest.Item, subject: Subject, level: str) -> bool:
    """Whether the test has nothing to say about what is checked."""
    names = {marker.name for marker in item.iter_markers()}
    if level == "behaviour" and "calls" in names:
        return True
    if not subject.foreign:
        return False
    about = item.get_closest_marker("about")
    others = {"writer": [WRITER], "reader": [READER]}.get(
        about.args[0] if about else "", [WRITER, READER])
    return "products" in names or not any(half in subject.handed_in for half in others)


def pytest_collection_modifyitems(config: pytest.Config, items: List[pytest.Item]) -> None:
    """Leave out what does not apply, expect platform gaps, and note claims for JUnit. Tests about
    one program come first, since what they find decides about those of both; and what it does when
    all goes well before how it fails, since more people get that wrong."""
    subject = config.stash[SUBJECT]
    dropped = [item for item in items if _left_out(item, subject, config.getoption("level"))]
    kept = [item for item in items if item not in set(dropped)]
    for item in kept:
        item.user_properties += [("claim", claim) for claim in _claims_of(item)]
        item.user_properties += junit.about(item)
        for marker in item.iter_markers("gap"):
            if marker.args[0] not in WINE:
                raise pytest.UsageError(f"{item.nodeid}: no gap is called {marker.args[0]}")
            if marker.args[0] in HERE:
                # A broken harness is no gap, and somebody's own program need not meet it.
                item.add_marker(pytest.mark.xfail(
                    strict=not subject.foreign, raises=(AssertionError, Expired),
                    reason=f"gap {marker.args[0]}: {HERE[marker.args[0]].seen}"))
    if subject.foreign:
        kept.sort(key=lambda item: (pytest.mark.about("both").mark in item.iter_markers("about"),
                                    item.path.stem == "test_failures"))
    items[:] = kept
    config.hook.pytest_deselected(items=dropped)


@pytest.hookimpl(tryfirst=True)  # type: ignore[misc] # Its decorator is untyped.
def pytest_runtest_setup() -> None:
    """A new record for a new test."""
    board.begin()


@pytest.hookimpl(trylast=True)  # type: ignore[misc] # Its decorator is untyped.
def pytest_runtest_call() -> None:
    """Fail a test that has run to its end with findings."""
    if board.record.findings:
        raise AssertionError("\n".join(map(str, findings.merged(board.record.findings))))


@pytest.hookimpl(hookwrapper=True)  # type: ignore[misc] # Its decorator is untyped.
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Generator[None, Any, None]:
    """Hand over the test's record, and add the agent's timeline to a failure."""
    if call.when == "call" or call.when == "setup" and call.excinfo:
        item.user_properties.append(("record", board.record.dump()))
    outcome = yield
    report = outcome.get_result()
    host = getattr(item, "host", None)
    if report.failed and host:
        if report.when == "call":
            report.sections.append(("the programs of this test", host.describe()))
        report.sections.append(("the agent's requests and answers", host.story()))
