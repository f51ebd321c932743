"""Tests that each platform's host starts programs with any path and name."""
from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from argparse import Namespace
from pathlib import Path
from typing import List, Optional

import pytest

from harness.driver import pair as pairs
from harness.driver.errors import HarnessError
from harness.driver.host import Host, Settings
from harness.driver.meeting import Scene, round_trip
from harness.driver.pair import Half, Pair
from harness.driver.paths import BUILD
from harness.driver.windows import WindowsHost
from harness.judge.subject import chosen

#: A folder name that a command line must not split: spaces, quotes, and three scripts.
FOLDER = "it's a Größe & 数 %TEMP% π"


def test_windows_talks_to_what_it_starts(tmp_path: Path) -> None:
    """A program starts from any path, with pipes for input and output and a log for errors."""
    host = WindowsHost.__new__(WindowsHost)
    host.folder = tmp_path
    (tmp_path / FOLDER).mkdir()
    if sys.platform == "win32":
        program = Path(shutil.copy(BUILD / "x86_64" / "agent.exe", tmp_path / FOLDER))
    else:
        program = tmp_path / FOLDER / "agent.exe"
        program.write_text("#!/bin/sh\nread -r line || :\necho trouble >&2\necho '{}'\n")
        program.chmod(0o755)
    process = host._launch(program)
    out, _ = process.communicate(b"", timeout=20)
    assert out
    assert process.returncode == 0
    if sys.platform != "win32":
        assert (tmp_path / "agent.log").read_text() == "trouble\n"


class OnWine(WindowsHost):
    """The Windows host inside a Wine host, except for paths and the start of the agent."""

    def __init__(self, wine: Host) -> None:
        from harness.driver.wine.host import WineHost  # As above.
        assert isinstance(wine, WineHost)
        self.wine = wine
        super().__init__(Settings())

    def path(self, path: Path) -> str:
        return self.wine.path(path)

    def _launch(self, program: Path) -> "subprocess.Popen[bytes]":
        # Not by Wine's supervisor, which treats the end of an agent as a loss.
        return subprocess.Popen(self.wine.command(program), env=self.wine.environment,
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL)


def windows_host(host: Host) -> WindowsHost:
    """Return another Windows host in addition to the test's."""
    return WindowsHost(Settings()) if sys.platform == "win32" else OnWine(host)


def test_windows_has_one_run_at_a_time(host: Host, tmp_path: Path,
                                       monkeypatch: pytest.MonkeyPatch) -> None:
    """A second run is refused and leaves nothing, until the first has ended."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    first = host if sys.platform == "win32" else windows_host(host)
    folders = os.listdir(tmp_path)
    with pytest.raises(HarnessError, match="another run of this harness is under way"):
        windows_host(host)
    assert os.listdir(tmp_path) == folders
    if first is not host:
        first.close()
        second = windows_host(host)
        assert second.creates_global
        second.close()
        assert os.listdir(tmp_path) == []


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
    """A command that is the path of an .exe is that .exe."""
    program = tmp_path / "it's mine.exe"
    program.touch()
    assert Half(str(program), "x86_64", "ansi").file == program


def test_an_open_quote_is_told(tmp_path: Path) -> None:
    """The message names the option and the remedy."""
    with pytest.raises(HarnessError, match="--first-process: .* put a path with spaces in quotes"):
        submitted(f"'{tmp_path}", None, "ansi")
