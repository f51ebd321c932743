"""Starts the harness inside a test, as a separate program, in an environment as hostile as the test
wants; it must leave nothing."""
from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

import psutil

from harness.driver.paths import ROOT as CHECKOUT
from harness.driver.waiting import wait_for
from harness.driver.wine.supervised import Supervisor

#: The command of an inner run of pytest. It shares nothing with the outer run.
PYTEST = [sys.executable, "-m", "pytest", "-rA", "--tb=short"]
#: The quickest complete test: a round trip of one pair.
ROUND_TRIP = PYTEST + ["harness/claims/test_round_trip.py", "-k", "shows_what and x86_64-ansi"]
DEMO = [sys.executable, "-m", "harness.lessons.demo"]
#: Python's bytecode goes to make's cache folder, or nowhere.
BYTECODE = ({"PYTHONPYCACHEPREFIX": os.environ["PYTHONPYCACHEPREFIX"]}
            if "PYTHONPYCACHEPREFIX" in os.environ else {"PYTHONDONTWRITEBYTECODE": "1"})


#: Ends an inner run together with its parent.
MORTAL = [str(shutil.which("setpriv")), "--pdeathsig", "KILL"]


class Outcome(NamedTuple):
    """How an inner run ended: its exit code, and all of its output."""

    code: int
    text: str


def processes_with(value: str) -> List[str]:
    """Return process id and command line of the processes with the value in their environment."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if any(value in setting for setting in process.environ().values()):
                found.append(f"{process.pid} {' '.join(process.cmdline())}")
    return found


class InnerRuns:
    """A separate home and temporary directory, and a minimal environment. `close` asserts that no
    process and no file of its runs remains."""

    def __init__(self) -> None:
        # Removes the folder even if this process is killed.
        self.supervisor = Supervisor(False)
        self.folder = Path(self.supervisor.folder)
        self.tmp = self.folder / "tmp"
        self.home = self.folder / "home"
        for folder in (self.tmp, self.home):
            folder.mkdir()
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(self.home),
                            "TMPDIR": str(self.tmp), "INNER_RUN": str(self.folder),
                            **{name: os.environ[name] for name in ("WINE",) if name in os.environ},
                            **BYTECODE}
        self.runs: List["subprocess.Popen[str]"] = []

    def start(self, command: List[str], checkout: Path = CHECKOUT, around: Tuple[str, ...] = (),
              environment: Optional[Dict[str, str]] = None, **more: Any) -> "subprocess.Popen[str]":
        """Start an inner run in the checkout. `around` is a command that runs it."""
        more.setdefault("stdin", subprocess.DEVNULL)
        more.setdefault("stdout", subprocess.PIPE)
        more.setdefault("stderr", subprocess.STDOUT)
        self.runs.append(subprocess.Popen(
            [*MORTAL, *around, *command], cwd=checkout, text=True, errors="replace",
            env={**self.environment, **(environment or {})}, start_new_session=True, **more))
        return self.runs[-1]

    def run(self, command: List[str], seconds: float = 40.0, **surroundings: Any) -> Outcome:
        """Run an inner run to its end."""
        process = self.start(command, **surroundings)
        try:
            text, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            text, _ = process.communicate()
            raise AssertionError(f"{command} still ran after {seconds:g} s:\n{text}")
        return Outcome(process.returncode, text)

    def processes(self) -> List[str]:
        """Return the processes of these runs, with their command lines."""
        # Under Wine, only paths in the run's own folder identify them.
        return processes_with(str(self.folder))

    def left(self) -> List[str]:
        """Return everything that remains of the runs."""
        found = set(self.tmp.iterdir())
        # Unlike pathlib, os.walk tolerates files that disappear meanwhile.
        for parent, folders, _ in os.walk(self.folder):
            if "pycache" in folders:
                folders.remove("pycache")  # It has the paths of all that ran.
            found |= {Path(parent, name) for name in folders if name.startswith("named-shared-")}
        return self.processes() + [str(path) for path in found]

    def close(self) -> None:
        """Kill what runs, and remove the folder. Raises Expired if the runs leave anything for
        DEADLINE seconds."""
        for run in self.runs:
            run.kill()
            run.wait()
        try:
            wait_for(lambda: not self.left(), "the end of the inner runs' processes and files",
                     lambda: "\n".join(self.left()))
        finally:
            for line in self.processes():
                with suppress(ProcessLookupError):
                    os.kill(int(line.split()[0]), signal.SIGKILL)
            self.supervisor.close()
