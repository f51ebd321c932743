"""Tests that the ledger of platform gaps fits a Wine with a gap and one without it."""
from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict

import pytest

from harness.driver.paths import ROOT
from harness.judge.gaps import PAGE, WINE
from harness.selftests.layouts import built
from harness.selftests.inner_runs import PYTEST, InnerRuns

pytestmark = [pytest.mark.products, pytest.mark.slow]

#: The row of the key Insert in the table of Wine's _getch, and a row for F1 as on Windows.
INSERT, F1 = bytes.fromhex("5200 e052 00a2 e092 e052"), bytes.fromhex("3b00 003b 0054 005e 0068")
MINGW = "x86_64-w64-mingw32-"
KEYS = [*PYTEST, "harness/claims/test_writer.py", "-k",
        "test_any_one_key_lets_it_go_on and x86_64 and (F1 or Enter)"]


def teach(tree: Path) -> None:
    """Patch the _getch of a build so that it returns for F1."""
    dll = tree / "dlls" / "msvcrt" / "x86_64-windows" / "msvcrt.dll"
    data = dll.read_bytes()
    if data.count(INSERT) != 1:
        pytest.skip("the table of keys of this Wine is another one")
    dll.unlink()
    dll.write_bytes(data.replace(INSERT, F1))


@pytest.mark.parametrize("taught", [False, True], ids=["as-it-is", "taught"])
def test_a_wine_is_asked(inner: InnerRuns, taught: bool) -> None:
    """A run passes on a Wine with the gap and on one without it, and reports which it is."""
    command = built(inner.folder / "root")
    if taught:
        teach(command.parent)
    file = inner.folder / "verdict.json"
    done = inner.run([*KEYS, "--wine", str(command), "--verdict", str(file)])
    assert done.code == 0, done.text
    verdict: Dict[str, Any] = json.loads(file.read_text())
    state = verdict["gaps"]["function-keys"]
    assert state == "closed" or not taught
    assert (" function-keys (W6) is closed here" in done.text) == (state == "closed")
    assert verdict["verdict"] != "broken"


@pytest.mark.parametrize("name", WINE)
def test_each_gap_can_be_reported(name: str, tmp_path: Path) -> None:
    """The page has the citation, the source and the versions of each gap; the gap's Wine test runs,
    and fails only in todo_wine."""
    gap = WINE[name]
    page = (ROOT / PAGE).read_text(encoding="utf-8")
    section = page.partition(f"## {name}\n")[2].partition("\n## ")[0]
    for text in (gap.citation, gap.source, f"Wine {gap.first} to {gap.last}", *gap.claims):
        assert text in section, text
    program = tmp_path / "test.exe"
    subprocess.run([f"{MINGW}gcc", "-I", Path(__file__).parent, "-o", program,
                    ROOT / "docs" / "gaps" / f"{name}.c", "-ladvapi32"], check=True, timeout=60)
    done = subprocess.run([sys.executable, "-m", "harness.run", "--timeout", "20", program],
                          cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 0 and "todo: " in done.stdout, done.stdout
