"""Tests that fail on purpose: something dies in the middle. test_teardown.py runs them."""
from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from driver.contract import MESSAGE
from driver.deadline import wait_for
from driver.pair import Pair, Scene
from driver.wine import WineHost
from test_round_trip import play


def process_of(host: WineHost, program: str) -> int:
    """The process on this machine in which a Windows program of the host runs."""
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and program in (entry / "cmdline").read_text() \
                    and str(host.folder) in (entry / "environ").read_text():
                return int(entry.name)
        except OSError:
            pass  # It has gone, or is somebody else's.
    raise AssertionError(f"{program} does not run")


@pytest.mark.parametrize("victim", ["agent", "server", "keeper", "first_process.exe",
                                    "second_process.exe"])
def test_it_dies(scene: Scene, victim: str) -> None:
    """The scene goes wrong in its middle."""
    host = scene.host
    assert isinstance(host, WineHost)
    writer, reader = scene.waiting_writer(), scene.reader()
    box = reader.box()
    known = {"agent": host.agent().process, "server": host.server, "keeper": host.keeper.process}
    pid = getattr(known.get(victim), "pid", 0) or process_of(host, victim)
    os.kill(pid, signal.SIGKILL)
    if victim != "second_process.exe":
        writer.press()
        assert writer.wait().code == 0
    reader.answer(box)
    assert reader.wait().code == 0


@pytest.mark.parametrize("time", range(2))
def test_life_goes_on(scene: Scene, time: int) -> None:
    """What comes after it works."""
    play(scene, MESSAGE)


def test_it_is_gone(scene: Scene, pair: Pair) -> None:
    """Nothing of the tests before is left in the host."""
    wait_for(lambda: not scene.exists(), "a free name")
