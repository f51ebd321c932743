"""Has a variant checked as its author would, and reads the verdict."""
from __future__ import annotations

import json
import shlex
import subprocess
import sys
import time
from pathlib import Path
from typing import Dict, FrozenSet, NamedTuple

from harness.driver.paths import ROOT

#: Seconds for one check; none should take nearly as long.
CEILING = 300


class Verdict(NamedTuple):
    """What a check said: the broken claims, or what was wrong with the harness; how long it took in
    seconds, and how many lines it printed."""

    broken: FrozenSet[str]
    trouble: str
    seconds: float
    lines: int


def judge(programs: Dict[str, Path], charset: str, level: str) -> Verdict:
    """Check these programs, by half, of that character set, at a level."""
    folder = next(iter(programs.values())).parent
    file = folder / f"{level}.json"
    command = [sys.executable, "-m", "pytest", "harness", "--level", level, "--charset", charset,
               "--verdict", str(file)]
    for program, path in programs.items():
        command += [f"--{program.replace('_', '-')}", shlex.quote(str(path))]
    file.unlink(missing_ok=True)
    start = time.monotonic()
    try:
        done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=CEILING)
    except subprocess.TimeoutExpired:
        return Verdict(frozenset(), f"the check did not end within {CEILING} s", CEILING, 0)
    seconds = time.monotonic() - start
    (folder / f"{level}.txt").write_text(done.stdout)
    if done.returncode not in (0, 1) or not file.exists():
        return Verdict(frozenset(), f"exit status {done.returncode}: {done.stdout[-300:]}", seconds,
                       done.stdout.count("\n"))
    claims = json.loads(file.read_text())["claims"]
    broken = frozenset(name for name, claim in claims.items() if claim["verdict"] == "broken")
    if done.returncode != bool(broken):
        return Verdict(broken, f"exit status {done.returncode} with {sorted(broken)}", seconds, 0)
    return Verdict(broken, "", seconds, done.stdout.count("\n"))
