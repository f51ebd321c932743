"""Tests that one line names missing parts of Wine, compiler and packages, with the remedy."""
from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path
from typing import Dict, List

import pytest

from harness.driver.errors import HarnessError
from harness.driver.host import Settings
from harness.driver.hosts import open_host
from harness.driver.wine.installation import find_wine
from harness.selftests.inner_runs import (DEMO, PYTEST, ROUND_TRIP, InnerRuns, assert_refused,
                                          assert_shown, mounted, put, unshared)

pytestmark = [pytest.mark.products, pytest.mark.slow]


def test_no_agent() -> None:
    """The message names the missing agent, and does not blame Wine."""
    with pytest.raises(HarnessError, match="^/none/x86_64/agent.exe is missing; run make in "):
        open_host(Settings(agents=Path("/none")))


@pytest.mark.parametrize("command", [ROUND_TRIP, DEMO], ids=["pytest", "demo"])
def test_no_wine(inner: InnerRuns, command: List[str]) -> None:
    """Without Wine on PATH or in Debian's folder, the message says how to install it."""
    if str(find_wine().loader.parent) in os.environ["PATH"].split(":"):
        pytest.skip("its Wine cannot be hidden: it is among the system's programs")
    around = mounted(f'-t tmpfs -o ro none "{find_wine().loader.parent}"')
    path = put(inner.folder / "bin", {}, "unshare", "sh", "mount")
    assert_refused(inner.run(command, around=around, environment={"PATH": path, "WINE": ""}),
                   "no Wine was found", "install it")


@pytest.mark.parametrize("workers, server, said", [
    (0, "/bin/false", "the Wine server ended at once"),
    (2, "/bin/false", "the Wine server ended at once"),
    (0, "", "the agent ended at: its start")])
def test_a_wine_that_runs_nothing(inner: InnerRuns, workers: int, server: str, said: str) -> None:
    """The first test fails with both reasons, and no other test runs."""
    wine = put(inner.folder / "wine", {"wine64": '[ "$1" = --version ] && echo wine-8.0'})
    shutil.copy(server or find_wine().server, Path(wine, "wineserver64"))
    seen = inner.run(PYTEST + ["harness/claims/test_round_trip.py", "--wine", wine,
                               *["-n", str(workers)] * bool(workers)])
    assert_refused(seen, "cannot run programs", f"minimal prefix: {said}", "full prefix: ",
                   "--wine")
    # The other process stops a worker, which runs a few of these tests first.
    assert len(re.findall("^ERROR harness", seen.text, re.MULTILINE)) <= max(1, 8 * workers)
    assert "passed" not in seen.text


#: A Python without packages.
BARE = {"python": 'exec /usr/bin/python3 -S "$@"'}
MAKE, SETUP = ["make", "test", "PYTHON=python"], ["sh", "harness/setup/setup.sh", "install"]


@pytest.mark.parametrize("command, scripts, said", [
    ([*MAKE, "CC=nowhere-gcc", f"PYTHON={sys.executable}"],
     {"id": "echo 1000", "sudo": "exit 1"}, ["missing", "gcc-mingw-w64-x86-64"]),
    (MAKE, {"apt-get": "echo 'E: Unable to fetch' >&2; exit 100", "id": "echo 0", **BARE},
     ["could not install", "python3-pytest", "install them yourself"]),
    *(([*SETUP, "wine"], {"uname": f'[ "$1" = -m ] && echo {machine} || echo {system}'},
       [named, "linux/amd64"]) for system, machine, named in (
           ("Linux", "aarch64", "aarch64"), ("Darwin", "arm64", "Darwin"),
           ("Darwin", "x86_64", "Darwin")))],
    ids=["no-compiler", "no-network", "arm", "mac-arm", "mac"])
def test_what_cannot_be_installed(inner: InnerRuns, command: List[str], scripts: Dict[str, str],
                                  said: List[str]) -> None:
    """The message has the error, and names the packages or, where Wine cannot run x86 programs, an
    alternative."""
    path = put(inner.folder / "bin", scripts)
    seen = inner.run(command, environment={"PATH": f"{path}:{os.environ['PATH']}"})
    assert_refused(seen, *said)
    assert "apt-get" not in scripts or "E: Unable to fetch" in seen.text


def test_no_apt(inner: InnerRuns) -> None:
    """Without apt, the message has the missing packages' Debian names, and the page with others."""
    path = put(inner.folder / "bin", BARE, "sh", "id", "uname", "awk", "ls", "setpriv", "Xvfb",
               "x86_64-w64-mingw32-gcc")
    seen = inner.run([*SETUP, "build", "python", "desktop"],
                     environment={"PYTHON": "python", "PATH": path})
    assert_refused(seen, "gcc-mingw-w64-i686", "python3-pefile", "python3-pil")
    assert_refused(seen, "docs/platforms.md")
    assert "gcc-mingw-w64-x86-64" not in seen.text


def test_no_network_but_everything_there(inner: InnerRuns) -> None:
    """If nothing is missing, the network is not used."""
    everything = "build wine python test desktop report"
    script = f"sh harness/setup/setup.sh install {everything}; make demo"
    seen = inner.run(["sh", "-e", "-c", script], around=unshared("--net"),
                     environment={"PYTHON": sys.executable})
    assert_shown(seen)
    assert "setup:" not in seen.text, seen.text
