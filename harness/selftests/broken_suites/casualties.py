"""Tests in which a process is killed on purpose. test_teardown.py runs them."""
from __future__ import annotations

import os
import signal

import pytest

from harness.driver.host import Host
from harness.driver.meeting import Scene, round_trip
from harness.driver.pair import product_pair
from harness.driver.wine.host import WineHost
from harness.selftests.inner_runs import processes_with


@pytest.fixture(scope="module",
                params=["agent", "server", "supervisor", "first_process.exe", "second_process.exe"])
def victim(request: pytest.FixtureRequest) -> str:
    """Return the process to kill. The scope runs both tests of a victim in a row."""
    return str(request.param)


def process_of(host: WineHost, victim: str) -> int:
    """Return the victim's process id on this machine."""
    for name, process in (("agent", host.win32().agent.process), ("supervisor", host.supervisor)):
        if name == victim:
            return int(getattr(process, "pid"))
    for line in processes_with(str(host.folder)):
        if victim in line:
            return int(line.split()[0])
    raise AssertionError(f"{victim} does not run")


def test_it_dies(host: Host, victim: str) -> None:
    """The test fails in the middle of a scene."""
    assert isinstance(host, WineHost)
    scene = Scene(host, product_pair("x86_64", "ansi"))
    writer, reader = scene.waiting_writer(), scene.reader()
    box = reader.box()
    os.kill(process_of(host, victim), signal.SIGKILL)
    # Wine reports 0 for a process killed from outside: only the object or the message box shows it.
    if victim == "first_process.exe":
        writer.wait()
    elif victim == "second_process.exe":
        reader.wait()
    reader.answer(box)
    reader.wait()
    assert scene.exists(), "the object has gone with the writer"


def test_life_goes_on(host: Host, victim: str) -> None:
    """The next test works."""
    round_trip(Scene(host, product_pair("x86_64", "ansi")))
