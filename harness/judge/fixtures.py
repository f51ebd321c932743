"""The fixtures that a test of a claim starts from: a host, and a pair of programs in it."""
from __future__ import annotations

from typing import Iterator

import pytest

from harness.driver.errors import HarnessError
from harness.driver.host import Host
from harness.driver.hosts import Hosts
from harness.driver.meeting import Scene
from harness.driver.pair import Pair
from harness.driver.programs import Launch
from harness.judge import skip32, workers
from harness.judge.findings import board, not_judged
from harness.judge.limits import unlimited
from harness.judge.options import settings
from harness.judge.subject import SUBJECT, Subject


@pytest.fixture(scope="session")
def hosts(pytestconfig: pytest.Config) -> Iterator[Hosts]:
    """The one host of this process, whichever it is at the moment; ends it with the session."""
    hosts = pytestconfig.stash.get(workers.HOSTS, None) or Hosts(settings(pytestconfig))
    yield hosts
    hosts.close()
    workers.kept(pytestconfig, hosts.kept)


@pytest.fixture
def host(hosts: Hosts, request: pytest.FixtureRequest) -> Iterator[Host]:
    """A host with nothing in it; whatever a test leaves there is ended after it.

    A Windows run that may not create the object skips all tests but those with the marker
    `unprivileged`, which say what becomes of the writer then."""
    # What is said while it opens, since that can take long, is for the person at the terminal.
    capture = request.config.pluginmanager.getplugin("capturemanager")
    try:
        with capture.global_and_fixture_disabled(), unlimited():
            host = request.node.host = hosts.get()
    except HarnessError as problem:
        workers.hopeless(request.node, str(problem))
    refused = host.refuses(request.config.stash[SUBJECT].pairs[0].words.name)
    if refused and not request.node.get_closest_marker("unprivileged"):
        skip32.skip_as_one(request.node, refused)
    yield host
    hosts.clear()


def needs_both(pair: Pair, subject: Subject) -> None:
    """End a test about both programs where one of them is known to break a claim or not to get that
    far, or where they use different words."""
    if not subject.foreign:
        return
    broken = [claim for claim in board.broken() if claim not in ("B1", "B2", "B4", "R7")]
    for facts in (pair.writer.facts, pair.reader.facts):
        broken += facts.no_object + facts.no_wait
    if broken:
        not_judged(broken)
    if not subject.complete:
        pytest.skip("both programs must use the same words: hand in both")


@pytest.fixture
def scene(host: Host, pair: Pair, request: pytest.FixtureRequest) -> Scene:
    """A pair in a host that can run it, once for each pair that is checked."""
    skip32.enter(request.node, host, pair)
    about = request.node.get_closest_marker("about")
    if about and about.args[0] == "both":
        needs_both(pair, request.config.stash[SUBJECT])
    # Calls are compared where a program is alone; together the two run as they do for anybody.
    traced = about and about.args[0] != "both" and request.config.getoption("level") == "calls"
    return Scene(host, pair, Launch(trace=bool(traced)))
