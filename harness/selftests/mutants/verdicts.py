"""Checks each variant as its author would, and compares the verdict: exactly the claims that it
breaks must be named. `make mutants` runs it.

COMPOSED=N in the environment checks N composed programs of each half instead, drawn at random; SEED
determines them. Their faults may hide each other: claims that are only missed make an xfail."""
from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, Iterator, Set

import pytest

from harness.driver.paths import ROOT
from harness.judge.claims import READER, WRITER
from harness.selftests.mutants.tables import FAITHFUL, FAULTS, composed
from harness.selftests.mutants.variant import Variant

#: The time limit of a check in seconds; none should come near it.
CEILING = 300
COMPOSED = int(os.environ.get("COMPOSED") or 0)
VARIANTS = composed(COMPOSED, int(os.environ.get("SEED") or 0)) if COMPOSED else [
    *FAITHFUL, *FAULTS]


def rows() -> Iterator[Any]:
    """Yield a row for each variant, character set and level at which its fault can be seen."""
    for variant in VARIANTS:
        for charset in variant.charsets:
            for level in ("calls", "behaviour")[:1 if variant.calls else 2]:
                name = "-".join(re.findall(r"\w+", variant.name))
                yield pytest.param(variant, charset, level, id=f"{name}-{charset}-{level}")


def checked(programs: Dict[str, Path], charset: str, level: str, folder: Path) -> Dict[str, Any]:
    """Check these programs, given by role. Return the verdict's document."""
    halves = [shlex.quote(str(programs[role])) if role in programs else "-"
              for role in (WRITER, READER)]
    file = folder / "verdict.json"
    done = subprocess.run(
        [sys.executable, "-m", "harness.check", *halves, "--level", level, "--charset", charset,
         "--verdict", str(file), "--log", str(folder / "log"), "-n", "0"], cwd=ROOT, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        timeout=CEILING)
    print(done.stdout)
    assert done.returncode in (0, 1) and file.exists(), f"exit status {done.returncode}"
    document: Dict[str, Any] = json.loads(file.read_text())
    assert done.returncode == (document["verdict"] == "broken")
    return document


@pytest.mark.time_limit(2 * CEILING)
@pytest.mark.parametrize("variant, charset, level", list(rows()))
def test_a_verdict_is_exact(tmp_path: Path, variant: Variant, charset: str, level: str) -> None:
    """The verdict names the broken claims and no others, and calls none of them kept."""
    claims = checked(variant.build(charset, tmp_path), charset, level, tmp_path)["claims"]

    def having(verdict: str) -> Set[str]:
        return {name for name, claim in claims.items() if claim["verdict"] == verdict}
    named, broken = having("broken"), set(variant.claims)
    if level == "behaviour" and variant.seen and named != broken:
        broken = set(variant.seen)  # Only the effects of the fault are visible.
    wrong = {"accused": named - broken, "kept though broken": broken & having("kept"),
             "missed": broken - named}
    lines = "; ".join(f"{word}: {' '.join(sorted(names))}"
                      for word, names in wrong.items() if names)
    if COMPOSED and lines.startswith("missed"):
        pytest.xfail(lines)
    assert not lines
