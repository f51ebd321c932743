"""Options, fixtures and the report header of the conformance suite."""
from __future__ import annotations

import os
import platform
import shutil
import subprocess
from typing import Any, Generator, Iterator, List, Optional

import pytest

from driver.claims import CLAIMS
from driver.errors import Expired, HarnessError
from driver.gaps import HERE, WINE
from driver.host import Host, Settings, open_host
from driver.pair import Pair, Scene, foreign_pair, product_pair
from driver.patience import AFTER_A_HANG, patience
from driver.wine import find_wine


def is_foreign(config: pytest.Config) -> bool:
    """Whether this run judges somebody's own program."""
    return bool(config.getoption("first_process") or config.getoption("second_process"))


def judged_pairs(config: pytest.Config) -> List[Pair]:
    """The pairs that this run judges: somebody's own, or the products in each variant."""
    first, second = config.getoption("first_process"), config.getoption("second_process")
    if not is_foreign(config):
        return [product_pair("x86_64", charset) for charset in ("ansi", "unicode")]
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


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker, and give each parallel worker a processor of its own."""
    for marker in ("patience(seconds): the test may take that long, and not only 15 s",
                   "claims(*ids): the claims that the test settles",
                   "calls: looks at the exact API calls; left out by --level behaviour",
                   "products: is about the project's own files; left out for another pair",
                   "gap(name): meets a platform gap, and must fail where the platform has it"):
        config.addinivalue_line("markers", marker)
    if is_foreign(config):
        patience.after_a_hang = AFTER_A_HANG
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
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
    if platform.system() == "Windows":
        return [f"platform: {platform.platform()}"]
    try:
        wine = find_wine(config.getoption("wine")).version()
    except HarnessError as problem:
        raise pytest.UsageError(str(problem))
    kind = config.getoption("prefix") or "minimal (full where that does not work)"
    judged = [str(pair) for pair in judged_pairs(config)]
    gaps = [f"gap {name} ({', '.join(gap.claims)}): {gap.documented}; here {gap.seen}"
            for name, gap in HERE.items()]
    return [f"judged: {', '.join(judged)}; level: {config.getoption('level')}",
            f"wine: {wine}; prefix: {kind}; display: {config.getoption('display')}",
            f"compiler: {_version('x86_64-w64-mingw32-gcc')}",
            f"python: {platform.python_version()}; pytest: {pytest.__version__}"] + gaps


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Repeat a test that takes a `pair`, or a `scene` with one, for each pair that is judged."""
    if "pair" in metafunc.fixturenames:
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
        for marker in item.iter_markers("claims"):
            item.user_properties += [("claim", claim) for claim in marker.args]
        judged = getattr(item, "callspec", None)
        if judged and "pair" in judged.params:
            item.user_properties.append(("pair", str(judged.params["pair"])))
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


class Hosts:
    """The one host of this process, replaced when it is lost."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.current: Optional[Host] = None

    def get(self) -> Host:
        """A host that works."""
        if self.current and self.current.lost:
            self.close()
        if not self.current:
            self.current = open_host(self.settings)
        return self.current

    def close(self) -> None:
        """End the host, if there is one."""
        host, self.current = self.current, None
        if host:
            host.close()


@pytest.fixture(scope="session")
def hosts(pytestconfig: pytest.Config) -> Iterator[Hosts]:
    """The keeper of this process's host; ends it with the session."""
    option = pytestconfig.getoption
    keeper = Hosts(Settings(option("display"), option("prefix"), option("wine"), option("keep")))
    yield keeper
    keeper.close()


@pytest.fixture
def host(hosts: Hosts, request: pytest.FixtureRequest) -> Iterator[Host]:
    """A host with nothing in it; whatever a test leaves there is ended after it."""
    host = hosts.get()
    request.node.host = host
    yield host
    if host.lost:
        hosts.close()
    else:
        host.sweep()


@pytest.fixture
def scene(host: Host, pair: Pair) -> Scene:
    """A pair in a host, once for each pair that is judged."""
    return Scene(host, pair)


@pytest.hookimpl(hookwrapper=True)  # type: ignore[misc] # Its decorator is untyped.
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, None]:
    """Add the claims and the agent's timeline to a failure."""
    outcome = yield
    report = outcome.get_result()
    host = getattr(item, "host", None)
    claims = [claim for marker in item.iter_markers("claims") for claim in marker.args]
    if report.failed and claims:
        report.sections.append(("the claims of this test", "\n".join(
            f"{claim}: {CLAIMS[claim]}" for claim in claims)))
    if report.failed and host:
        report.sections.append(("the agent's requests and answers", host.story()))
