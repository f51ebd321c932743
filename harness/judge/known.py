"""What a program has come to, as far as the run knows: its milestones.

A milestone is a file in a folder that all processes of the run share, so that a check in one
process waits for what another one is just finding out. Providers stand before those that need them,
and each process runs its checks in their order; so the first unfinished check never waits, and
nothing can wait for ever.
"""
from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any, Dict, List, Optional, Set

import pytest

from harness.driver.errors import HarnessError
from harness.driver.waiting import deadlines

#: How long a run takes at most whose programs take long by themselves, in seconds.
BUDGET = 7.0
#: How long a small program takes on an ordinary machine, in seconds.
PACE = 0.15
#: How long a check may wait for another one, in seconds.
PATIENCE = 120.0


#: The folder that all processes of a run share.
BOARD = pytest.StashKey[Path]()


class Known:
    """The milestones of a run. `given` are those that a check of this run finds out; any other is
    taken as documented."""

    def __init__(self, folder: Path, given: Set[str]) -> None:
        self.folder, self.given = folder, given

    def _file(self, milestone: str) -> Path:
        return self.folder / f"{milestone}.known"

    def give(self, milestone: str, value: Any = True, because: Optional[List[str]] = None,
             why: str = "", left_out: bool = False) -> None:
        """Say to all processes that the program has come to a milestone, and what is known of it;
        or because of which broken claims, or why else, it has not; or that its check was
        `left_out`."""
        if self._file(milestone).exists():
            return
        temporary = self.folder / f".{milestone}.{os.getpid()}"
        temporary.write_text(json.dumps({"value": value, "because": because, "why": why,
                                         "left_out": left_out}), encoding="utf-8")
        os.replace(temporary, self._file(milestone))

    def slow(self, role: str) -> None:
        """Say that each start of that program takes long, whatever the machine."""
        (self.folder / f"{role}.slow").touch()

    def hung(self, role: str) -> None:
        """Say that this program was waited for in vain, as long as any is."""
        (self.folder / f"{role}.hung").touch()

    def hangs(self, role: str) -> bool:
        """Whether any run of this program was waited for in vain."""
        return (self.folder / f"{role}.hung").exists()

    def spare_time(self, began: float) -> float:
        """How much longer the run may take, in seconds; a run may take any time unless one of its
        programs does."""
        if not any(self.folder.glob("*.slow")):
            return BUDGET
        return began + BUDGET * max(1.0, self.pace / PACE) * deadlines.scale - time.time()

    @property
    def pace(self) -> float:
        """How long a small program takes on this machine, in seconds."""
        file = self.folder / "pace"
        return float(file.read_text()) if file.exists() else PACE

    @pace.setter
    def pace(self, seconds: float) -> None:
        temporary = self.folder / f".pace.{os.getpid()}"
        temporary.write_text(str(seconds))
        os.replace(temporary, self.folder / "pace")

    @property
    def unsafe(self) -> str:
        """Why the programs run without a sandbox although it is "auto"."""
        file = self.folder / "unsafe"
        return file.read_text(encoding="utf-8") if file.exists() else ""

    @unsafe.setter
    def unsafe(self, why: str) -> None:
        (self.folder / "unsafe").write_text(why, encoding="utf-8")

    def ask(self, milestone: str) -> Dict[str, Any]:
        """What is known of a milestone; waits for the check that finds it out."""
        if milestone not in self.given:
            return {"value": None, "because": None, "why": "", "left_out": False}
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                return dict(json.loads(self._file(milestone).read_text(encoding="utf-8")))
            except FileNotFoundError:
                time.sleep(0.005)
        raise HarnessError(f"no check has found out about the milestone {milestone!r}")
