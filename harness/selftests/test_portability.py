"""Tests that the harness runs on Windows without Unix modules, and with Python 3.8. CI runs it on
Windows."""
from __future__ import annotations

import ast
from pathlib import Path
from typing import Dict, Iterator, List

import pytest

from harness.driver.paths import ROOT
from harness.selftests.conftest import ON_WINDOWS

pytestmark = pytest.mark.products
#: The files of the harness, as Python 3.8 parses them.
SOURCES = {path: ast.parse(path.read_text(encoding="utf-8"), str(path), feature_version=(3, 8))
           for path in (ROOT / "harness").rglob("*.py")}
#: Modules that only Unix has, or that a Windows run does not need.
UNIX = set("""_curses crypt curses fcntl grp nis ossaudiodev posix pty pwd readline resource spwd
    syslog termios tty xdist pexpect ptyprocess pyvirtualdisplay jinja2 psutil PIL Xlib
    selenium""".split())
NAMES = [ROOT / "harness" / name for name in ("conftest.py", "driver/windows.py", "judge/plugin.py",
                                              "judge/fixtures.py", "lessons/demo.py")]


def imported(body: List[ast.stmt]) -> Iterator[str]:
    """Yield the modules that these statements import at once, up to a skip of the file."""
    for one in body:
        if isinstance(one, ast.Import):
            yield from (name.name for name in one.names)
        elif isinstance(one, ast.ImportFrom):
            yield from (f"{one.module}.{name.name}" for name in one.names)
        elif isinstance(one, ast.If) and "TYPE_CHECKING" not in ast.dump(one.test):
            if "allow_module_level" in ast.dump(one):
                return
            yield from imported(one.body + one.orelse)


def test_windows_imports_nothing_of_unix() -> None:
    """No claim, no self-test for Windows, and nothing that they import needs a Unix module."""
    left = NAMES + [path for path in SOURCES if path.name in ON_WINDOWS
                    or path.name.startswith("test_") and "claims" in path.parts]
    why: Dict[Path, str] = dict.fromkeys(left, "")
    while left:
        path = left.pop()
        for name in imported(SOURCES[path].body):
            assert name.partition(".")[0] not in UNIX, f"{path} imports {name}; {why[path]}"
            for module in (name, name.rpartition(".")[0]):
                file = ROOT.joinpath(*module.split(".")).with_suffix(".py")
                if file in SOURCES and file not in why:
                    left.append(file)
                    why[file] = f"{path} imports {module}"
    assert len(why) > 90
