"""Tests whose set-up takes longer than a test may. test_teardown.py runs them."""
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
    """On a machine that is busy."""

    def get(self) -> Host:
        """A host, at last."""
        time.sleep(2 * ALLOWED)
        return super().get()


@pytest.fixture(scope="session")
def hosts() -> Iterator[Hosts]:
    """Instead of the plugin's own."""
    hosts = LateHosts(Settings())
    yield hosts
    hosts.close()


@pytest.fixture
def never_ready() -> None:
    """It would take a minute."""
    time.sleep(60)


@pytest.mark.usefixtures("never_ready")
def test_it_is_not_run() -> None:
    """Its set-up hangs."""


def test_a_late_host_is_waited_for(host: Host) -> None:
    """Each step of its start has a deadline of its own."""
    assert not host.lost
