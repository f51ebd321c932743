"""A test that stops at a moment of its scene, says so and waits to be ended from outside.
test_teardown.py runs it."""
from __future__ import annotations

import os
import time

import pytest

from driver.host import Host
from driver.pair import Scene, product_pair


@pytest.mark.patience(600)
def test_scene(host: Host) -> None:
    """The scene up to the moment that MOMENT names."""
    scene = Scene(host, product_pair("x86_64", "ansi"))
    scene.waiting_writer()
    if os.environ["MOMENT"] == "reader":
        scene.reader().box()
    print("NOW", flush=True)
    time.sleep(600)
