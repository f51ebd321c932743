"""Checks a variant as its author would, and reads the verdict."""
from __future__ import annotations

import json
import shlex
import subprocess
import sys
import time
from pathlib import Path
from typing import Dict, FrozenSet, NamedTuple

from harness.driver.paths import ROOT
from harness.judge.claims import READER, WRITER

#: The time limit of a check in seconds; none should come near it.
CEILING = 300


class Verdict(NamedTuple):
    """The result of a check: the claims that are broken and kept, or a problem of the harness; its
    seconds, and the number of lines it printed."""

    broken: FrozenSet[str]
    kept: FrozenSet[str]
    trouble: str
    seconds: float
    lines: int


def judge(programs: Dict[str, Path], charset: str, level: str) -> Verdict:
    """Check these programs, given by role, for that character set and level."""
    folder = next(iter(programs.values())).parent
    file, log = folder / f"{level}.json", folder / f"{level}.log"
    halves = [shlex.quote(str(programs[role])) if role in programs else "-"
              for role in (WRITER, READER)]
    for old in (file, log):
        old.unlink(missing_ok=True)
    start = time.monotonic()
    try:
        done = subprocess.run(
            [sys.executable, "-m", "harness.check", *halves, "--level", level, "--charset", charset,
             "--verdict", str(file), "--log", str(log), "-n", "0"], cwd=ROOT, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            timeout=CEILING)
    except subprocess.TimeoutExpired:
        return Verdict(frozenset(), frozenset(), f"the check did not end within {CEILING} s",
                       CEILING, 0)
    seconds, lines = time.monotonic() - start, done.stdout.count("\n")
    (folder / f"{level}.txt").write_text(done.stdout)
    if done.returncode not in (0, 1) or not file.exists():
        return Verdict(frozenset(), frozenset(), f"exit status {done.returncode}: "
                       f"{done.stdout[-300:]}", seconds, lines)
    claims = json.loads(file.read_text())["claims"]
    broken, kept = (frozenset(name for name, claim in claims.items() if claim["verdict"] == word)
                    for word in ("broken", "kept"))
    wrong = f"exit status {done.returncode} with {sorted(broken)}"
    return Verdict(broken, kept, wrong if done.returncode != bool(broken) else "", seconds, lines)
