"""The fixtures of checks: a host, a pair of programs in it, and what a check sees and knows."""
from __future__ import annotations

from pathlib import Path
from typing import Iterator

import pytest

from harness.driver.errors import HarnessError
from harness.driver.host import Host
from harness.driver.hosts import Hosts
from harness.driver.pair import Pair, Scene
from harness.driver.waiting import deadlines
from harness.judge.checks import BOARD, Mine, See
from harness.judge.collecting import KNOWN, enter, hopeless, mine, skip_as_one
from harness.judge.limits import unlimited
from harness.judge.options import settings
from harness.judge.plugin import RESULT
from harness.judge.reporter import KEPT
from harness.judge.starter import Starter
from harness.judge.subject import SUBJECT


@pytest.fixture(scope="session")
def hosts(pytestconfig: pytest.Config) -> Iterator[Hosts]:
    """Manage the one host of this process, which may be replaced; end it with the session."""
    subject = pytestconfig.stash[SUBJECT]
    hosts = Hosts(settings(pytestconfig.option, subject.shown()),
                  subject.words.name if subject.handed_in else "")
    yield hosts
    hosts.close()
    pytestconfig.stash[KEPT] = [str(folder) for folder in hosts.kept]


def _prepared(hosts: Hosts, item: pytest.Item) -> Host:
    """Return the host; for programs that were handed in, fit the deadlines to this machine."""
    host = hosts.get()
    known = item.config.stash[KNOWN]
    if item.config.stash[SUBJECT].handed_in:
        known.note("unsafe", host.unsafe)
        if deadlines.step == float("inf"):
            known.note("pace", str(host.pace()))
            deadlines.measured(known.pace)
    return host


@pytest.fixture
def host(hosts: Hosts, request: pytest.FixtureRequest) -> Iterator[Host]:
    """Return a clean host; whatever a test leaves running there is ended after it.

    A Windows run without the privilege to create the object skips all tests except those marked
    `unprivileged`, which test just that."""
    # Opening can take long, so its messages go to the terminal.
    capture = request.config.pluginmanager.getplugin("capturemanager")
    try:
        with capture.global_and_fixture_disabled(), unlimited():
            host = request.node.host = _prepared(hosts, request.node)
    except HarnessError as problem:
        hopeless(request.node, str(problem))
    refused = host.refuses(request.config.stash[SUBJECT].words.name)
    if refused and not request.node.get_closest_marker("unprivileged"):
        skip_as_one(refused)
    yield host
    hosts.clear()


@pytest.fixture
def see(request: pytest.FixtureRequest) -> See:
    """Record what a check sees; see checks.py."""
    known = mine(request.node)
    pairs = [pair for pair in request.config.stash[SUBJECT].pairs if str(pair) == known.pair]
    file, own = None, None
    if pairs and known.role:
        subject = request.config.stash[SUBJECT]
        file = subject.half(pairs[0], known.role).file
        program = subject.handed_in.get(known.role, {}).get(known.pair)
        own = Path(program.source if program and program.source else file)
    return See(request.node.stash[RESULT], request.config.stash[BOARD] / "findings", file, own)


@pytest.fixture
def known(request: pytest.FixtureRequest) -> Mine:
    """Return what is known about the program of a check."""
    return mine(request.node)


@pytest.fixture
def scene(host: Host, pair: Pair, request: pytest.FixtureRequest) -> Scene:
    """Return a pair in a host that can run it, once for each checked pair. Both programs run
    untraced."""
    enter(request.node, host, pair)
    subject = request.config.stash[SUBJECT]
    if subject.handed_in and not subject.complete:
        pytest.skip("both programs must use the same words: hand in both")
    return Scene(host, pair)


@pytest.fixture
def start(host: Host, pair: Pair, known: Mine, see: See, request: pytest.FixtureRequest) -> Starter:
    """Return the starter of the program of a check; see starter.py."""
    enter(request.node, host, pair)
    subject = request.config.stash[SUBJECT]
    return Starter(host, subject.half(pair, known.role), known.role, subject.words, known, see,
                   request.config.getoption("level") == "calls")
