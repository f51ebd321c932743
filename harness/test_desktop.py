"""The documented scene as a person at a desktop has it: a window to see and a key to press."""
from __future__ import annotations

import dataclasses
import os
import shutil
import sys
from importlib.util import find_spec
from typing import Any, Iterator, Tuple

import pytest

if sys.platform == "win32":
    pytest.skip("Xvfb is for Unix; on Windows the desktop is there", allow_module_level=True)
if not (shutil.which("Xvfb") and find_spec("pyvirtualdisplay") and find_spec("Xlib")):
    pytest.skip("no display to draw on: Xvfb, pyvirtualdisplay or Xlib is missing (Debian: xvfb "
                "python3-pyvirtualdisplay python3-xlib)", allow_module_level=True)

from driver.claims import expect
from driver.contract import MESSAGE, TITLE
from driver.deadline import wait_for
from driver.desktop import Desktop
from driver.host import BUILD, Host, open_host
from driver.hosts import Hosts
from driver.pair import Pair, Scene
from trial import ROUND_TRIP, Place

#: Left, top, right and bottom of a part of the box where nothing but the text is, which is drawn
#: last; as parts of its width and height.
TEXT = 0.1, 0.3, 0.9, 0.5


@pytest.fixture(scope="module")
def desktop_host(hosts: Hosts) -> Iterator[Tuple[Desktop, Host]]:
    """A display of its own, and a host that draws on it."""
    desktop = Desktop()
    try:
        host = open_host(dataclasses.replace(hosts.settings, display="x11"))
        yield desktop, host
        host.close()
    finally:
        desktop.close()


@pytest.mark.claims("R5", "R6", "W6", "W7")
def test_the_box_is_a_real_window(desktop_host: Tuple[Desktop, Host], pair: Pair,
                                  request: pytest.FixtureRequest) -> None:
    """The box is found by its title on the X display, is photographed, and Return answers it."""
    desktop, host = desktop_host
    request.node.host = host
    for arch in (pair.writer.arch, pair.reader.arch):
        if host.lacks(arch):
            # Wine 8.0 itself cannot, whatever is fetched; wine32 is another matter.
            pytest.skip("no 32-bit program can draw on X here without wine32")
    scene = Scene(host, pair)
    try:
        writer = scene.waiting_writer()
        reader = scene.reader()
        window: Any = wait_for(lambda: desktop.window(TITLE),
                               f"a window «{TITLE}» on the display", reader.describe)
        wait_for(lambda: desktop.photograph(window).colours(*TEXT) > 1,
                 "something written in the box", reader.describe)
        desktop.photograph(window).save(BUILD / "desktop" / f"{pair}.png")
        expect("R5", "the text in the box", MESSAGE, reader.box().text)

        desktop.press(window, "Return")
        expect("R6", "the exit code after Return in the box", 0, reader.wait().code)
        expect("R5", "whether the window is still there", None, desktop.window(TITLE))
        writer.press()
        expect("W7", "the writer's exit code", 0, writer.wait().code)
    finally:
        host.sweep()


@pytest.mark.products
@pytest.mark.patience(60)
@pytest.mark.parametrize("display", ["null", "x11"])
def test_the_user_s_display_is_left_as_it_was(place: Place, display: str) -> None:
    """Its windows and its clipboard, whether it was drawn on or not."""
    desktop = Desktop()
    try:
        desktop.hold_selections()
        before = desktop.state()
        seen = place.run(ROUND_TRIP + ["--display", display],
                         environment={"DISPLAY": os.environ["DISPLAY"]})
        assert seen.code == 0, seen.text
        assert desktop.state() == before
    finally:
        desktop.close()
