"""The pair at a real desktop, with a window on the screen and a key that is pressed."""
from __future__ import annotations

import dataclasses
import shutil
import sys
from contextlib import closing
from importlib.util import find_spec
from typing import Any, Iterator, Tuple

import pytest

if sys.platform == "win32":
    pytest.skip("Xvfb is for Unix; Windows has a desktop", allow_module_level=True)
if not (shutil.which("Xvfb") and all(map(find_spec, ("pyvirtualdisplay", "Xlib", "PIL")))):
    pytest.skip("no display to draw on; Debian: xvfb python3-pyvirtualdisplay python3-xlib "
                "python3-pil", allow_module_level=True)

from PIL import Image

from harness.driver.host import Host
from harness.driver.hosts import Hosts
from harness.driver.pair import Pair, Scene
from harness.driver.paths import BUILD
from harness.driver.waiting import wait_for
from harness.driver.wine.desktop import Desktop
from harness.claims.together import RIGHT, Both, of_both
from harness.judge.checks import See


def has_text(picture: Image.Image) -> bool:
    """Return whether the text area of the box, drawn last, has more than one colour."""
    width, height = picture.size
    part = picture.crop((width // 10, height * 3 // 10, width * 9 // 10, height // 2))
    return part.getcolors(1) is None


@pytest.fixture(scope="module")
def desktop_host(hosts: Hosts) -> Iterator[Tuple[Desktop, Host]]:
    """Start a display, and a host that draws on it."""
    with closing(Desktop()) as desktop:
        drawing = Hosts(dataclasses.replace(hosts.settings, display="x11"))
        try:
            yield desktop, drawing.get()
        finally:
            drawing.close()
            hosts.kept += drawing.kept


@pytest.mark.products
@of_both("R5.box", "R6.exit", "W7.exit", needs=RIGHT)
def test_the_box_is_a_real_window(pair: Pair, see: See, request: pytest.FixtureRequest) -> None:
    """The message box has its title and text on an X display, and Return answers it."""
    # Not before a test needs it: a display starts slowly.
    opened: Tuple[Desktop, Host] = request.getfixturevalue("desktop_host")
    desktop, host = opened
    request.node.host = host
    for arch in (pair.writer.arch, pair.reader.arch):
        if host.lacks(arch):
            # Wine 8.0 can do this only with wine32, not with fetched DLLs.
            pytest.skip("no 32-bit program can draw on X here without wine32")
    both = Both(Scene(host, pair), see, request.node)
    try:
        writer = both.waiting_writer()
        reader = both.reader()
        window: Any = wait_for(lambda: desktop.window(pair.words.title),
                               f"a window {pair.words.title!r} on the display",
                               reader.program.describe)
        wait_for(lambda: has_text(desktop.photograph(window)),
                 "something written in the box", reader.program.describe)
        (BUILD / "desktop").mkdir(parents=True, exist_ok=True)
        desktop.photograph(window).save(BUILD / "desktop" / f"{pair}.png")
        reader.shows(pair.words.message)
        desktop.press(window, "Return")
        reader.judge_end("after Return in its box")
        see("R5.box", "whether the window is still there", None, desktop.window(pair.words.title))
        both.press(writer)
    finally:
        host.sweep()
