"""Tests that a program in the sandbox works and does no harm."""
from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Dict, Tuple

import pytest

from harness.driver.host import Settings
from harness.driver.hosts import open_host
from harness.driver.paths import BUILD, ROOT
from harness.driver.wine.host import WineHost
from harness.selftests.runner import RUN, SHARE, Runner
from harness.selftests.surroundings import NOBODY, unshared
from harness.selftests.inner_runs import InnerRuns

pytestmark = [pytest.mark.slow, pytest.mark.products, pytest.mark.time_limit(120)]
IS_ROOT = os.geteuid() == 0
TRIES = str(BUILD / "probe" / "tries.exe")
#: Another user with whom to run the tests.
WHO = pytest.mark.parametrize("who", [(), pytest.param(NOBODY, marks=pytest.mark.skipif(
    not IS_ROOT, reason="only root can become another user"))], ids=["user", "nobody"])


@pytest.fixture(autouse=True)
def possible() -> None:
    """Skip the test on a machine without sandboxes."""
    done = subprocess.run([*RUN, "--sandbox", "required", str(BUILD / "probe" / "probe.exe")],
                          capture_output=True, stdin=subprocess.DEVNULL, timeout=60)
    if done.returncode == 125:
        pytest.skip(done.stderr.decode().strip())


@pytest.fixture
def place_for_all(inner: InnerRuns) -> Path:
    """Return a folder, open to every user, with a copy of the harness."""
    inner.folder.chmod(0o755)
    inner.tmp.chmod(0o1777)
    shutil.copytree(ROOT / "harness", inner.folder / "harness",
                    ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(BUILD / "probe", inner.folder / "probe")
    (inner.folder / "theirs").mkdir()
    return inner.folder


def tried(top: Path, environment: Dict[str, str], who: Tuple[str, ...], *options: str
          ) -> Dict[str, int]:
    """Return what the program could do in a folder, 1 or 0, as it reports and as found there."""
    folder = top / "theirs"
    for path, mode in ((folder, 0o777), (folder / "secret.txt", 0o666),
                       (folder / "victim.txt", 0o666)):
        if path != folder:
            path.write_text("mine\n")
        path.chmod(mode)
    for shell in folder.glob("shell*"):
        shell.unlink()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        done = subprocess.run(
            [*who, sys.executable, str(top / "harness" / "run"), *options,
             str(top / "probe" / "tries.exe"), "Z:" + str(folder).replace("/", "\\"), str(folder),
             str(listener.getsockname()[1])],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
            cwd="/", env={**environment, "PYTHONPYCACHEPREFIX": "/dev/null"})
        try:
            listener.accept()[0].close()
            connected = 1
        except BlockingIOError:
            connected = 0
    assert done.returncode == 0, done.stderr
    lines = done.stdout.decode().splitlines()
    said = {name: int(could) for name, could in (line.split(": ") for line in lines)}
    there = {name: int((folder / name).exists()) for name in ("shell0.txt", "shell1.txt")}
    assert said["connect"] == connected
    assert said["victim.txt"] == ((folder / "victim.txt").read_text() == "")
    return {**said, **there}


@WHO
def test_no_harm(place_for_all: Path, inner: InnerRuns, who: Tuple[str, ...]) -> None:
    """The program cannot read or write the user's files, connect, or run Unix programs; without a
    sandbox it can do all of that."""
    free = tried(place_for_all, inner.environment, who)
    assert {name for name, could in free.items() if not could} == set()
    kept = tried(place_for_all, inner.environment, who, "--sandbox", "required")
    assert {name for name, could in kept.items() if could} == set()


@pytest.mark.skipif(not IS_ROOT, reason="only root can read it")
def test_a_private_folder(place_for_all: Path, inner: InnerRuns) -> None:
    """Nor can a program that root runs from another user's private folder."""
    os.chown(place_for_all / "probe", 65534, 65534)
    (place_for_all / "probe").chmod(0o700)
    kept = tried(place_for_all, inner.environment, (), "--sandbox", "required")
    assert {name for name, could in kept.items() if could} == set()


@pytest.mark.parametrize("what, status, said", [
    ("processes", 137, b"it had more than 100 processes, and was ended"),
    ("memory", 9, b""), ("file", 9, b"")])
def test_too_much(runner: Runner, what: str, status: int, said: bytes) -> None:
    """Processes, memory and files are limited: a call fails, or the run ends and says why."""
    shutil.copy(TRIES, runner.programs)
    done = runner.run("--sandbox", "required", "tries.exe", what)
    assert (done.returncode, said in done.stderr) == (status, True), done.stderr


def test_what_it_is_handed(runner: Runner) -> None:
    """The program gets arguments, streams, DLLs in its folder, and what is shown to it; a shared
    Wine is one sandbox."""
    (runner.programs / "shown").mkdir()
    (runner.programs / "shown" / "file").write_text("heard")
    file = str(runner.programs / "shown" / "file").replace("/", "\\")
    line = f'type "Z:{file}"'
    shown = ("--sandbox", "required", "--show", str(runner.programs / "shown"))
    assert runner.run(*shown, "probe.exe", "shell", line).stdout == b"heard"
    assert runner.run(*shown[:2], "probe.exe", "shell", line).stdout == b""
    assert runner.run(*shown[:2], "probe.exe", "copy", stdin=b"data").stdout == b"data"
    share = (*SHARE, "--sandbox", "required")
    with runner.running("first", *share, "probe.exe", "meet") as first:
        assert b"second" in runner.start_to_end(*share, "probe.exe", "meet").stdout
        assert first.wait(20) == 0


def test_where_there_is_none(runner: Runner) -> None:
    """Without a sandbox, a message says what the program can do, or the program does not run."""
    around = unshared("--mount")
    nowhere = [*around, "sh", "-c", 'mount --bind /bin/false /usr/bin/bwrap && exec "$@"', "sh"]
    for option, status, said in (
            ("auto", 5, b"it ran without a sandbox (the Wine server does not start in it): "),
            ("required", 125, b"there is no sandbox here")):
        command = runner.command("--sandbox", option, "probe.exe", "exit", "5")
        done = subprocess.run([*nowhere, *command], capture_output=True, timeout=60,
                              stdin=subprocess.DEVNULL, env=runner.inner.environment)
        assert done.returncode == status and said in done.stderr, done.stderr


@pytest.mark.parametrize("arch", ["x86_64", "i686"])
def test_a_host(arch: str, tmp_path: Path) -> None:
    """The programs of a host, and its agent, run in the sandbox and see only what is shown; the
    harness sees their message boxes. The build output may be links."""
    for folder in ("x86_64", "i686"):
        (tmp_path / folder).mkdir()
        for file in (BUILD / folder).iterdir():
            (tmp_path / folder / file.name).symlink_to(file)
    host = open_host(Settings(sandbox="required", agents=tmp_path))
    try:
        assert isinstance(host, WineHost) and not host.unsafe
        if host.lacks(arch):
            pytest.skip(str(host.lacks(arch)))
        host.prove(arch)
        (tmp_path / "mine").write_text("mine")
        command = f'cmd.exe /c type "{host.path(tmp_path / "mine")}"'
        program = host.start("type", command)
        outcome = program.wait()
        assert (outcome.code, outcome.out) == (1, b"")
    finally:
        host.close()
