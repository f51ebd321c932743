"""Tests that a program in the sandbox, and one that was handed in, can do its work, but no harm."""
from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import sys
from contextlib import closing, suppress
from pathlib import Path
from typing import Callable, List, Set, Tuple

import pytest

from harness.driver.host import Settings
from harness.driver.hosts import open_host
from harness.driver.paths import BUILD
from harness.driver.waiting import wait_for
from harness.judge import tools
from harness.selftests.inner_runs import (CHECK, IS_ROOT, NOBODY, RUN, SHARE, InnerRuns, Outcome,
                                          after)

PROBE = BUILD / "probe" / "probe.exe"


@pytest.fixture(autouse=True)
def possible() -> None:
    """Skip on machines without sandboxes."""
    if tools.unsafe():
        pytest.skip(tools.unsafe())


def tried(inner: InnerRuns, checkout: Path, who: Tuple[str, ...], *options: str) -> Set[str]:
    """Return what the program could do, as it reports, and as found in a folder."""
    folder = inner.folder / "theirs"
    folder.mkdir()
    folder.chmod(0o777)
    for path in (folder / "secret.txt", folder / "victim.txt"):
        path.write_text("mine\n")
        path.chmod(0o666)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        done = inner.run(
            [sys.executable, str(checkout / "harness" / "run"), *options,
             str(checkout / "build" / "probe" / "probe.exe"), "harm",
             "Z:" + str(folder).replace("/", "\\"), str(folder), str(listener.getsockname()[1])],
            checkout=checkout, around=who, environment={"PYTHONPYCACHEPREFIX": "/dev/null"})
        with suppress(BlockingIOError):
            listener.accept()[0].close()
            (folder / "connect").touch()
    said = done.text.split()
    assert done.code == 0 and said.pop() == "tried", done.text
    assert ("victim.txt" in said) == ((folder / "victim.txt").read_text() == "")
    found = {path.name for path in folder.iterdir()} - {"secret.txt", "victim.txt"}
    shutil.rmtree(folder)
    return {*found, *said}


@pytest.mark.parametrize("who, owner", [((), 0), (NOBODY, 0), ((), 65534)])
def test_no_harm(inner: InnerRuns, checkout: Path, who: Tuple[str, ...], owner: int) -> None:
    """It cannot touch the user's files, connect, or run Unix programs; unconfined it can. Nor can a
    program that root runs from another user's private folder."""
    if (who or owner) and not IS_ROOT:
        pytest.skip("only root can become, or read the files of, another user")
    if owner:
        os.chown(checkout / "build" / "probe", owner, owner)
        (checkout / "build" / "probe").chmod(0o700)
    assert len(tried(inner, checkout, who)) == 6
    assert not tried(inner, checkout, who, "--sandbox", "required")


@pytest.mark.parametrize("what, status, said", [
    ("processes", 137, "it had more than 100 processes, and was ended"), ("memory", 9, ""),
    ("file", 9, "")])
def test_too_much(runner: InnerRuns, what: str, status: int, said: str) -> None:
    """Processes, memory and files are limited: a call fails, or the run ends and says why."""
    runner.expect(status, said, "--sandbox", "required", "probe.exe", "use-up", what)


def test_what_it_is_handed(runner: InnerRuns) -> None:
    """The program, or a batch file, gets its arguments, streams, and what is shown to it; a shared
    Wine is one sandbox."""
    (runner.programs / "shown").mkdir()
    (runner.programs / "shown" / "file").write_text("heard")
    file = str(runner.programs / "shown" / "file").replace("/", "\\")
    line = f'type "Z:{file}"'
    shown = ("--sandbox", "required", "--show", str(runner.programs / "shown"))
    assert runner.launch(*shown, "probe.exe", "shell", line).out == b"heard"
    assert runner.launch(*shown[:2], "probe.exe", "shell", line).out == b""
    assert runner.launch(*shown[:2], "probe.exe", "copy", data=b"data").out == b"data"
    (runner.programs / "batch.bat").write_text("@exit /b %1\n")
    assert runner.launch(*shown[:2], str(runner.programs / "batch.bat"), "5").code == 5
    share = (*SHARE, "--sandbox", "required")
    with runner.running(*share, "probe.exe", "meet") as first:
        assert b"second" in runner.launch(*share, "probe.exe", "meet", alone=False).out
        assert first.wait(20) == 0


@pytest.mark.parametrize("command, option, status, said", [
    (RUN, "auto", 0, "it ran without a sandbox (the Wine server does not start in it): "),
    (RUN, "required", 125, "there is no sandbox here"),
    (CHECK, "auto", 1, "without a sandbox ("), (CHECK, "required", 4, "there is no sandbox here")])
def test_where_there_is_none(inner: InnerRuns, tmp_path: Path, command: List[str], option: str,
                             status: int, said: str) -> None:
    """Without a sandbox, a message or the verdict says so, or the program does not run."""
    mine = tmp_path / "mine.c"
    mine.write_text("int main(void) { return 0; }")
    done = inner.run([*command, "--sandbox", option, str(PROBE if command == RUN else mine)], 100.0,
                     around=after("mount --bind /bin/false /usr/bin/bwrap"))
    assert done.code == status and said in done.text, done.text


