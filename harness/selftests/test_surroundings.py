"""Hostile surroundings: the harness works in them, or says in one line what is wrong and what
helps, and leaves nothing behind."""
from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Callable, List, Tuple

import pytest

from harness.driver.paths import ROOT as CHECKOUT
from harness.selftests.inner_runs import DEMO, InnerRuns, ROUND_TRIP
from harness.selftests.surroundings import (NOBODY, ROOT, SHOW, assert_refused, assert_shown,
                                            mounted, unshared)

pytestmark = [pytest.mark.products, pytest.mark.slow]


def test_at_a_desktop(inner: InnerRuns) -> None:
    """A person who is logged in has a folder for what runs; Debian's server listens there, and
    nothing stays in it."""
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


@pytest.mark.parametrize("command", [ROUND_TRIP, DEMO], ids=["pytest", "demo"])
def test_variables_set_to_anything(inner: InnerRuns, command: List[str]) -> None:
    """Only PATH and TMPDIR count."""
    assert_shown(inner.run(command, environment=ANYTHING))


def test_make_sets_python_straight(inner: InnerRuns) -> None:
    """A PYTHONHOME that is wrong would stop every Python."""
    assert_shown(inner.run(["make", "demo"], environment={"PYTHONHOME": "/nowhere"}))


def test_demo_at_a_display_that_does_not_answer(inner: InnerRuns) -> None:
    """It says so and goes on without, as it does where there is none."""
    seen = inner.run(DEMO, environment={"DISPLAY": ":77"})
    assert_shown(seen)
    assert "The display :77 does not answer" in seen.text


@pytest.mark.parametrize("name", ["a b Пример 例 ü'$HOME", "x" * 100])
def test_temporary_directories_of_any_name(inner: InnerRuns, name: str) -> None:
    """Spaces, letters of all kinds, and a long path."""
    folder = inner.folder / name
    folder.mkdir()
    assert_shown(inner.run(DEMO, environment={"TMPDIR": str(folder)}))


@pytest.mark.parametrize("name, said", [('quo"te', '(" in it)'), ("x" * 200, "(too long)")])
def test_temporary_directories_that_windows_cannot_name(inner: InnerRuns, name: str,
                                                        said: str) -> None:
    """What Windows programs could not open is refused beforehand."""
    folder = inner.folder / name
    folder.mkdir()
    assert_refused(inner.run(DEMO, environment={"TMPDIR": str(folder)}), said, "set TMPDIR to")


def missing(inner: InnerRuns) -> Tuple[str, ...]:
    """No such folder."""
    inner.environment["TMPDIR"] = str(inner.folder / "nowhere")
    return ()


def is_a_file(inner: InnerRuns) -> Tuple[str, ...]:
    """Not a folder."""
    inner.environment["TMPDIR"] = str(inner.folder / "file")
    (inner.folder / "file").write_text("")
    return ()


def read_only(inner: InnerRuns) -> Tuple[str, ...]:
    """Not to be written to, even for root."""
    return mounted("-o ro", inner.tmp)


def full(inner: InnerRuns) -> Tuple[str, ...]:
    """Room for a folder, and for nothing in it."""
    return mounted("-o nr_inodes=4", inner.tmp)


def nearly_full(inner: InnerRuns) -> Tuple[str, ...]:
    """Room for the prefix, but not for what the server writes."""
    return mounted("-o nr_inodes=7", inner.tmp)


@pytest.mark.parametrize("command, wrong", [
    (DEMO, missing), (DEMO, is_a_file), (DEMO, read_only), (DEMO, full), (DEMO, nearly_full),
    (ROUND_TRIP, read_only), (ROUND_TRIP, full)])
def test_temporary_directories_that_cannot_be_used(
        inner: InnerRuns, command: List[str],
        wrong: Callable[[InnerRuns], Tuple[str, ...]]) -> None:
    """One line names the folder and what helps."""
    around = wrong(inner)
    assert_refused(inner.run(command, around=around), "set TMPDIR to")


@pytest.fixture
def checkout(inner: InnerRuns) -> Path:
    """A copy of this checkout that any user may read, as not everybody's is, and whose path has
    spaces and non-ASCII letters; and a temporary directory that any user may write to."""
    folder = inner.folder / "Моя копия ü" / "a b"
    shutil.copytree(CHECKOUT, folder, ignore=shutil.ignore_patterns(".git", "*cache", "wine32"))
    inner.folder.chmod(0o755)
    inner.tmp.chmod(0o1777)
    return folder


def test_an_ordinary_user_in_a_strange_checkout(inner: InnerRuns, checkout: Path) -> None:
    """The checkout and HOME are somebody else's."""
    assert_shown(inner.run(ROUND_TRIP, checkout=checkout, around=NOBODY if ROOT else (),
                           environment={"HOME": "/root"}))


def closed(inner: InnerRuns) -> Tuple[str, ...]:
    """Standard input closed."""
    return ("sh", "-c", 'exec "$@" <&-', "sh")


def umask(inner: InnerRuns) -> Tuple[str, ...]:
    """New files are for nobody."""
    return ("sh", "-c", 'umask 0777; exec "$@"', "sh")


def few_files(inner: InnerRuns) -> Tuple[str, ...]:
    """A process may at first open as few files as the oldest systems let it."""
    return ("sh", "-c", 'ulimit -Sn 64; exec "$@"', "sh")


@pytest.mark.parametrize("around", [closed, umask, few_files])
def test_unusual_processes(inner: InnerRuns,
                           around: Callable[[InnerRuns], Tuple[str, ...]]) -> None:
    """What a process inherits besides its environment."""
    assert_shown(inner.run(DEMO, around=around(inner)))


def test_a_low_limit_of_files(inner: InnerRuns) -> None:
    """A limit that cannot be raised is named."""
    seen = inner.run(DEMO, around=("sh", "-c", 'ulimit -n 64; exec "$@"', "sh"))
    assert_refused(seen, "at least 256 files", "ulimit -n")


@pytest.mark.skipif(not ROOT, reason="only root can become a user without processes")
def test_a_low_limit_of_processes(inner: InnerRuns, checkout: Path) -> None:
    """A user with hardly any process left is told so."""
    user = 1_000_000 + os.getpid()  # Another run of the tests must not share it.
    around = ("prlimit", "--nproc=3", "setpriv", f"--reuid={user}", f"--regid={user}",
              "--clear-groups")
    assert_refused(inner.run(DEMO, checkout=checkout, around=around), "demo: ", "process", "limit")


@pytest.mark.parametrize("command", [ROUND_TRIP, DEMO, SHOW], ids=["pytest", "demo", "show"])
def test_nobody_reads_its_output(inner: InnerRuns, command: List[str]) -> None:
    """Standard output is a pipe whose reader has gone: an end without a hang, and without a word
    from what was there to be read."""
    reader, writer = os.pipe()
    os.close(reader)
    errors = inner.folder / "errors"
    with open(errors, "wb") as file:
        run = inner.start(command, stdout=writer, stderr=file)
        os.close(writer)
        assert run.wait(20) != 0
    assert command == ROUND_TRIP or errors.read_text() == ""
