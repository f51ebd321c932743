"""Tests whose setup takes longer than permitted. test_teardown.py runs them."""
from __future__ import annotations

import time
from typing import Iterator

import pytest

from harness.driver.host import Host, Settings
from harness.driver.hosts import Hosts
from harness.judge import limits

ALLOWED = 0.5
setattr(limits, "TEST", ALLOWED)


class LateHosts(Hosts):
    """Hosts on a busy machine."""

    def get(self) -> Host:
        """Return a host, late."""
        time.sleep(2 * ALLOWED)
        return super().get()


@pytest.fixture(scope="session")
def hosts() -> Iterator[Hosts]:
    """Replace the plugin's fixture."""
    hosts = LateHosts(Settings())
    yield hosts
    hosts.close()


@pytest.fixture
def never_ready() -> None:
    """Take a minute."""
    time.sleep(60)


@pytest.mark.usefixtures("never_ready")
def test_it_is_not_run() -> None:
    """The setup hangs."""


def test_a_late_host_is_waited_for(host: Host) -> None:
    """The start of a host has its own deadlines."""
    assert not host.lost
