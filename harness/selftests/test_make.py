"""Tests what make builds, and when."""
from __future__ import annotations

import subprocess
from pathlib import Path
from typing import List

import pytest

from harness.driver.paths import ROOT

pytestmark = [pytest.mark.products, pytest.mark.slow]
MADE = [f"build/x86_64-ansi/{program}.exe" for program in ("first_process", "second_process")]


def built(folder: Path, *arguments: str) -> List[str]:
    """Run make in the folder. Return which of the two programs it builds."""
    done = subprocess.run(["make", "-C", str(folder), *MADE, *arguments], stdin=subprocess.DEVNULL,
                          env={"PATH": "/usr/local/bin:/usr/bin:/bin"}, timeout=60, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 0, done.stdout
    return [made for made in MADE if f"-o {made}" in done.stdout]


def test_only_what_has_changed_is_built_again(tmp_path: Path) -> None:
    """make rebuilds a program only if something changed. If it replaced one that a test is
    starting, CreateProcess would fail with 193."""
    for name in ("Makefile", "first_process", "second_process"):
        (tmp_path / name).symlink_to(ROOT / name)
    assert built(tmp_path) == MADE
    assert built(tmp_path) == []
    assert built(tmp_path, "CFLAGS=-O1") == MADE
    assert built(tmp_path, "CFLAGS=-O1") == []
