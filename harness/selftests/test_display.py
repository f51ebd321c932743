"""A person's display is left as it was, whether a run draws on it or not."""
from __future__ import annotations

import os
import shutil
import sys
from importlib.util import find_spec

import pytest

if sys.platform == "win32":
    pytest.skip("Xvfb is for Unix", allow_module_level=True)
if not (shutil.which("Xvfb")
        and all(map(find_spec, ("pyvirtualdisplay", "Xlib", "PIL", "psutil")))):
    pytest.skip("no display to draw on; Debian: xvfb python3-pyvirtualdisplay python3-xlib "
                "python3-pil python3-psutil", allow_module_level=True)

from harness.driver.wine.desktop import Desktop
from harness.selftests.trial import ROUND_TRIP, Place


@pytest.mark.products
@pytest.mark.time_limit(60)
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
