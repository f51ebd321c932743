"""The page that builds the robust pair, docs/robust/README.md: its diffs."""
from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Dict, List

import pytest

from harness.driver.paths import ROOT

pytestmark = pytest.mark.products
PAGE = ROOT / "docs" / "robust" / "README.md"
FILES = ("robust.h", "robust_writer.c", "robust_reader.c")
#: The steps in which the page builds the pair.
STEPS = 6


def patched(files: Dict[str, List[str]], diff: str) -> None:
    """Apply a unified diff of one file to `files`, which holds their lines by name."""
    name = re.findall(r"^\+\+\+ b/(.*)$", diff, re.M)[0]
    old, new, place = files.get(name, []), [], 0
    for start, body in re.findall(r"^@@ -(\d+)\S* \+\S+ @@.*\n((?:[-+ ].*\n|\n)*)", diff, re.M):
        first = max(int(start) - 1, 0)
        new += old[place:first]
        place = first
        for line in body.splitlines(True):
            if line[0] in " -\n":
                assert old[place] == (line[1:] or "\n"), f"{name}: {line}"
                place += 1
            if line[0] in " +\n":
                new.append(line[1:] or "\n")
    files[name] = new + old[place:]


def built(steps: int) -> Dict[str, List[str]]:
    """The files after so many steps of the page, as lines by name."""
    files: Dict[str, List[str]] = {}
    sections = re.split(r"^## \d\. ", PAGE.read_text(encoding="utf-8"), flags=re.M)[1:]
    assert len(sections) == STEPS
    for section in sections[:steps]:
        for block in re.findall(r"^```diff\n(.*?)^```$", section, re.M | re.S):
            for diff in re.split(r"^(?=--- )", block, flags=re.M)[1:]:
                patched(files, diff)
    return files


@pytest.mark.time_limit(180)
def test_each_step_of_the_page_compiles(tmp_path: Path) -> None:
    """Without a warning. <windows.h>, which takes the compiler longest, is precompiled."""
    compiler = ["x86_64-w64-mingw32-gcc", "-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]
    (tmp_path / "header.h").write_text("#include <windows.h>\n")
    subprocess.run([*compiler, "header.h", "-o", "windows.h.gch"], cwd=tmp_path, check=True)
    for step in range(1, STEPS + 1):
        folder = tmp_path / f"step{step}"
        folder.mkdir()
        for name, lines in built(step).items():
            (folder / name).write_text("".join(lines), encoding="utf-8")
        subprocess.run([*compiler, "-I.", "-include", "windows.h", "-fsyntax-only",
                        *(f"step{step}/{program}" for program in FILES[1:])],
                       cwd=tmp_path, check=True)


def test_the_page_builds_the_pair() -> None:
    """After the last of its steps."""
    for name, lines in built(STEPS).items():
        assert "".join(lines) == (PAGE.parent / name).read_text(encoding="utf-8"), name
