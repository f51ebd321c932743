"""Tests that in a hostile environment the harness works, or names the problem and the remedy in one
line, and leaves nothing."""
from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Dict, List

import pytest

from harness.driver.paths import ROOT as CHECKOUT
from harness.selftests.inner_runs import DEMO, PYTEST, InnerRuns, ROUND_TRIP
from harness.selftests.surroundings import (NOBODY, ROOT, SHOW, assert_refused, assert_shown,
                                            mounted, unshared)

pytestmark = [pytest.mark.products, pytest.mark.slow]


def test_at_a_desktop(inner: InnerRuns) -> None:
    """Nothing remains in /run/user/UID, which logged-in users have and where Debian's server
    listens."""
    around = (*unshared("--mount"), "sh", "-c", 'mount -t tmpfs none /run && '
              'mkdir -p -m 700 "/run/user/$(id -u)" && "$@" && find /run -mindepth 3', "sh")
    seen = inner.run(DEMO, around=around)
    assert_shown(seen)
    assert "/run" not in seen.text, seen.text


ANYTHING = {
    "WINEPREFIX": "/nowhere", "WINEDEBUG": "+all", "WINEDLLOVERRIDES": "*=d", "WINEARCH": "win32",
    "WINESERVER": "/bin/false", "WINELOADER": "/bin/false", "WINEDLLPATH": "/nowhere",
    "WINEBOOTSTRAPMODE": "1", "DISPLAY": ":77", "XAUTHORITY": "/nowhere", "LANG": "xx_YY.KOI8-R",
    "LC_ALL": "tr_TR", "HOME": "/proc/1", "XDG_RUNTIME_DIR": "/nowhere", "USER": "\N{SNOWMAN}",
    "PYTHONIOENCODING": "ascii", "PYTHONHASHSEED": "1", "COLUMNS": "1", "TERM": "nonsense",
    "PYTHONUTF8": "0", "CDPATH": "/", "ENV": "/nowhere", "IFS": "/"}


def folder_of(inner: InnerRuns, name: str) -> Dict[str, str]:
    """Create a temporary directory of that name; nowhere does not exist, and file is a file."""
    folder = inner.folder / name
    if name == "file":
        folder.write_text("")
    elif name != "nowhere":
        folder.mkdir(exist_ok=True)
    return {"TMPDIR": str(folder)}


@pytest.mark.parametrize("command, before, environment", [
    # Only PATH and TMPDIR matter.
    pytest.param(ROUND_TRIP, "", ANYTHING, id="variables-pytest"),
    pytest.param(DEMO, "", ANYTHING, id="variables-demo"),
    # A wrong PYTHONHOME would stop every Python.
    pytest.param(["make", "demo"], "", {"PYTHONHOME": "/nowhere"}, id="make"),
    pytest.param(DEMO, "", {"TMPDIR": "a b Пример 例 ü'$HOME"}, id="temporary-strange"),
    pytest.param(DEMO, "", {"TMPDIR": 100 * "x"}, id="temporary-long"),
    pytest.param(DEMO, "exec <&-", {}, id="closed"),
    pytest.param(DEMO, "umask 0777", {}, id="umask"),
    # The oldest systems' initial limit of open files.
    pytest.param(DEMO, "ulimit -Sn 64", {}, id="few-files")])
def test_it_works(inner: InnerRuns, command: List[str], before: str,
                  environment: Dict[str, str]) -> None:
    """`before` runs in the shell that then becomes the command."""
    if "TMPDIR" in environment:
        environment = folder_of(inner, environment["TMPDIR"])
    around = ("sh", "-c", f'{before}\nexec "$@"', "sh")
    assert_shown(inner.run(command, around=around, environment=environment))


@pytest.mark.parametrize("command, name, options, said", [
    # Paths that Windows programs could not open are refused first.
    (DEMO, 'quo"te', "", '(" in it)'), (DEMO, 200 * "x", "", "(too long)"),
    (DEMO, "nowhere", "", ""), (DEMO, "file", "", ""),
    (DEMO, "tmp", "-o ro", ""), (ROUND_TRIP, "tmp", "-o ro", ""),
    # Space for a folder only, or for the prefix but not for the server's files.
    (DEMO, "tmp", "-o nr_inodes=4", ""), (ROUND_TRIP, "tmp", "-o nr_inodes=4", ""),
    (DEMO, "tmp", "-o nr_inodes=7", "")])
