"""Tests that fail on purpose: something dies in the middle. test_teardown.py runs them."""
from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from driver.contract import MESSAGE
from driver.host import Host
from driver.pair import Scene, product_pair
from driver.wine import WineHost
from test_round_trip import play


@pytest.fixture(scope="module",
                params=["agent", "server", "keeper", "first_process.exe", "second_process.exe"])
def victim(request: pytest.FixtureRequest) -> str:
    """Who dies. Its scope puts both tests of a victim one after the other."""
    return str(request.param)


def process_of(host: WineHost, victim: str) -> int:
    """The victim's process on this machine."""
    for name, process in (("agent", host.agent().process), ("server", host.server),
                          ("keeper", host.keeper.process)):
        if name == victim:
            return int(getattr(process, "pid"))
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and victim in (entry / "cmdline").read_text() \
                    and str(host.folder) in (entry / "environ").read_text():
                return int(entry.name)
        except OSError:
            pass  # It has gone, or is somebody else's.
    raise AssertionError(f"{victim} does not run")


def test_it_dies(host: Host, victim: str) -> None:
    """The scene goes wrong in its middle."""
    assert isinstance(host, WineHost)
    scene = Scene(host, product_pair("x86_64", "ansi"))
    writer, reader = scene.waiting_writer(), scene.reader()
    box = reader.box()
    os.kill(process_of(host, victim), signal.SIGKILL)
    # To Wine, who was killed from outside has ended with 0: only the object or the box tells.
    if victim == "first_process.exe":
        writer.wait()
    elif victim == "second_process.exe":
        reader.wait()
    reader.answer(box)
    reader.wait()
    assert scene.exists(), "the object has gone with the writer"


def test_life_goes_on(host: Host, victim: str) -> None:
    """What comes after it works."""
    play(Scene(host, product_pair("x86_64", "ansi")), MESSAGE)
