"""Tests that only `make demo` opens windows on a user's display, and that all else is unchanged."""
from __future__ import annotations

import os
import shutil
from contextlib import closing
from importlib.util import find_spec

import pytest

if not (shutil.which("Xvfb")
        and all(map(find_spec, ("pyvirtualdisplay", "Xlib", "PIL", "psutil")))):
    pytest.skip("no display to draw on; Debian: xvfb python3-pyvirtualdisplay python3-xlib "
                "python3-pil python3-psutil", allow_module_level=True)

from harness.driver.waiting import wait_for
from harness.driver.wine.desktop import Desktop
from harness.selftests.runner import Runner
from harness.selftests.inner_runs import DEMO, PYTEST, ROUND_TRIP, InnerRuns

pytestmark = [pytest.mark.products, pytest.mark.slow]
#: Tests that start more than a plain host: make with the demonstration, and displays.
SAMPLE = PYTEST + ["harness/selftests/test_docs.py", "harness/claims/test_desktop.py",
                   "-k", "demo or real_window and x86_64-ansi"]


@pytest.mark.parametrize("display", ["null", "x11"])
def test_the_user_s_display_is_left_as_it_was(inner: InnerRuns, display: str) -> None:
    """Windows and clipboard are unchanged, whether the run draws on the display or not."""
    with closing(Desktop()) as desktop:
        desktop.hold_selections()
        before = desktop.state()
        seen = inner.run(ROUND_TRIP + ["--display", display],
                         environment={"DISPLAY": os.environ["DISPLAY"]})
        assert seen.code == 0, seen.text
        assert desktop.state() == before


def test_nothing_is_opened_on_a_desktop(inner: InnerRuns) -> None:
    """A run opens nothing on a live display. The demonstration, the one command that may open a
    window, is noticed."""
    with closing(Desktop()) as desktop:
        desktop.watch()
        environment = {"DISPLAY": os.environ["DISPLAY"]}
        seen = inner.run(SAMPLE, environment=environment)
        assert seen.code == 0, seen.text
        assert desktop.opened() == 0, "the run opened windows on the display of its user"
        run = inner.start(DEMO, environment=environment)
        try:
            wait_for(lambda: desktop.opened() > 0, "a window of the demonstration",
                     lambda: f"{inner.processes()}", 20.0)
        finally:
            run.kill()
            run.communicate()


@pytest.mark.parametrize("sandbox", ["none", "auto"])
def test_harness_run_draws_there(runner: Runner, sandbox: str) -> None:
    """With --display x11 a program draws there, also from a sandbox; its window goes with it."""
    with closing(Desktop()) as desktop:
        runner.inner.environment["DISPLAY"] = os.environ["DISPLAY"]
        before = desktop.state()
        with runner.running("box", "--display", "x11", "--sandbox", sandbox, "probe.exe", "box"):
            wait_for(lambda: desktop.window("probe") is not None, "the box", lambda: "", 20.0)
            wait_for(lambda: len(set(desktop.photograph(desktop.window("probe")).getdata())) > 2,
                     "something drawn in it", lambda: "one colour")
        runner.nothing_left()
        wait_for(lambda: desktop.state() == before, "the display as before", lambda: "", 5.0)
