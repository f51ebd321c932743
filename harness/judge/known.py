"""The milestones that programs have reached, as far as the run knows.

A milestone is a file in a folder that all processes of the run share, so that a check can wait for
a result of another process. Checks that give a milestone are sorted before those that need it, and
each process runs its checks in that order. So the first unfinished check never waits, and there is
no deadlock.
"""
from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any, Dict, List, Optional, Set

import pytest

from harness.driver.errors import HarnessError
from harness.driver.waiting import deadlines
from harness.judge import files

#: The time limit of a run with slow programs, in seconds.
BUDGET = 7.0
#: The run time of a small program on an ordinary machine, in seconds.
PACE = 0.15
#: The time that a check waits for a milestone, in seconds.
PATIENCE = 120.0


#: The folder that all processes of a run share.
BOARD = pytest.StashKey[Path]()


class Known:
    """The milestones of a run. The checks of this run determine those that are `given`; for all
    others the documented values apply."""

    def __init__(self, folder: Path, given: Set[str]) -> None:
        self.folder, self.given = folder, given

    def _file(self, milestone: str) -> Path:
        return self.folder / f"{milestone}.known"

    def give(self, milestone: str, value: Any = True, because: Optional[List[str]] = None,
             why: str = "", left_out: bool = False) -> None:
        """Tell all processes that a program has reached a milestone, with its value; or that it has
        not, because of these broken claims or for another reason (`why`), and whether its check was
        `left_out`."""
        if self._file(milestone).exists():
            return
        with files.whole(self._file(milestone)) as part:
            part.write_text(json.dumps({"value": value, "because": because, "why": why,
                                        "left_out": left_out}), encoding="utf-8")

    def slow(self, role: str) -> None:
        """Note that the program is slow to start on any machine."""
        (self.folder / f"{role}.slow").touch()

    def hung(self, role: str) -> None:
        """Note that a full wait for this program was in vain."""
        (self.folder / f"{role}.hung").touch()

    def hangs(self, role: str) -> bool:
        """Return whether a full wait for this program was in vain."""
        return (self.folder / f"{role}.hung").exists()

    def spare_time(self, began: float) -> float:
        """Return the seconds left for the run, which is limited only if a program is slow."""
        if not any(self.folder.glob("*.slow")):
            return BUDGET
        return began + BUDGET * max(1.0, self.pace / PACE) * deadlines.scale - time.time()

    @property
    def pace(self) -> float:
        """Return the run time of a small program on this machine, in seconds."""
        file = self.folder / "pace"
        return float(file.read_text()) if file.exists() else PACE

    @pace.setter
    def pace(self, seconds: float) -> None:
        with files.whole(self.folder / "pace") as part:
            part.write_text(str(seconds))

    @property
    def unsafe(self) -> str:
        """Return why the programs run without a sandbox although it is "auto", or ""."""
        file = self.folder / "unsafe"
        return file.read_text(encoding="utf-8") if file.exists() else ""

    @unsafe.setter
    def unsafe(self, why: str) -> None:
        (self.folder / "unsafe").write_text(why, encoding="utf-8")

    def ask(self, milestone: str) -> Dict[str, Any]:
        """Return what is known about a milestone, after the check that determines it. Raises
        HarnessError if that takes too long."""
        if milestone not in self.given:
            return {"value": None, "because": None, "why": "", "left_out": False}
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                return dict(json.loads(self._file(milestone).read_text(encoding="utf-8")))
            except FileNotFoundError:
                time.sleep(0.005)
        raise HarnessError(f"no check has found out about the milestone {milestone!r}")
