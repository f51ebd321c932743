"""A test that stops at a moment of its scene, says so and waits to be ended from outside.
test_teardown.py runs it."""
from __future__ import annotations

import os
import time

import pytest

from driver.deadline import wait_for
from driver.host import Host
from driver.pair import Scene, product_pair
from test_terminal import Terminal


@pytest.mark.patience(600)
def test_scene(host: Host, request: pytest.FixtureRequest) -> None:
    """The scene up to the moment that MOMENT names."""
    scene = Scene(host, product_pair("x86_64", "ansi"))
    if os.environ["MOMENT"] == "terminal":
        terminal = Terminal(scene)
        request.addfinalizer(terminal.close)
        wait_for(scene.try_open, "the object", terminal.describe, over=terminal.ended)
    else:
        scene.waiting_writer()
    if os.environ["MOMENT"] == "reader":
        scene.reader().box()
    print("NOW", flush=True)
    time.sleep(600)
