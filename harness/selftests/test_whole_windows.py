"""Tests that a minimal prefix differs from a full one only as docs/wine.md says."""
from __future__ import annotations

from typing import Dict

import pytest

from harness.driver.paths import BUILD
from harness.driver.wine.processor import described
from harness.selftests.runner import SHARE, Runner

pytestmark = [pytest.mark.slow, pytest.mark.products, pytest.mark.time_limit(180)]
FACTS = str(BUILD / "probe" / "facts.exe")
#: The permitted differences, and their reasons.
ALLOWED = {
    "drives": "Wine's service mountmgr makes them known",
    "adapters": "Wine's driver nsiproxy lists them",
    "services": "no service manager runs",
    "shell link": "no COM class is registered",
}
CPU = r"registry Hardware\Description\System\CentralProcessor\0"
#: In a virtual machine, Linux may have another name for the processor, and Wine 10.0 may find
#: neither.
PROCESSOR = {f"{CPU} ProcessorNameString", f"{CPU} ~MHz"}


def facts(runner: Runner, *options: str) -> Dict[str, str]:
    """Return what the program reports, by question."""
    done = runner.start_to_end(*options, FACTS)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.decode(errors="replace").splitlines()
    return dict(line.rsplit(": ", 1) for line in lines)


def test_a_whole_windows(runner: Runner) -> None:
    """Only the listed facts differ, and all of them do. A shared Wine also has services."""
    full, minimal = facts(runner, "--prefix", "full"), facts(runner)
    assert set(full) == set(minimal)
    assert {fact for fact in full if full[fact] != minimal[fact]} - PROCESSOR == set(ALLOWED)
    assert minimal[f"{CPU} ProcessorNameString"].endswith(described()["model name"])
    shared = facts(runner, *SHARE)
    assert {fact for fact in minimal if minimal[fact] != shared[fact]} - PROCESSOR == {"services"}
    sandboxed = facts(runner, "--sandbox", "auto")
    assert minimal == sandboxed
