"""Tests that a run changes nothing of the user's files and display, and that concurrent runs are
independent."""
from __future__ import annotations

import os
import re
import shutil
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Iterator, List

import pytest

from harness.driver.waiting import wait_for
from harness.driver.wine import folders
from harness.selftests.inner_runs import (DEMO, PYTEST, ROUND_TRIP, InnerRuns, assert_shown,
                                          listing)

if TYPE_CHECKING:
    from harness.driver.wine.desktop import Desktop

#: One test for each of four workers.
SAMPLE = PYTEST + ["harness/claims/test_round_trip.py", "-k", "shows_what"]
#: The summary with and without 32-bit programs.
ALL = re.compile(rb" (4 passed|2 passed, 2 skipped)\b")


def test_two_runs_at_once(inner: InnerRuns) -> None:
    """Two runs can use the same temporary directory at once. Their parallel workers do not see each
    other's objects, even with more workers than processors."""
    runs = [inner.start(SAMPLE + ["-n", "4"]) for _ in range(2)]
    for run in runs:
        out, _ = run.communicate(timeout=40)
        assert run.returncode == 0 and ALL.search(out), out


@pytest.mark.parametrize("command", [ROUND_TRIP, DEMO], ids=["pytest", "demo"])
def test_the_user_s_own_files(inner: InnerRuns, command: List[str]) -> None:
    """HOME, ~/.wine with its registry, and the XDG folders are unchanged."""
    environment = {"WINEPREFIX": str(inner.home / ".wine"), "USER": "somebody"}
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR",
                 "XDG_STATE_HOME", "XDG_DESKTOP_DIR"):
        environment[name] = str(inner.home / name.lower())
        os.mkdir(environment[name])
    wine = inner.home / ".wine"
    (wine / "drive_c").mkdir(parents=True)
    for name in ("system.reg", "user.reg", "userdef.reg"):
        (wine / name).write_text("WINE REGISTRY Version 2\n")
    before = listing(inner.home)
    assert_shown(inner.run(command, environment=environment))
    assert listing(inner.home) == before


def test_the_folder_of_a_server_goes_with_it() -> None:
    """The folder that Debian's server makes in /tmp without TMPDIR is removed."""
    folder, own = Path(folders.new_folder()), Path("/tmp", f"wine-{os.urandom(6).hex()}")
    (folder / "prefix").mkdir(parents=True)
    (folder / "prefix" / "wineserver").write_text(own.name)
    prefix = (folder / "prefix").stat()
    server = own / f"server-{prefix.st_dev:x}-{prefix.st_ino:x}"
    server.mkdir(parents=True)
    (server / "lock").touch()
    folders.remove(str(folder))
    assert not folder.exists() and not own.exists()


@pytest.fixture
def desktop() -> "Iterator[Desktop]":
    """Yield a display without a screen, which DISPLAY names."""
    if not shutil.which("Xvfb"):
        pytest.skip("no display to draw on; Debian: xvfb")
    for module in ("pyvirtualdisplay", "Xlib", "PIL"):
        pytest.importorskip(module)
    from harness.driver.wine.desktop import Desktop
    with closing(Desktop()) as desktop:
        yield desktop


#: A test that starts more than a plain host: a display.
ON_DISPLAY = PYTEST + ["harness/claims/test_desktop.py", "-k", "real_window and x86_64-ansi"]


@pytest.mark.parametrize("command", [ON_DISPLAY, ROUND_TRIP + ["--display", "x11"]])
def test_the_user_s_display_is_left_as_it_was(inner: InnerRuns, desktop: "Desktop",
                                              command: List[str]) -> None:
    """Windows and clipboard are unchanged, whether the run draws on the display or not. Only with
    --display and in the demonstration, which is noticed, windows open."""
    environment = {"DISPLAY": os.environ["DISPLAY"]}
    desktop.hold_selections()
    desktop.watch()
    before = desktop.state()
    seen = inner.run(command, environment=environment)
    assert seen.code == 0, seen.text
    assert desktop.state() == before
    assert (desktop.opened() > 0) == ("--display" in command)
    if command == ON_DISPLAY:
        run = inner.start(DEMO, environment=environment)
        wait_for(lambda: desktop.opened() > 0, "a window of the demonstration",
                 lambda: f"{inner.processes()}", 20.0)
        run.kill()
        run.communicate()


@pytest.mark.parametrize("sandbox", ["none", "auto"])
def test_harness_run_draws_there(runner: InnerRuns, desktop: "Desktop", sandbox: str) -> None:
    """With --display x11 a program draws there, also from a sandbox; its window goes with it."""
    runner.environment["DISPLAY"] = os.environ["DISPLAY"]
    before = desktop.state()
    with runner.running("--display", "x11", "--sandbox", sandbox, "probe.exe", "box"):
        wait_for(lambda: desktop.window("probe") is not None, "the box", lambda: "", 20.0)
        wait_for(lambda: len(set(desktop.photograph(desktop.window("probe")).getdata())) > 2,
                 "something drawn in it", lambda: "one colour")
    wait_for(lambda: desktop.state() == before, "the display as before", lambda: "", 5.0)
