"""Tests that each platform's host starts programs with any path and name."""
from __future__ import annotations

import os
import shlex
import shutil
import sys
import tempfile
from argparse import Namespace
from pathlib import Path
from typing import List, Optional

import pytest

from harness.driver import pair as pairs
from harness.driver.errors import HarnessError
from harness.driver.host import Host, Settings
from harness.driver.pair import Half, Pair, Scene, round_trip
from harness.driver.paths import BUILD
from harness.driver.windows import WindowsHost
from harness.judge.subject import chosen

#: A folder name that a command line must not split: spaces, quotes, and three scripts.
FOLDER = "it's a Größe & 数 %TEMP% π"


class OnWine(WindowsHost):
    """The Windows host inside a Wine host, except for paths: a script starts the agent."""

    def __init__(self, wine: Host, agents: Path) -> None:
        self.wine = wine
        super().__init__(Settings(agents=agents))

    def path(self, path: Path) -> str:
        return self.wine.path(path.with_name("real.exe") if path.name == "agent.exe" else path)


def windows_host(host: Host, agents: Path) -> WindowsHost:
    """Return another Windows host in addition to the test's, with that folder of agents."""
    script = agents / "x86_64" / "agent.exe"
    if not script.parent.exists():  # The first one runs from there.
        shutil.copytree(BUILD / "x86_64", script.parent)
        if sys.platform != "win32":
            real = script.rename(script.with_name("real.exe"))
            command = [*(f"{name}={value}" for name, value in getattr(host, "environment").items()),
                       *getattr(host, "command")(real)]
            script.write_text(f"#!/bin/sh\nexec env -i {' '.join(map(shlex.quote, command))}\n")
            script.chmod(0o755)
    return WindowsHost(Settings(agents=agents)) if sys.platform == "win32" else \
        OnWine(host, agents)


def test_windows_has_one_run_at_a_time(host: Host, tmp_path: Path,
                                       monkeypatch: pytest.MonkeyPatch) -> None:
    """A second run, from any path, is refused and leaves nothing, until the first has ended."""
    agents, temporary = tmp_path / FOLDER, tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    first = host if sys.platform == "win32" else windows_host(host, agents)
    folders = os.listdir(temporary)
    with pytest.raises(HarnessError, match="another run of this harness is under way"):
        windows_host(host, agents)
    assert os.listdir(temporary) == folders
    if first is not host:
        first.close()
        second = windows_host(host, agents)
        assert second.creates_global
        assert (second.folder / "agent.log").is_file()
        second.close()
        assert os.listdir(temporary) == []


def submitted(first: str, second: Optional[str], charset: str) -> Pair:
    """Return the pair of these two commands."""
    return chosen(Namespace(first_process=first, second_process=second, charset=charset, name=None,
                            message=None, title=None, sandbox="none")).pairs[0]


def test_a_pair_runs_wherever_it_lies(host: Host, tmp_path: Path) -> None:
    """Both programs run in a folder with spaces, quotes and three scripts in its name."""
    folder = tmp_path / FOLDER
    shutil.copytree(BUILD / "x86_64-unicode", folder)
    scene = Scene(host, submitted(str(folder / "first_process.exe"),
                                  str(folder / "second_process.exe"), "unicode"))
    round_trip(scene)


BACKSLASHES = r"'C:\my folder\a.exe' C:\b"


@pytest.mark.parametrize("platform, command, words", [
    ("linux", "a.exe --x 'y z'", ["a.exe", "--x", "y z"]),
    ("linux", r"my\ folder/a.exe", ["my folder/a.exe"]),
    ("linux", BACKSLASHES, ["C:\\my folder\\a.exe", "C:b"]),
    ("win32", BACKSLASHES, ["C:\\my folder\\a.exe", "C:\\b"]),
    ("win32", r'"C:\my folder\a.exe" # "it''s"', ["C:\\my folder\\a.exe", "#", "its"]),
    ("win32", r"C:\Größe\数.exe", ["C:\\Größe\\数.exe"]),
])
def test_commands_are_taken_apart(platform: str, command: str, words: List[str],
                                  monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands are split as in a shell, but a backslash in a Windows path stays."""
    monkeypatch.setattr(sys, "platform", platform)
    assert pairs.split(command) == words


def test_a_file_with_blanks_needs_no_quotes(tmp_path: Path) -> None:
    """A command that is the path of an .exe is that .exe; an open quote is an error."""
    program = tmp_path / "it's mine.exe"
    with pytest.raises(HarnessError, match="--first-process: .* put a path with spaces in quotes"):
        submitted(str(program), None, "ansi")
    program.touch()
    assert Half(str(program), "x86_64", "ansi").file == program
