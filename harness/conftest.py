"""Options, fixtures and the report header of the conformance suite."""
from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from typing import Any, Generator, Iterator, List

import pytest

from driver import junit, lane, verdict
from driver.claims import CLAIMS
from driver.errors import Expired, HarnessError
from driver.gaps import HERE, WINE
from driver.guard import Guard
from driver.host import Host, Settings
from driver.hosts import Hosts
from driver.pair import VARIANTS, Pair, Scene, foreign_pair, product_pair
from driver.patience import AFTER_A_HANG, DEADLINE, patience
from trial import Place


def is_foreign(config: pytest.Config) -> bool:
    """Whether this run judges somebody's own program."""
    return bool(config.getoption("first_process") or config.getoption("second_process"))


def judged_pairs(config: pytest.Config) -> List[Pair]:
    """The pairs that this run judges: somebody's own, or the products in each variant."""
    first, second = config.getoption("first_process"), config.getoption("second_process")
    if not is_foreign(config):
        return [product_pair(*variant) for variant in VARIANTS]
    try:
        return [foreign_pair(first, second, config.getoption("charset"))]
    except HarnessError as problem:
        raise pytest.UsageError(str(problem))


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options that choose what is judged and where it runs."""
    group = parser.getgroup("named shared memory")
    group.addoption("--first-process", metavar="CMD",
                    help="judge this writer: an .exe, with arguments if it has any")
    group.addoption("--second-process", metavar="CMD", help="judge this reader, likewise")
    group.addoption("--charset", choices=("ansi", "unicode"),
                    help="what the programs of --first-process and --second-process are built for")
    group.addoption("--level", choices=("behaviour", "calls"), default="calls",
                    help="leave out the checks of exact API calls (behaviour), or not (calls)")
    group.addoption("--display", choices=("null", "x11"), default="null",
                    help="draw windows nowhere (null), or on the X display of DISPLAY (x11)")
    group.addoption("--prefix", choices=("minimal", "full"),
                    help="kind of Wine prefix; by default minimal, and full where that fails")
    group.addoption("--wine", metavar="PATH", help="the Wine to use instead of the one on PATH")
    group.addoption("--keep", action="store_true",
                    help="leave each host's folder for somebody to look at")
    group.addoption("--ceiling", metavar="SECONDS", type=float, default=1800.0,
                    help="stop the whole run after that long (default: %(default)g)")
    group.addoption("--deadline", metavar="SECONDS", type=float, default=DEADLINE,
                    help="how long a program may take for one step (default: %(default)g)")
    group.addoption("--require-32bit", action="store_true",
                    help="fail, instead of skipping tests, where 32-bit programs cannot be run")


@pytest.hookimpl(tryfirst=True)  # type: ignore[misc] # Its decorator is untyped.
def pytest_configure(config: pytest.Config) -> None:
    """Declare the markers, and give each parallel worker a processor of its own."""
    for marker in ("patience(seconds): the test may take that long, and not only 15 s",
                   "claims(*ids): the claims that the test settles",
                   "calls: looks at the exact API calls; left out by --level behaviour",
                   "products: is about the project's own files; left out for another pair",
                   "gap(name): meets a platform gap, and must fail where the platform has it",
                   "unprivileged: needs no object, so runs where none may be created"):
        config.addinivalue_line("markers", marker)
    if not config.getoption("deadline") > 0:
        raise pytest.UsageError("--deadline: give it in seconds, and more than 0")
    patience.scale = config.getoption("deadline") / DEADLINE
    if is_foreign(config):
        patience.after_a_hang = AFTER_A_HANG
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    config.pluginmanager.register(Guard(None if worker else config.getoption("ceiling")))
    config.pluginmanager.register(verdict)
    if not (worker or config.option.basetemp or sys.platform == "win32"):
        from driver.kept import Keeper
        try:
            keeper = Keeper(False)
        except HarnessError as problem:
            raise pytest.UsageError(str(problem))
        # pytest would leave the folders of tests and workers behind.
        config.option.basetemp = str(keeper.folder / "pytest")
        config.add_cleanup(keeper.close)
    config.pluginmanager.register(lane)
    if worker and hasattr(os, "sched_setaffinity"):
        # A Wine server and its clients talk all the time; on one processor they do it quicker.
        allowed = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {allowed[int(worker[2:]) % len(allowed)]})


def _version(program: str) -> str:
    path = shutil.which(program)
    if not path:
        return f"no {program}"
    done = subprocess.run([path, "--version"], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=20)
    return done.stdout.split("\n", 1)[0]


def pytest_report_header(config: pytest.Config) -> List[str]:
    """What the verdicts depend on: platform, compiler, prefix."""
    judged = [str(pair) for pair in judged_pairs(config)]
    lines = [f"judged: {', '.join(judged)}; level: {config.getoption('level')}",
             f"python: {platform.python_version()}; pytest: {pytest.__version__}"]
    return lines + ([f"platform: {platform.platform()}"] if sys.platform == "win32" else
                    _wine_header(config))


def _wine_header(config: pytest.Config) -> List[str]:
    # Here and not above: a Windows run needs nothing of it.
    from driver.wine import find_wine
    try:
        wine = find_wine(config.getoption("wine")).version()
    except HarnessError as problem:
        raise pytest.UsageError(str(problem))
    kind = config.getoption("prefix") or "minimal (full where that does not work)"
    gaps = [f"gap {name} ({', '.join(gap.claims)}): {gap.documented}; here {gap.seen}"
            for name, gap in HERE.items()]
    return [f"wine: {wine}; prefix: {kind}; display: {config.getoption('display')}",
            f"compiler: {_version('x86_64-w64-mingw32-gcc')}"] + gaps


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


@pytest.fixture(scope="session")
def hosts(pytestconfig: pytest.Config) -> Iterator[Hosts]:
    """The keeper of this process's host; ends it with the session."""
    option = pytestconfig.getoption
    keeper = Hosts(Settings(option("display"), option("prefix"), option("wine"), option("keep")))
    yield keeper
    keeper.close()
    verdict.kept(pytestconfig, keeper.kept)


@pytest.fixture
def host(hosts: Hosts, request: pytest.FixtureRequest) -> Iterator[Host]:
    """A host with nothing in it; whatever a test leaves there is ended after it.

    A Windows run that may not create the object skips all tests but those with the marker
    `unprivileged`."""
    # What is said while it opens, since that can take long, is for the person at the terminal.
    capture = request.config.pluginmanager.getplugin("capturemanager")
    try:
        with capture.global_and_fixture_disabled():
            host = request.node.host = hosts.get()
    except HarnessError as problem:
        verdict.hopeless(request.node, str(problem))
    if not host.may_create and not request.node.get_closest_marker("unprivileged"):
        pytest.skip("creating a name under Global\\ needs SeCreateGlobalPrivilege here: run this "
                    "from an elevated prompt (docs/windows.md)")
    yield host
    hosts.clear()


@pytest.fixture
def place() -> Iterator[Place]:
    """Surroundings in which the harness itself is tried; nothing may be left in them."""
    place = Place()
    yield place
    place.close()


@pytest.fixture
def scene(host: Host, pair: Pair, request: pytest.FixtureRequest) -> Scene:
    """A pair in a host that can run it, once for each pair that is judged."""
    lane.enter(request.node, host, pair)
    return Scene(host, pair)


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
