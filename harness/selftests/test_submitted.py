"""Tests that a program that was handed in can do its work, but no harm."""
from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Set, Tuple

import pytest

from harness.driver.paths import BUILD, ROOT
from harness.driver.waiting import wait_for
from harness.judge import tools
from harness.selftests.surroundings import unshared

pytestmark = [pytest.mark.slow, pytest.mark.products, pytest.mark.time_limit(200)]
TRIES = BUILD / "probe" / "tries.exe"
SECRET = "the_secret_of_this_test"
#: A writer whose first call is wrong, so that the verdict shows its source line.
WRONG_CALL = """#include <windows.h>
int main(void)
{
#line 1 "%s"
    HANDLE object = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READONLY, 0, 256,
                                       "Global\\\\MyFileMappingObject");
    return object == NULL;
}
"""


@pytest.fixture(autouse=True)
def possible() -> None:
    """Skip on machines without sandboxes."""
    if tools.unsafe():
        pytest.skip(tools.unsafe())


def check(log: Path, *words: str, around: Tuple[str, ...] = ()
          ) -> "subprocess.CompletedProcess[str]":
    """Run a check."""
    command = [*around, sys.executable, "-m", "harness.check", *words, "--log", str(log)]
    return subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=190)


def done_by(folder: Path, *options: str) -> Set[str]:
    """Return what a checked program could do to the files of a folder, a listener and Unix."""
    folder.mkdir()
    (folder / "secret.txt").write_text(SECRET)
    (folder / "victim.txt").write_text("whole")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        windows = "Z:" + str(folder).replace("/", "\\")
        tries = f"'{TRIES}' '{windows}' '{folder}' {listener.getsockname()[1]}"
        done = check(folder.parent / "log.txt", tries, "--charset", "ansi", *options)
        assert done.returncode == 1, done.stdout
        try:
            listener.accept()[0].close()
            found = {"connect"}
        except BlockingIOError:
            found = set()
    found |= {path.name for path in folder.iterdir()} - {"secret.txt", "victim.txt"}
    return found | ({"victim.txt"} if (folder / "victim.txt").read_text() != "whole" else set())


def test_a_checked_program_does_no_harm(tmp_path: Path) -> None:
    """In the sandbox a program writes no file of the user, reaches no network and starts no Unix
    program; without it, it can."""
    assert done_by(tmp_path / "kept") == set()
    assert done_by(tmp_path / "free", "--sandbox", "none") == {
        "connect", "victim.txt", "new.txt", "shell0.txt", "shell1.txt"}


@pytest.mark.parametrize("source", ['#include "{}"\nint main(void) {{ return 0; }}',
                                    'asm(".include \\"{}\\"");\nint main(void) {{ return 0; }}',
                                    '#include "beside.h"\nint main(void) {{ return 0; }}'],
                         ids=["include", "assembler", "link"])
def test_a_source_shows_no_file(tmp_path: Path, source: str) -> None:
    """Neither the compiler nor the assembler can read a file that was not handed in, by name or
    through a link."""
    (tmp_path / "handed-in").mkdir()
    secret, mine = tmp_path / "secret.h", tmp_path / "handed-in" / "mine.c"
    secret.write_text(f"int {SECRET}; char {SECRET};\n")
    (mine.parent / "beside.h").symlink_to(secret)
    mine.write_text(source.format(secret))
    done = check(tmp_path / "log.txt", str(mine))
    assert "It does not compile" in done.stdout and SECRET not in done.stdout, done.stdout
    assert SECRET in check(tmp_path / "log.txt", str(mine), "--sandbox", "none").stdout


def test_a_finding_shows_no_other_file(tmp_path: Path) -> None:
    """Lines of a file that was not handed in are not shown, even if debug information names it."""
    secret, mine = tmp_path / "secret.txt", tmp_path / "handed-in" / "mine.c"
    mine.parent.mkdir()
    secret.write_text(f"{SECRET}\n{SECRET}\n")
    mine.write_text(WRONG_CALL % secret)
    done = check(tmp_path / "log.txt", str(mine), "--charset", "ansi")
    assert "secret.txt:1: " in done.stdout and SECRET not in done.stdout, done.stdout
    mine.write_text(WRONG_CALL % mine)
    assert "> #include <windows.h>" in check(tmp_path / "log.txt", str(mine), "--charset",
                                             "ansi").stdout


def test_a_compiler_has_limits(tmp_path: Path) -> None:
    """A source that would make the compiler fill the disk does not compile."""
    mine = tmp_path / "mine.c"
    mine.write_text('asm(".data\\n.space 1 << 30, 1");\nint main(void) { return 0; }\n')
    done = check(tmp_path / "log.txt", str(mine), "--charset", "ansi")
    assert done.returncode == 1 and "It does not compile" in done.stdout, done.stdout


def test_an_interrupted_check_leaves_nothing(tmp_path: Path) -> None:
    """SIGTERM while a source is compiled ends the check with 2, and its build folder goes."""
    mine, temporary = tmp_path / "mine.c", tmp_path / "tmp"
    temporary.mkdir()
    mine.write_text("int main(void) { for (;;) ; }\n")
    with subprocess.Popen([sys.executable, "-m", "harness.check", str(mine), "--log",
                           str(tmp_path / "log.txt")], cwd=ROOT, stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          env={**os.environ, "TMPDIR": str(temporary)}) as run:
        wait_for(lambda: list(temporary.iterdir()), "its build folder", str)
        run.terminate()
        assert run.wait(60) == 2
    assert not list(temporary.iterdir())


def test_who_ends_others_is_named(tmp_path: Path) -> None:
    """A program that ends all processes it can reach gets no verdict, and is named."""
    verdict = tmp_path / "verdict.json"
    done = check(tmp_path / "log.txt", f"'{TRIES}' all", "--charset", "ansi", "--verdict",
                 str(verdict))
    assert done.returncode == 3, done.stdout
    assert json.loads(verdict.read_text())["agent_lost"]
    assert "! while the writer ran, the agent ended at" in done.stdout
    assert "the harness failed" not in done.stdout


def test_where_there_is_no_sandbox(tmp_path: Path) -> None:
    """Without a sandbox the verdict says so; with --sandbox required there is none."""
    around = (*unshared("--mount"), "sh", "-c",
              'mount --bind /bin/false /usr/bin/bwrap && exec "$@"', "sh")
    mine = tmp_path / "mine.c"
    mine.write_text("int main(void) { return 0; }\n")
    done = check(tmp_path / "log.txt", str(mine), "--charset", "ansi", around=around)
    assert done.returncode == 1 and "without a sandbox (" in done.stdout, done.stdout
    done = check(tmp_path / "log.txt", str(mine), "--sandbox", "required", around=around)
    assert done.returncode == 4 and "there is no sandbox here" in done.stdout, done.stdout
