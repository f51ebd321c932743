"""Tests that hang on purpose, each in a different way. test_teardown.py runs them."""
from __future__ import annotations

import os
import signal
import time

import pytest

from harness.driver.host import Host
from harness.driver.meeting import Scene
from harness.driver.pair import product_pair
from harness.driver.win32 import agent
from harness.driver.wine.host import WineHost
from harness.judge.limits import unlimited


@pytest.fixture
def scene(host: Host) -> Scene:
    """Return one pair in a host."""
    return Scene(host, product_pair("x86_64", "ansi"))


def test_a_program_hangs(scene: Scene) -> None:
    """A message box is never answered."""
    scene.waiting_writer()
    reader = scene.reader()
    reader.box()
    reader.wait(0.3)


def test_the_agent_hangs(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """The agent runs but does not answer."""
    monkeypatch.setattr(agent, "AGENT_GRACE", 0.5)
    assert isinstance(scene.host, WineHost)
    scene.waiting_writer()
    os.kill(scene.host.win32().agent.process.pid, signal.SIGSTOP)
    scene.exists()


@pytest.mark.time_limit(0.5)
def test_the_test_itself_hangs(scene: Scene) -> None:
    """Each single wait is short, but not all together."""
    with unlimited():  # Only the hanging part may exceed the limit.
        scene.waiting_writer()
    while True:
        time.sleep(0.01)


@pytest.mark.time_limit(600)
def test_the_run_hangs(scene: Scene) -> None:
    """Only the run's own time limit ends the test."""
    scene.waiting_writer()
    time.sleep(600)
