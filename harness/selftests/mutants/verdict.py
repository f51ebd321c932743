"""What the suite says of a variant, read from pytest's JUnit report."""
from __future__ import annotations

import shlex
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Tuple

from harness.selftests.mutants.variant import ROOT, Variant

#: How a failure begins that is about the judged program. Any other exception is the harness's
#: own trouble, and finding a fault by accident is not finding it.
JUDGEMENTS = ("AssertionError", "assert ", "harness.driver.errors.Expired", "Failed")
#: No run of the suite may take longer, in seconds.
CEILING = 600


@dataclass(frozen=True)
class Verdict:
    """One run of the suite: how many tests ran, those that failed, with their claims, trouble of
    the harness, and the seconds it took."""

    ran: int
    failed: List[Tuple[str, Tuple[str, ...]]]
    trouble: List[str]
    seconds: float


def read(report: Path, seconds: float) -> Verdict:
    """The verdict in a JUnit report."""
    ran, failed, trouble = 0, [], []
    for case in ElementTree.parse(report).iter("testcase"):
        name = f"{case.get('classname', '').rpartition('.')[2]}::{case.get('name')}"
        claims = tuple(claim.get("value", "") for claim in case.iter("property")
                       if claim.get("name") == "claim")
        ran += case.find("skipped") is None
        for problem in [*case.findall("failure"), *case.findall("error")]:
            message = problem.get("message", "")
            if problem.tag == "failure" and message.startswith(JUDGEMENTS):
                failed.append((name, claims))
            else:
                trouble.append(f"{name}: {message.splitlines()[0] if message else '?'}")
    return Verdict(ran, failed, trouble, seconds)


def judge(variant: Variant, programs: Dict[str, Path], charset: str, level: str) -> Verdict:
    """What the suite says of a variant at that level. Trouble is no verdict, so it is asked once
    more then: Wine fails to start a program once in several thousand times."""
    verdict = _ask(variant, programs, charset, level)
    return _ask(variant, programs, charset, level) if verdict.trouble else verdict


def _ask(variant: Variant, programs: Dict[str, Path], charset: str, level: str) -> Verdict:
    """Run the suite on the programs of a variant at that level, with a product in the place of a
    program that it leaves alone: all of the suite for a faithful one; for a fault, the tests of
    its claims, until the first of them fails."""
    folder = next(iter(programs.values())).parent
    report = folder / f"{level}.xml"
    command = [sys.executable, "-m", "pytest", "harness", "--charset", charset, "--level", level,
               "--junitxml", str(report)]
    for program, file in programs.items():
        command += [f"--{program.replace('_', '-')}", shlex.quote(str(file))]
    if variant.claims:
        # The desktop lane plays the round trip once more, in a prefix and on a display of its own;
        # what it can see is seen sooner by others.
        command += ["-x", "-p", "harness.selftests.mutants.fitting", "--fitting",
                    ",".join(variant.claims),
                    "--ignore", "harness/claims/test_desktop.py"]
    report.unlink(missing_ok=True)
    start = time.monotonic()
    try:
        with open(folder / f"{level}.log", "w") as log:
            done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log,
                                  stderr=subprocess.STDOUT, timeout=CEILING)
    except subprocess.TimeoutExpired:
        return Verdict(0, [], [f"the suite did not end within {CEILING} s"], CEILING)
    if done.returncode not in (0, 1):
        return Verdict(0, [], [f"pytest ended with {done.returncode}; see {log.name}"], 0)
    return read(report, time.monotonic() - start)