@pytest.mark.slow
@pytest.mark.parametrize("arch", ["x86_64", "i686"])
def test_a_host(arch: str, tmp_path: Path) -> None:
    """The programs of a host, and its agent, run in the sandbox and see only what is shown; the
    harness sees their message boxes. The build output may be links."""
    for folder in ("x86_64", "i686"):
        (tmp_path / folder).mkdir()
        for file in (BUILD / folder).iterdir():
            (tmp_path / folder / file.name).symlink_to(file)
    with closing(open_host(Settings(sandbox="required", agents=tmp_path))) as host:
        assert not host.unsafe
        if host.lacks(arch):
            pytest.skip(str(host.lacks(arch)))
        getattr(host, "prove")(arch)
        (tmp_path / "mine").write_text("mine")
        ended = host.start("type", f'cmd.exe /c type "{host.path(tmp_path / "mine")}"').wait()
        assert (ended.code, ended.out) == (1, b"")


SECRET = "the_secret_of_this_test"
MAIN = "\nint main(void) { return 0; }\n"
#: A writer whose first call is wrong, so that the verdict shows its source line.
WRONG_CALL = '''#include <windows.h>
int main(void)
{
#line 1 "{}"
    return !CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READONLY, 0, 256,
                               "Global\\\\MyFileMappingObject");
}
'''
NO_PROGRAM = "It does not compile"


@pytest.fixture
def check(inner: InnerRuns, tmp_path: Path) -> Callable[..., Outcome]:
    """Return what runs a check."""
    return lambda *words: inner.run([*CHECK, *words, "--charset", "ansi", "--log",
                                     str(tmp_path / "log")], 190.0)


def test_a_checked_program_does_no_harm(tmp_path: Path, check: Callable[..., Outcome]) -> None:
    """A checked program writes no file of the user and starts no Unix program."""
    (tmp_path / "victim.txt").write_text("whole")
    windows = "Z:" + str(tmp_path).replace("/", "\\")
    done = check(f"'{PROBE}' harm '{windows}' '{tmp_path}' 9")
    assert done.code == 1, done.text
    assert {path.name for path in tmp_path.iterdir()} == {"victim.txt", "log"}
    assert (tmp_path / "victim.txt").read_text() == "whole"


@pytest.mark.parametrize("source, said", [
    ('#include "{}"' + MAIN, NO_PROGRAM), ('asm(".include \\"{}\\"");' + MAIN, NO_PROGRAM),
    ('#include "beside.h"' + MAIN, NO_PROGRAM),
    # Debug information names a file that was not handed in.
    (WRONG_CALL, "secret.h:1: "),
    # The compiler would fill the disk.
    ('asm(".data\\n.space 1 << 30, 1");' + MAIN, NO_PROGRAM)],
    ids=["include", "assembler", "link", "finding", "limit"])
def test_a_source_shows_no_file_and_fills_no_disk(tmp_path: Path, check: Callable[..., Outcome],
                                                  source: str, said: str) -> None:
    """Neither the compiler, the assembler nor a finding shows a file that was not handed in, by
    name or through a link. Without a sandbox, all do."""
    (tmp_path / "handed-in").mkdir()
    secret, mine = tmp_path / "secret.h", tmp_path / "handed-in" / "mine.c"
    secret.write_text(f"int {SECRET}; char {SECRET};\n")
    (mine.parent / "beside.h").symlink_to(secret)
    mine.write_text(source.replace("{}", str(secret)))
    done = check(str(mine))
    assert done.code == 1 and said in done.text and SECRET not in done.text, done.text
    if source == WRONG_CALL:
        mine.write_text(source.replace("{}", str(mine)))
        assert "> #include <windows.h>" in check(str(mine)).text
    elif "include" in source:
        assert SECRET in check(str(mine), "--sandbox", "none").text


@pytest.mark.parametrize("number, status", [(signal.SIGTERM, 2), (signal.SIGKILL, -9)])
def test_an_ended_check_leaves_nothing(inner: InnerRuns, tmp_path: Path, number: int,
                                       status: int) -> None:
    """A signal ends a check as soon as it has a folder to build in, and the folder goes."""
    mine = tmp_path / "mine.c"
    mine.write_text("int main(void) { for (;;) ; }\n")
    with inner.start([*CHECK, str(mine), "--log", str(tmp_path / "log.txt")]) as run:
        wait_for(lambda: list(inner.tmp.iterdir()), "its build folder", str)
        run.send_signal(number)
        assert run.wait(60) == status
        wait_for(lambda: not list(inner.tmp.iterdir()), "the folder's end", str)


def test_who_ends_others_is_named(tmp_path: Path, check: Callable[..., Outcome]) -> None:
    """A program that ends all processes it can reach gets no verdict, and is named."""
    verdict = tmp_path / "verdict.json"
    done = check(f"'{PROBE}' end-all", "--verdict", str(verdict))
    assert done.code == 3 and json.loads(verdict.read_text())["agent_lost"], done.text
    assert "! while the writer ran, the agent ended at" in done.text
    assert "the harness failed" not in done.text
