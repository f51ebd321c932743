"""Tests that one line names missing parts of Wine, compiler and packages, with the remedy."""
from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import List, Tuple

import pytest

from harness.driver.errors import HarnessError
from harness.driver.host import Settings
from harness.driver.hosts import open_host
from harness.driver.wine.installation import find_wine
from harness.selftests.inner_runs import DEMO, PYTEST, InnerRuns, ROUND_TRIP
from harness.selftests.surroundings import (assert_refused, assert_shown, fake_wine, instead,
                                            mounted, only_with, unshared)

pytestmark = [pytest.mark.products, pytest.mark.slow]


@pytest.mark.parametrize("options, said", [
    (["--wine", "/nowhere"], ("--wine /nowhere", "there is no such file")),
    (["--wine", "/etc"], ("--wine /etc", "no Wine with its server")),
    (["--wine", "/bin/true"], ("--wine /bin/true", "no Wine with its server")),
    (["--deadline", "0"], ("--deadline", "more than 0")),
    (["--first-process", "/nowhere.exe", "--charset", "ansi"], ("/nowhere.exe", "name an .exe")),
])
def test_options_without_sense(inner: InnerRuns, options: List[str], said: Tuple[str, ...]) -> None:
    """The message names the wrong option."""
    assert_refused(inner.run(ROUND_TRIP + options), *said)


def test_no_agent() -> None:
    """The message names the missing agent, and does not blame Wine."""
    with pytest.raises(HarnessError, match="^/none/x86_64/agent.exe is missing; run make in "):
        open_host(Settings(agents=Path("/none")))


@pytest.mark.parametrize("command", [ROUND_TRIP, DEMO], ids=["pytest", "demo"])
def test_no_wine(inner: InnerRuns, command: List[str]) -> None:
    """Without Wine on PATH or in Debian's folder, the message says how to install it."""
    if str(find_wine().loader.parent) in os.environ["PATH"].split(":"):
        pytest.skip("its Wine cannot be hidden: it is among the system's programs")
    around = mounted("-o ro", find_wine().loader.parent)
    without = only_with(inner, "unshare", "sh", "mount")
    assert_refused(inner.run(command, around=around, environment={**without, "WINE": ""}),
                   "no Wine was found", "install it")


@pytest.mark.parametrize("workers, server, said", [
    (0, "/bin/false", "the Wine server ended at once"),
    (2, "/bin/false", "the Wine server ended at once"),
    (0, "", "the agent ended at: its start")])
def test_a_wine_that_runs_nothing(inner: InnerRuns, workers: int, server: str, said: str) -> None:
    """The first test fails with both reasons, and no other test runs."""
    parallel = ["-n", str(workers)] * bool(workers)
    seen = inner.run(PYTEST + ["harness/claims/test_round_trip.py", *fake_wine(inner, server),
                               *parallel])
    assert_refused(seen, "cannot run programs", f"minimal prefix: {said}", "full prefix: ",
                   "--wine")
    # The other process stops a worker, which runs a few of these tests first.
    assert len(re.findall("^ERROR harness", seen.text, re.MULTILINE)) <= max(1, 8 * workers)
    assert "passed" not in seen.text


def test_no_compiler(inner: InnerRuns) -> None:
    """If nothing can be installed, the message names the package."""
    ordinary = instead(inner, id="echo 1000", sudo="exit 1")
    assert_refused(inner.run(["make", "test"], environment={"CC": "nowhere-gcc", **ordinary}),
                   "missing", "gcc-mingw-w64-x86-64")


def test_no_pytest_and_no_network(inner: InnerRuns) -> None:
    """If the installation fails, the message has its error and what to install."""
    environment = instead(inner, apt_get="echo 'E: Unable to fetch' >&2; exit 100", id="echo 0",
                          python='exec /usr/bin/python3 -S "$@"')
    seen = inner.run(["make", "test", "PYTHON=python"], environment=environment)
    assert_refused(seen, "could not install", "python3-pytest", "install them yourself")
    assert "E: Unable to fetch" in seen.text


SETUP = ["sh", "harness/setup/setup.sh", "install"]


def test_no_apt(inner: InnerRuns) -> None:
    """Without apt, the message has the missing packages' Debian names, and the page with others."""
    only = only_with(inner, "sh", "id", "uname", "awk", "ls", "setpriv", "Xvfb",
                     "x86_64-w64-mingw32-gcc")
    python = inner.folder / "bin" / "python"
    python.write_text('#!/bin/sh\nexec /usr/bin/python3 -S "$@"\n')
    python.chmod(0o755)
    seen = inner.run([*SETUP, "build", "python", "desktop"],
                     environment={"PYTHON": "python", **only})
    assert_refused(seen, "gcc-mingw-w64-i686", "python3-pefile", "python3-pil")
    assert_refused(seen, "docs/platforms.md")
    assert "gcc-mingw-w64-x86-64" not in seen.text


@pytest.mark.parametrize("system, machine, said", [
    ("Linux", "aarch64", "aarch64"), ("Darwin", "arm64", "Darwin"), ("Darwin", "x86_64", "Darwin")])
def test_another_machine(inner: InnerRuns, system: str, machine: str, said: str) -> None:
    """On a machine whose Wine cannot run x86 programs, the message names an alternative."""
    uname = instead(inner, uname=f'[ "$1" = -m ] && echo {machine} || echo {system}')
    assert_refused(inner.run([*SETUP, "wine"], environment=uname), said, "linux/amd64")


# What must not matter -------------------------------------------------------------------------

def test_no_network_but_everything_there(inner: InnerRuns) -> None:
    """If nothing is missing, the network is not used."""
    everything = "build wine python test desktop report"
    script = f"sh harness/setup/setup.sh install {everything}; make demo"
    seen = inner.run(["sh", "-e", "-c", script], around=unshared("--net"),
                     environment={"PYTHON": sys.executable})
    assert_shown(seen)
    assert "setup:" not in seen.text, seen.text