def test_a_temporary_directory_of_no_use(inner: InnerRuns, command: List[str], name: str,
                                         options: str, said: str) -> None:
    """One line names the remedy. `options` are those of the mount there."""
    environment = folder_of(inner, name)
    around = mounted(options, inner.folder / name) if options else ()
    assert_refused(inner.run(command, around=around, environment=environment), said,
                   "set TMPDIR to")


def test_demo_at_a_display_that_does_not_answer(inner: InnerRuns) -> None:
    """The demonstration says so and continues as without a display."""
    seen = inner.run(DEMO, environment={"DISPLAY": ":77"})
    assert_shown(seen)
    assert "The display :77 does not answer" in seen.text


@pytest.fixture
def checkout(inner: InnerRuns) -> Path:
    """Return a copy of this checkout that any user may read, with spaces and non-ASCII characters
    in its path; make the temporary directory writable for any user."""
    folder = inner.folder / "Моя копия ü" / "a b"
    shutil.copytree(CHECKOUT, folder, ignore=shutil.ignore_patterns(".git", "*cache", "wine32"))
    inner.folder.chmod(0o755)
    inner.tmp.chmod(0o1777)
    return folder


def test_an_ordinary_user_in_a_strange_checkout(inner: InnerRuns, checkout: Path) -> None:
    """It works if other users own the checkout and HOME."""
    assert_shown(inner.run(ROUND_TRIP, checkout=checkout, around=NOBODY if ROOT else (),
                           environment={"HOME": "/root"}))


def test_a_low_limit_of_files(inner: InnerRuns) -> None:
    """A limit that cannot be raised is named."""
    seen = inner.run(DEMO, around=("sh", "-c", 'ulimit -n 64; exec "$@"', "sh"))
    assert_refused(seen, "at least 256 open files", "ulimit -n")


@pytest.mark.skipif(not ROOT, reason="only root can become a user without processes")
def test_a_low_limit_of_processes(inner: InnerRuns, checkout: Path) -> None:
    """A user with hardly any processes left gets a message about it."""
    user = 1_000_000 + os.getpid()  # Another run of the tests must not share it.
    around = ("prlimit", "--nproc=3", "setpriv", f"--reuid={user}", f"--regid={user}",
              "--clear-groups")
    assert_refused(inner.run(DEMO, checkout=checkout, around=around), "demo: ", "process", "limit")


@pytest.mark.parametrize("command", [ROUND_TRIP, DEMO, SHOW], ids=["pytest", "demo", "show"])
def test_nobody_reads_its_output(inner: InnerRuns, command: List[str]) -> None:
    """If the reader of standard output has gone, commands end silently and without a hang; pytest's
    own summary may fail."""
    reader, writer = os.pipe()
    os.close(reader)
    errors = inner.folder / "errors"
    with open(errors, "wb") as file:
        run = inner.start(command, stdout=writer, stderr=file)
        os.close(writer)
        assert run.wait(20) != 0
    assert command == ROUND_TRIP or errors.read_text() == ""


#: A run that may not create the object, as on Windows in a terminal that is not elevated.
UNPRIVILEGED = PYTEST + ["-p", "harness.selftests.broken_suites.unprivileged"]


def test_a_run_without_the_privilege_skips_and_says_why(inner: InnerRuns) -> None:
    """Every test is skipped, and says what to do."""
    seen = inner.run(UNPRIVILEGED + ["harness/claims/test_round_trip.py", "-k", "x86_64-ansi"])
    assert seen.code == 0 and " passed" not in seen.text, seen.text
    assert "needs SeCreateGlobalPrivilege" in seen.text, seen.text


@pytest.mark.parametrize("command", ["harness.lessons.demo", "harness.interleavings"])
def test_a_command_without_the_privilege_says_so(inner: InnerRuns, command: str) -> None:
    """The command stops with the reason instead of waiting for an object that cannot exist."""
    seen = inner.run([sys.executable, "-c", "import runpy\nimport "
                      "harness.selftests.broken_suites.unprivileged\n"
                      f"runpy.run_module({command!r}, run_name='__main__')"])
    assert_refused(seen, "creating Global\\MyFileMappingObject needs", "administrator")


def test_a_pair_is_not_blamed_for_a_run_without_the_privilege(inner: InnerRuns) -> None:
    """There is no verdict, but a reason."""
    program = CHECKOUT / "build" / "x86_64-ansi" / "first_process.exe"
    seen = inner.run(UNPRIVILEGED + ["harness", "--first-process", str(program)])
    assert seen.code, seen.text
    assert "✗" not in seen.text and "! No verdict" in seen.text, seen.text
    assert "creating Global\\MyFileMappingObject needs" in seen.text, seen.text
