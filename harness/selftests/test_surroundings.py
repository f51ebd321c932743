"""Tests that in a hostile environment, such as a container, the harness works, or names the problem
and the remedy in one line, and leaves nothing."""
from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Dict, List, Tuple

import pytest

from harness.driver.paths import ROOT
from harness.judge import reporter
from harness.selftests.inner_runs import (DEMO, IS_ROOT, NOBODY, ROUND_TRIP, SHOW, InnerRuns,
                                          after, assert_refused, assert_shown, unshared)


ANYTHING = {
    "WINEPREFIX": "/nowhere", "WINEDEBUG": "+all", "WINEDLLOVERRIDES": "*=d", "WINEARCH": "win32",
    "WINESERVER": "/bin/false", "WINELOADER": "/bin/false", "WINEDLLPATH": "/nowhere",
    "WINEBOOTSTRAPMODE": "1", "DISPLAY": ":77", "XAUTHORITY": "/nowhere", "LANG": "xx_YY.KOI8-R",
    "LC_ALL": "tr_TR", "HOME": "/proc/1", "XDG_RUNTIME_DIR": "/nowhere", "USER": "\N{SNOWMAN}",
    "PYTHONIOENCODING": "ascii", "PYTHONHASHSEED": "1", "COLUMNS": "1", "TERM": "nonsense",
    "PYTHONUTF8": "0", "CDPATH": "/", "ENV": "/nowhere", "IFS": "/"}


#: Process 1 of a strict container: it reaps only its own child. A filter refuses personality,
#: unshare and mount, as Docker's default profile does.
CONTAINER = [sys.executable, "-c", """import subprocess, sys
from harness.driver.wine.notices import *
install([(LOAD, 0, 0, NUMBER), (EQUAL, 2, 0, 135), (EQUAL, 1, 0, 272), (EQUAL, 0, 1, 165),
         (RETURN, 0, 0, REFUSE), (RETURN, 0, 0, ALLOW)], 0)
sys.exit(subprocess.call(sys.argv[1:]))"""]
#: 64 MB of /dev/shm, no /run/user, and a read-only checkout, at most without build/.
MOUNTS = """
mount -t proc proc /proc && mount -t tmpfs -o size=64m none /dev/shm && mount -t tmpfs none /run
mount --bind "$0" "$0"
if [ "$1" = alone ]; then mount --bind "$0/build" "$0/build"; fi
mount -o remount,bind,ro "$0" && cd "$0" && shift && exec "$@"
"""
#: What the container refuses, its shared memory, its /run, and the parent, which is process 1.
CHECKS = ("setarch -R true; unshare true; touch README.md; df -m /dev/shm; ls /run; "
          'echo "parent $PPID"; exec "$@"')


@pytest.mark.parametrize("command, build", [(ROUND_TRIP, "alone"), (DEMO, "alone"), (DEMO, "not")],
                         ids=["pytest", "demo", "demo-without-build"])
def test_it_works_in_a_container(inner: InnerRuns, command: List[str], build: str) -> None:
    """It works, and leaves nothing. With `build` "alone", only build/ is writable."""
    around = (*unshared("--mount", "--pid", "--fork"), "sh", "-e", "-c", MOUNTS, str(ROOT), build,
              *CONTAINER, "sh", "-c", CHECKS, "sh")
    seen = inner.run(command, around=around)
    assert_shown(seen)
    for part in ("setarch: failed", "unshare failed", "README.md': Read-only", " 64 ",
                 "parent 1\n"):
        assert part in seen.text, seen.text


@pytest.mark.skipif(not IS_ROOT, reason="only root can give files to another user")
def test_the_commit_of_sources_of_somebody_else(tmp_path: Path,
                                                monkeypatch: pytest.MonkeyPatch) -> None:
    """The commit is found although git refuses another user's checkout, as is usual in CI."""
    for words in ("init -q", "-c user.name=a -c user.email=a@b commit -q --allow-empty -m a"):
        subprocess.run(["git", "-C", str(tmp_path), *words.split()], check=True, timeout=20)
    for file in (tmp_path, *tmp_path.rglob("*")):
        os.chown(file, 54321, 54321)
    monkeypatch.setattr(reporter, "ROOT", tmp_path)
    assert re.fullmatch("[0-9a-f]{7,}", reporter.commit())


def test_at_a_desktop(inner: InnerRuns) -> None:
    """Nothing remains in /run/user/UID of a logged-in user, where Debian's server listens."""
    around = (*after('mount -t tmpfs none /run\nmkdir -p -m 700 "/run/user/$(id -u)"'), "sh", "-c",
              '"$@" && find /run -mindepth 3', "sh")
    seen = inner.run(DEMO, around=around)
    assert_shown(seen)
    assert "/run" not in seen.text, seen.text


#: A name of a temporary directory, and what a command says that cannot use it. nowhere does not
#: exist, and file is a file. What a Windows program could not open is refused first.
FOLDERS = {"a b Пример 例 ü'$HOME": (), 100 * "x": (), 'quo"te': ('(" in it)', "set TMPDIR to"),
           200 * "x": ("(too long)", "set TMPDIR to"), "nowhere": ("set TMPDIR to",),
           "file": ("set TMPDIR to",)}
