"""Tests that are killed, hang, or wait to be ended from outside, on purpose. test_isolation.py runs
them by name."""
from __future__ import annotations

import os
import signal
import time

import pytest

from harness.driver.host import Host
from harness.driver.hosts import Hosts
from harness.driver.pair import Scene, product_pair, round_trip
from harness.driver.waiting import wait_for
from harness.driver.win32 import agent
from harness.driver.wine.host import WineHost
from harness.driver.wine.terminal import Terminal
from harness.judge.limits import unlimited
from harness.selftests.inner_runs import processes_with

#: The time limit of a test that hangs, in seconds.
ALLOWED = 0.5


@pytest.fixture
def scene(host: Host) -> Scene:
    """Return one pair in a host."""
    return Scene(host, product_pair("x86_64", "ansi"))


@pytest.fixture(scope="module", params=[
    "agent.exe", "server", "supervisor", "first_process.exe", "second_process.exe"])
def victim(request: pytest.FixtureRequest) -> str:
    """Return the process to kill. The scope runs both tests of a victim in a row."""
    return str(request.param)


def test_it_dies(scene: Scene, victim: str) -> None:
    """The test fails in the middle of a scene."""
    assert isinstance(scene.host, WineHost)
    writer, reader = scene.waiting_writer(), scene.reader()
    box = reader.box()
    pids = [int(line.split()[0]) for line in processes_with(str(scene.host.folder))
            if victim in line]
    # The supervisor's environment does not have the host's folder.
    os.kill(pids[0] if pids else scene.host.supervisor.pid, signal.SIGKILL)
    # Wine reports 0 for a process killed from outside: only the object or the message box shows it.
    if victim == "first_process.exe":
        writer.wait()
    elif victim == "second_process.exe":
        reader.wait()
    elif victim == "supervisor":
        wait_for(lambda: not scene.exists(), "the end of all that it has started")
    reader.answer(box)
    reader.wait()
    assert scene.exists(), "the object has gone with the writer"


@pytest.mark.gap("function-keys")
def test_life_goes_on(scene: Scene, victim: str) -> None:
    """The next test works, and so it closes the platform gap that it names."""
    round_trip(scene)


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


@pytest.mark.time_limit(ALLOWED)
def test_the_test_itself_hangs(scene: Scene) -> None:
    """Each single wait is short, but not all together."""
    with unlimited():  # Only the hanging part may exceed the limit.
        scene.waiting_writer()
    while True:
        time.sleep(0.01)


@pytest.fixture
def never_ready() -> None:
    """Take a minute."""
    time.sleep(60)


@pytest.mark.time_limit(ALLOWED)
@pytest.mark.usefixtures("never_ready")
def test_a_set_up_hangs() -> None:
    """The test is not run."""


@pytest.fixture
def late(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let hosts take longer than permitted, as on a busy machine."""
    def get_late(hosts: Hosts) -> Host:
        time.sleep(2 * ALLOWED)
        return get(hosts)

    get = Hosts.get
    monkeypatch.setattr(Hosts, "get", get_late)


@pytest.mark.time_limit(ALLOWED)
def test_a_late_host_is_waited_for(late: None, host: Host) -> None:
    """The start of a host has its own deadlines."""
    assert not host.lost


class Slow:
    """An object whose destructor takes time."""

    def __del__(self) -> None:
        print("NOW", flush=True)
        time.sleep(600)


@pytest.mark.time_limit(600)
@pytest.mark.parametrize("moment", ["destructor", "terminal", "writer", "reader"])
def test_it_waits(host: Host, request: pytest.FixtureRequest, moment: str) -> None:
    """The scene runs up to that moment; only a signal or the run's own time limit ends it."""
    if moment == "destructor":
        Slow()
        time.sleep(600)
    scene = Scene(host, product_pair("x86_64", "ansi"))
    if moment == "terminal":
        assert isinstance(host, WineHost)
        terminal = Terminal(host, scene.pair.writer)
        request.addfinalizer(terminal.close)
        wait_for(scene.find, "the object", terminal.describe, over=terminal.ended)
    else:
        scene.waiting_writer()
    if moment == "reader":
        scene.reader().box()
    print("NOW", flush=True)
    time.sleep(600)
