"""A pytest fixture for tests of your own Windows programs; docs/driving.md shows its use.

    from harness.driver.fixture import host

For other settings than the usual ones: `host = host_fixture(Settings(prefix="full"))`.
"""
from __future__ import annotations

from typing import Any, Iterator

import pytest

from harness.driver.host import Host, Settings
from harness.driver.hosts import Hosts


def host_fixture(settings: Settings) -> Any:
    """Return a fixture that gives a test a host with these settings. All tests of a process share
    one host, which is closed after the session; what a test starts in it ends with the test."""
    hosts = Hosts(settings)

    @pytest.fixture(name="host")
    def host(request: pytest.FixtureRequest) -> Iterator[Host]:
        """Yield an empty host for Windows programs. Raises HarnessError, with cause and remedy,
        without Wine or agent."""
        if not hosts.current and not hosts.unusable:
            request.config.add_cleanup(hosts.close)
        yield hosts.get()
        hosts.clear()

    return host


host = host_fixture(Settings())
