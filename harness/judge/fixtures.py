"""The fixtures that a test of a claim starts from: a host, and a pair of programs in it."""
from __future__ import annotations

from typing import Iterator

import pytest

from harness.driver.errors import HarnessError
from harness.driver.host import Host, Settings
from harness.driver.hosts import Hosts
from harness.driver.meeting import Scene
from harness.driver.pair import Pair
from harness.judge import skip32, workers


@pytest.fixture(scope="session")
def hosts(pytestconfig: pytest.Config) -> Iterator[Hosts]:
    """The one host of this process, whichever it is at the moment; ends it with the session."""
    option = pytestconfig.getoption
    hosts = Hosts(Settings(option("display"), option("prefix"), option("wine"), option("keep")))
    yield hosts
    hosts.close()
    workers.kept(pytestconfig, hosts.kept)


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
        workers.hopeless(request.node, str(problem))
    if not host.may_create and not request.node.get_closest_marker("unprivileged"):
        pytest.skip("creating a name under Global\\ needs SeCreateGlobalPrivilege here: run this "
                    "from an elevated prompt (docs/windows.md)")
    yield host
    hosts.clear()


@pytest.fixture
def scene(host: Host, pair: Pair, request: pytest.FixtureRequest) -> Scene:
    """A pair in a host that can run it, once for each pair that is judged."""
    skip32.enter(request.node, host, pair)
    return Scene(host, pair)
