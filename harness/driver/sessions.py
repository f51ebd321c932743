"""A program in session 0 of Windows, where services live, started from a user's session.

The Task Scheduler is the service that starts it: it is on every Windows, needs no program of this
project's own that speaks to the service manager, and runs a task of LocalSystem in session 0."""
from __future__ import annotations

import csv
import subprocess
from pathlib import Path
from typing import List, Optional
from xml.sax.saxutils import escape

from harness.driver.errors import HarnessError
from harness.driver.waiting import wait_for

#: Runs on demand only, on a laptop's battery too, and not for ever even if nobody ends it.
TASK = """<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <Principals><Principal id="account"><UserId>S-1-5-18</UserId></Principal></Principals>
  <Settings>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <AllowStartOnDemand>true</AllowStartOnDemand>
    <ExecutionTimeLimit>PT2M</ExecutionTimeLimit>
  </Settings>
  <Actions Context="account"><Exec><Command>{command}</Command></Exec></Actions>
</Task>
"""


def task_file(program: Path, to: Path) -> Path:
    """Write to the file `to` the definition of a task that runs that .exe as LocalSystem."""
    to.write_text(TASK.format(command=escape(str(program))), encoding="utf-16")
    return to


def sessions_of(listing: str, name: str) -> List[int]:
    """The session of each process of that image name, in a `tasklist /fo csv /nh` listing.

    Its columns are image, process, session's name, session's number, memory; the words in it are
    translated, their order is not."""
    return [int(row[3]) for row in csv.reader(listing.splitlines())
            if len(row) == 5 and row[0].lower() == name.lower()]


def _run(*command: str) -> str:
    """The output of a command of Windows. Raises HarnessError where it fails or hangs."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=30)
    except subprocess.TimeoutExpired:
        raise HarnessError(f"{' '.join(command)} did not end within 30 s")
    said = done.stdout.decode(errors="replace")
    if done.returncode:
        raise HarnessError(f"{' '.join(command)} ended with {done.returncode}: {said}")
    return said


class SessionZero:
    """A program that runs as LocalSystem in session 0 inside a `with`; needs an elevated run.

    `program` is the .exe, whose name no other running program may have; `folder` takes the task's
    definition."""

    def __init__(self, program: Path, folder: Path) -> None:
        self.program = program
        self.name = f"named-shared-memory-{folder.name}"
        self._file = task_file(program, folder / "task.xml")

    def session(self) -> Optional[int]:
        """The session that it runs in, or None while it does not run."""
        listing = _run("tasklist", "/fo", "csv", "/nh", "/fi", f"imagename eq {self.program.name}")
        return next(iter(sessions_of(listing, self.program.name)), None)

    def __enter__(self) -> "SessionZero":
        _run("schtasks", "/create", "/f", "/tn", self.name, "/xml", str(self._file))
        try:
            _run("schtasks", "/run", "/tn", self.name)
            wait_for(lambda: self.session() is not None, f"{self.program.name} as a task",
                     lambda: _run("schtasks", "/query", "/v", "/fo", "list", "/tn", self.name))
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        try:
            _run("schtasks", "/end", "/tn", self.name)
        finally:
            _run("schtasks", "/delete", "/f", "/tn", self.name)
