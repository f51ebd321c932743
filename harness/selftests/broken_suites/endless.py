"""A test that stops at a moment of its scene, says so, and waits to be ended from outside.
test_teardown.py runs it."""
from __future__ import annotations

import os
import time

import pytest

from harness.driver.host import Host
from harness.driver.meeting import Scene
from harness.driver.pair import product_pair
from harness.driver.waiting import wait_for
from harness.driver.wine.host import WineHost
from harness.driver.wine.terminal import Terminal


class Slow:
    """An object whose destructor takes time."""

    def __del__(self) -> None:
        print("NOW", flush=True)
        time.sleep(600)


@pytest.mark.time_limit(600)
def test_scene(host: Host, request: pytest.FixtureRequest) -> None:
    """The scene runs up to the moment that MOMENT names."""
    if os.environ["MOMENT"] == "destructor":
        Slow()
        time.sleep(600)
    scene = Scene(host, product_pair("x86_64", "ansi"))
    if os.environ["MOMENT"] == "terminal":
        assert isinstance(host, WineHost)
        terminal = Terminal(host, scene.pair.writer)
        request.addfinalizer(terminal.close)
        wait_for(scene.find, "the object", terminal.describe, over=terminal.ended)
    else:
        scene.waiting_writer()
    if os.environ["MOMENT"] == "reader":
        scene.reader().box()
    print("NOW", flush=True)
    time.sleep(600)
