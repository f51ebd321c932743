"""Tests that a program that was handed in can do its work, but no harm."""
from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Callable, Set

import pytest

from harness.driver.paths import BUILD
from harness.driver.waiting import wait_for
from harness.judge import tools
from harness.selftests.inner_runs import InnerRuns, Outcome
from harness.selftests.surroundings import unshared

pytestmark = [pytest.mark.slow, pytest.mark.products, pytest.mark.time_limit(200)]
CHECK = [sys.executable, "-m", "harness.check"]
TRIES = BUILD / "probe" / "tries.exe"
SECRET = "the_secret_of_this_test"
#: A writer whose first call is wrong, so that the verdict shows its source line.
WRONG_CALL = '''#include <windows.h>
int main(void)
{
#line 1 "{}"
    return !CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READONLY, 0, 256,
                               "Global\\\\MyFileMappingObject");
}
'''
MAIN = "\nint main(void) { return 0; }\n"
NO_PROGRAM = "It does not compile"


@pytest.fixture(autouse=True)
def possible() -> None:
    """Skip on machines without sandboxes."""
    if tools.unsafe():
        pytest.skip(tools.unsafe())


@pytest.fixture
def check(inner: InnerRuns, tmp_path: Path) -> Callable[..., Outcome]:
    """Return what runs a check."""
    return lambda *words, **around: inner.run(
        [*CHECK, *words, "--charset", "ansi", "--log", str(tmp_path / "log")], 190.0, **around)


@pytest.mark.parametrize("option, done", [
    ("auto", set()), ("none", {"victim.txt", "new.txt", "shell0.txt", "shell1.txt"})])
def test_a_checked_program_does_no_harm(tmp_path: Path, check: Callable[..., Outcome], option: str,
                                        done: Set[str]) -> None:
    """In the sandbox a program writes no file of the user and starts no Unix program; without it,
    it can. test_sandbox.py tests the sandbox itself."""
    folder = tmp_path / "theirs"
    folder.mkdir()
    (folder / "victim.txt").write_text("whole")
    windows = "Z:" + str(folder).replace("/", "\\")
    status, said = check(f"'{TRIES}' '{windows}' '{folder}' 9", "--sandbox", option)
    assert status == 1, said
    changed = {path.name for path in folder.iterdir() if path.read_text() != "whole"}
    assert changed == done


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
    status, shown = check(str(mine))
    assert status == 1 and said in shown and SECRET not in shown, shown
    if source == WRONG_CALL:
        mine.write_text(source.replace("{}", str(mine)))
        assert "> #include <windows.h>" in check(str(mine))[1]
    elif "include" in source:
        assert SECRET in check(str(mine), "--sandbox", "none")[1]


def test_an_interrupted_check_leaves_nothing(inner: InnerRuns, tmp_path: Path) -> None:
    """SIGTERM while a source is compiled ends the check with 2, and its build folder goes."""
    mine = tmp_path / "mine.c"
    mine.write_text("int main(void) { for (;;) ; }\n")
    with inner.start([*CHECK, str(mine), "--log", str(tmp_path / "log.txt")]) as run:
        wait_for(lambda: list(inner.tmp.iterdir()), "its build folder", str)
        run.terminate()
        assert run.wait(60) == 2 and not list(inner.tmp.iterdir())


def test_who_ends_others_is_named(tmp_path: Path, check: Callable[..., Outcome]) -> None:
    """A program that ends all processes it can reach gets no verdict, and is named."""
    verdict = tmp_path / "verdict.json"
    status, said = check(f"'{TRIES}' all", "--verdict", str(verdict))
    assert status == 3 and json.loads(verdict.read_text())["agent_lost"], said
    assert "! while the writer ran, the agent ended at" in said
    assert "the harness failed" not in said


@pytest.mark.parametrize("option, expected, words", [
    ("auto", 1, "without a sandbox ("), ("required", 4, "there is no sandbox here")])
def test_where_there_is_no_sandbox(tmp_path: Path, check: Callable[..., Outcome], option: str,
                                   expected: int, words: str) -> None:
    """Without a sandbox the verdict says so; with --sandbox required there is none."""
    around = (*unshared("--mount"), "sh", "-c",
              'mount --bind /bin/false /usr/bin/bwrap && exec "$@"', "sh")
    mine = tmp_path / "mine.c"
    mine.write_text(MAIN)
    status, said = check(str(mine), "--sandbox", option, around=around)
    assert status == expected and words in said, said