#: Mounts over the temporary directory with no space, space for a folder only, or for the prefix but
#: not for the server's files.
READ_ONLY, FULL, FULL_LATER = (f'mount -t tmpfs -o {options} none "$TMPDIR"'
                               for options in ("ro", "nr_inodes=4", "nr_inodes=7"))


@pytest.mark.parametrize("command, before, environment, said", [
    # Only PATH and TMPDIR matter.
    pytest.param(ROUND_TRIP, "", ANYTHING, (), id="variables-pytest"),
    pytest.param(DEMO, "", ANYTHING, (), id="variables-demo"),
    # A wrong PYTHONHOME would stop every Python.
    pytest.param(["make", "demo"], "", {"PYTHONHOME": "/nowhere"}, (), id="make"),
    *(pytest.param(DEMO, "", {"TMPDIR": name}, said, id=f"folder-{number}")
      for number, (name, said) in enumerate(FOLDERS.items())),
    *((command, mount, {}, ("set TMPDIR to",)) for command, mount in (
        (DEMO, READ_ONLY), (ROUND_TRIP, READ_ONLY), (DEMO, FULL), (ROUND_TRIP, FULL),
        (DEMO, FULL_LATER))),
    pytest.param(DEMO, "exec <&-", {}, (), id="closed"),
    pytest.param(DEMO, "umask 0777", {}, (), id="umask"),
    # The oldest systems' initial limit of open files, and one that cannot be raised.
    pytest.param(DEMO, "ulimit -Sn 64", {}, (), id="few-files"),
    (DEMO, "ulimit -n 64", {}, ("at least 256 open files", "ulimit -n"))])
def test_it_works_or_says_why(inner: InnerRuns, command: List[str], before: str,
                              environment: Dict[str, str], said: Tuple[str, ...]) -> None:
    """`before` runs in the shell that then becomes the command. A line has all that is `said`. The
    demonstration also says that a display does not answer."""
    if "TMPDIR" in environment:
        folder = inner.folder / environment["TMPDIR"]
        environment = {"TMPDIR": str(folder)}
        if folder.name == "file":
            folder.write_text("")
        elif folder.name != "nowhere":
            folder.mkdir()
    seen = inner.run(command, around=after(before), environment=environment)
    if said:
        assert_refused(seen, *said)
    else:
        assert_shown(seen)
    assert ("The display :77 does not answer" in seen.text) == (
        command == DEMO and environment == ANYTHING)


def test_an_ordinary_user_in_a_strange_checkout(inner: InnerRuns, checkout: Path) -> None:
    """It works if other users own the checkout and HOME."""
    assert_shown(inner.run(ROUND_TRIP, checkout=checkout, around=NOBODY if IS_ROOT else (),
                           environment={"HOME": "/root"}))


@pytest.mark.skipif(not IS_ROOT, reason="only root can become a user without processes")
def test_a_low_limit_of_processes(inner: InnerRuns, checkout: Path) -> None:
    """A user with hardly any processes left gets a message about it."""
    user = 1_000_000 + os.getpid()  # Another run of the tests must not share it.
    around = ("prlimit", "--nproc=3", "setpriv", f"--reuid={user}", f"--regid={user}",
              "--clear-groups")
    assert_refused(inner.run(DEMO, checkout=checkout, around=around), "demo: ", "process", "limit")


@pytest.mark.parametrize("command", [ROUND_TRIP, DEMO, SHOW], ids=["pytest", "demo", "show"])
def test_nobody_reads_its_output(inner: InnerRuns, command: List[str]) -> None:
    """Without a reader of standard output, commands end silently (pytest may complain)."""
    reader, writer = os.pipe()
    os.close(reader)
    run = inner.start(command, stdout=writer)
    os.close(writer)
    _, errors = run.communicate(timeout=20)
    assert run.returncode != 0 and (command == ROUND_TRIP or errors == b"")


#: Runs a module that may not create the object, as on Windows in a terminal that is not elevated.
UNPRIVILEGED = [sys.executable, "-c", """import runpy, sys
from harness.driver.host import Host
Host.creates_global = False
del sys.argv[0]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)"""]
NEEDS = "creating Global\\MyFileMappingObject needs"


def test_a_run_without_the_privilege_skips_and_says_why(inner: InnerRuns) -> None:
    """Every test is skipped, and says what to do. A pair gets no verdict, but a reason."""
    seen = inner.run([*UNPRIVILEGED, *ROUND_TRIP[2:]])
    assert seen.code == 0 and " passed" not in seen.text, seen.text
    assert "needs SeCreateGlobalPrivilege" in seen.text, seen.text
    seen = inner.run([*UNPRIVILEGED, "pytest", "harness", "--first-process",
                      "build/x86_64-ansi/first_process.exe"])
    assert seen.code and "✗" not in seen.text and "! No verdict" in seen.text, seen.text
    assert NEEDS in seen.text, seen.text


@pytest.mark.parametrize("command", ["harness.lessons.demo", "harness.interleavings"])
def test_a_command_without_the_privilege_says_so(inner: InnerRuns, command: str) -> None:
    """The command stops with the reason instead of waiting for an object that cannot exist."""
    assert_refused(inner.run([*UNPRIVILEGED, command]), NEEDS, "administrator")
