"""Tests that hang on purpose, each in another way. test_teardown.py runs them."""
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
    """One pair is enough."""
    return Scene(host, product_pair("x86_64", "ansi"))


def test_a_program_hangs(scene: Scene) -> None:
    """Nobody answers the box."""
    scene.waiting_writer()
    reader = scene.reader()
    reader.box()
    reader.wait(0.3)


def test_the_agent_hangs(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """It still runs, and does not answer."""
    monkeypatch.setattr(agent, "AGENT_GRACE", 0.5)
    assert isinstance(scene.host, WineHost)
    scene.waiting_writer()
    os.kill(scene.host.win32().agent.process.pid, signal.SIGSTOP)
    scene.exists()


@pytest.mark.time_limit(0.5)
def test_the_test_itself_hangs(scene: Scene) -> None:
    """No single wait is too long."""
    with unlimited():  # Only what is to hang may be what has taken too long.
        scene.waiting_writer()
    while True:
        time.sleep(0.01)


@pytest.mark.time_limit(600)
def test_the_run_hangs(scene: Scene) -> None:
    """Only the run's own ceiling is left."""
    scene.waiting_writer()
    time.sleep(600)
