"""The whole suite, run as by somebody at a desktop: it passes, and opens nothing there. Name this
file to pytest, before a release; it takes as long as `make test`."""
from __future__ import annotations

import os
from contextlib import closing

import pytest

from harness.driver.wine.desktop import Desktop
from harness.selftests.trial import PYTEST, Place


@pytest.mark.time_limit(900)
def test_nothing_is_opened_on_a_desktop(place: Place) -> None:
    """From collection to end, with a live display in the run's environment."""
    with closing(Desktop()) as desktop:
        desktop.watch()
        seen = place.run(PYTEST + ["-n", "2", "harness"], seconds=890, environment={
            "DISPLAY": os.environ["DISPLAY"], "WAYLAND_DISPLAY": "wayland-0",
            "XDG_SESSION_TYPE": "wayland"})
        assert seen.code == 0, seen.text
        assert desktop.opened() == 0, "the run opened windows on the display of its user"
