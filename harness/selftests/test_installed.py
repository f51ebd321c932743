"""Tests that one line names missing parts of Wine, compiler and packages, with the remedy; how
32-bit programs come to run here, and what a run says where they do not."""
from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Dict, List, Optional

import pytest

from harness.driver.errors import HarnessError
from harness.driver.host import Settings
from harness.driver.hosts import open_host
from harness.driver.wine import machine
from harness.driver.wine.installation import find_wine
from harness.selftests.inner_runs import (PYTEST, InnerRuns, assert_refused, assert_shown, listing,
                                          put, unshared)


def test_no_agent() -> None:
    """The message names the missing agent, and does not blame Wine."""
    with pytest.raises(HarnessError, match="^/none/x86_64/agent.exe is missing; run make in "):
        open_host(Settings(agents=Path("/none")))


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
    """The message has the error, and the packages or, without x86, an alternative."""
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


#: What belongs to the system and to nobody else.
SYSTEM = ("/etc/apt", "/var/lib/apt", "/var/cache/apt", "/var/lib/dpkg")

fetched = pytest.mark.skipif(
    not Path("/usr/lib/wine/wine64").is_file() or Path("/usr/lib/wine/wine").is_file()
    or "WINE" in os.environ,
    reason="only for Debian's 64-bit Wine without wine32, if no other Wine is named")


def installed() -> str:
    """The version of the Wine that is installed."""
    return subprocess.run(["dpkg-query", "-W", "-f", "${Version}", "libwine:amd64"],
                          stdout=subprocess.PIPE, text=True, check=True).stdout


@pytest.mark.parametrize("content, said", [
    (machine.SMALLEST[:8], "this kernel runs no 32-bit programs"),
    (b"#!/bin/false\n", "this kernel ends 32-bit programs at their first call"),
    (b"#!/bin/true\n", None),
    (b"#!/nowhere\n", None)])
def test_what_the_kernel_does_with_a_program_is_told(
        content: bytes, said: Optional[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what cannot mean anything else counts: it is no program to it, or it was killed."""
    monkeypatch.setattr(machine, "SMALLEST", content)
    assert machine.lacks_32bit() == said


#: Every proxy refuses; and an apt-get that reports what a mirror gives while it is renewed.
NOWHERE = 'Acquire::Retries::Delay "false";\n' + "".join(
    f'Acquire::{kind}::Proxy "http://127.0.0.1:9";\n' for kind in ("http", "https"))
RENEWED = "case $* in *download*) echo 'E: Mirror sync in progress?'; exit 100 ;; esac"


@fetched
@pytest.mark.parametrize("target, scripts, code, said", [
    ("made/dlls", {}, 4, "it is unavailable ("),
    ("made/dlls", {"apt-get": RENEWED}, 4, "packages do not match); try make wine32 later"),
    ("there", {}, 0, ""),
    # WINEDLLPATH, for one, is a list with colons in between.
    ("made/a:b", {}, 2, ""), ("", {}, 2, "")])
def test_what_fetching_says(inner: InnerRuns, tmp_path: Path, target: str, scripts: Dict[str, str],
                            code: int, said: str) -> None:
    """One line and an exit code of its own, and all is as before; none if DLLs are there."""
    for folder in ("there", "made"):
        (tmp_path / folder).mkdir()
    (tmp_path / "there" / "version").write_text(installed() + "\n")
    (tmp_path / "apt.conf").write_text(NOWHERE)
    path = put(tmp_path / "bin", scripts)
    before, files = listing(*SYSTEM), sorted(tmp_path.rglob("*"))
    done = inner.run(["sh", "harness/setup/wine32.sh", str(tmp_path / target) if target else ""],
                     environment={"PATH": f"{path}:{os.environ['PATH']}",
                                  "APT_CONFIG": str(tmp_path / "apt.conf")})
    assert (done.code, done.text.count("\n")) == (code, int(code != 0)), done.text
    assert said in done.text and sorted(tmp_path.rglob("*")) == files, done.text
    assert listing(*SYSTEM) == before


FOREIGN = ["--charset", "ansi", "--first-process", "build/i686-ansi/first_process.exe"]
NONE = "neither wine32 nor the DLLs of libwine:i386 are there; \"make wine32\" fetches them"


@fetched
@pytest.mark.parametrize("version, options, code, said", [
    pytest.param(None, [], 0, f"32-bit was not run: {NONE}", id="without"),
    pytest.param("0.9", [], 0, "32-bit was not run: the DLLs of libwine:i386 do not belong to wine",
                 id="of-another-version"),
    pytest.param("installed", [], 0, "32-bit was not run: an i686 program with a message box does",
                 id="incomplete"),
    pytest.param(None, ["--require-32bit"], 2, f"32-bit programs cannot be run: {NONE}",
                 id="required"),
    pytest.param(None, FOREIGN, 2, f"32-bit programs cannot be run: {NONE}", id="foreign")])
def test_without_the_dlls(inner: InnerRuns, checkout: Path, version: Optional[str],
                          options: List[str], code: int, said: str) -> None:
    """All 32-bit tests are skipped in one line with the reason; an error where they must run.
    Where the kernel could not run them anyway, that is the reason."""
    kernel = machine.lacks_32bit()
    if kernel:
        said = f"{said.partition(': ')[0]}: {kernel}"
    if version:
        (checkout / "build" / machine.DLLS.name).mkdir()
        (checkout / "build" / machine.DLLS.name / "version").write_text(
            installed() if version == "installed" else version)
    done = inner.run([*PYTEST, "harness/claims/test_writers_run.py", "-k", "i686-ansi", *options],
                     checkout=checkout)
    assert done.code == code, done.text
    lines = [line for line in done.text.splitlines() if "32-bit" in line and "SKIPPED" in line]
    assert said in (lines[0] if code == 0 else done.text) and len(lines) == (code == 0), done.text
