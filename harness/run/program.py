"""Runs one program under Wine, from its start until its last process has ended. A supervisor ends
them all when the program has ended or this process is gone."""
from __future__ import annotations

import os
import select
import signal
import time
from types import SimpleNamespace

from harness.driver.errors import HarnessError
from harness.driver.wine.folders import server_answers
from harness.driver.wine.processes import programs
from harness.driver.wine.connection import ENDING, Connection, Interrupted, detach
from harness.run import status
from harness.run.place import Place
from harness.run.terminal import Terminal

TYPE_CHECKING = False  # Importing typing takes longer than most modules here.
if TYPE_CHECKING:
    from typing import Any

#: The messages of Wine that the supervisor reads: about missing DLLs, and about crashes.
WINEDEBUG = "-all,err+module,err+virtual,err+seh"


class Wanted(SimpleNamespace):
    """What to run: the command, the folder, and the environment (`set` overrides the place's, which
    overrides `inherited`); the time limit, and the time to end after a signal, in seconds."""

    command: list[str]
    folder: str
    inherited: dict[str, str]
    set: dict[str, str]
    seconds: float
    grace: float


class Result:
    """The exit status, and lines that explain it."""

    def __init__(self, status: int, lines: list[str]) -> None:
        self.status = status
        self.lines = lines


def run(place: Place, wanted: Wanted, supervisor: Connection) -> Result:
    """Run a program. Raises HarnessError and OSError if it cannot run at all."""
    wake, waker = os.pipe()
    os.set_blocking(waker, False)
    signal.set_wakeup_fd(waker)
    received: list[int] = []
    for number in ENDING:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, lambda number, _: received.append(number))
    terminal = Terminal()
    supervisor.wake = wake
    try:
        try:
            place.enter(supervisor)
            run = Run(supervisor, place, wanted, wake, received)
            result = run.result(terminal)
        finally:
            supervisor.close()
    except Interrupted:
        return Result(128 + received[0], [])
    finally:
        place.leave()
        terminal.restore()
    # Ctrl-C at a terminal may have ended the program, under Wine with 0, before its signal arrived
    # here.
    interrupted = run.asked or next(iter(received), 0)
    result.status = result.status or (128 + interrupted if interrupted else 0)
    return result


class Run:
    """A running program. `asked` is the signal that asked it to end, or 0."""

    def __init__(self, supervisor: Connection, place: Place, wanted: Wanted, wake: int,
                 received: list[int]) -> None:
        self.asked = 0
        self._supervisor = supervisor
        self._place = place
        self._wanted = wanted
        self._wake = wake
        self._received = received
        environment = {**wanted.inherited, **place.environment, "WINEDEBUG": WINEDEBUG,
                       **wanted.set}
        self._process = supervisor.start(wanted.command, environment, [0, 1, 2], wanted.folder,
                                         os.getpgrp(), "WINEDEBUG" not in wanted.set)
        self._limit = time.monotonic() + wanted.seconds
        # Writers to a pipe must notice when the program, its only reader, has gone.
        detach(0, 1)
        from harness.run import ends  # Here, while the program starts.
        self._ends = ends

    def result(self, terminal: Terminal) -> Result:
        """Wait for the end. Raises HarnessError and OSError."""
        place = [self._place.line] if self._place.line else []
        while True:
            rest = max(0.0, self._limit - time.monotonic())
            nap = min(rest, terminal.look)
            ready = select.select([self._process.end, self._wake, *place], [], [],
                                  nap if nap < float("inf") else None)[0]
            if any(line in ready for line in place):
                raise HarnessError("Wine's server ended while the program ran")
            if self._process.end in ready:
                return self._ended(self._process.report() or {})
            ended = self._pass_on() if self._wake in ready else None
            if not rest:
                ended = self._late()
            if ended:
                return ended
            terminal.keep_signals()

    def _ended(self, report: dict[str, Any]) -> Result:
        if not report:
            raise HarnessError("the supervisor of the program was killed")
        if report["excess"]:
            return Result(128 + signal.SIGKILL, [f"it had {report['excess']}, and was ended"])
        if not server_answers(self._place.folder):
            raise HarnessError("Wine's server ended while the program ran")
        return self._ends.explain(self._process.pid, report, self.asked, self._place.folder,
                                  self._wanted.command[1])

    def _pass_on(self) -> Result | None:
        """Ask the program to end, as the signal demands: Wine passes SIGINT on as CTRL_C_EVENT.
        Return the result if the signal ends the run at once: a second or another one."""
        os.read(self._wake, 64)
        number = self._received.pop(0)
        if self.asked or number not in (signal.SIGINT, signal.SIGTERM):
            return Result(128 + number, [])
        self.asked = number
        self._limit = time.monotonic() + self._wanted.grace
        if not self._has_the_keyboard():
            for process in programs(self._supervisor.pid):
                try:
                    os.kill(process, signal.SIGINT)
                except ProcessLookupError:
                    pass  # It has ended.
        return None

    def _has_the_keyboard(self) -> bool:
        """Return whether the program gets a terminal's Ctrl-C itself."""
        if self.asked != signal.SIGINT:
            return False
        try:
            with open("/dev/tty", "rb") as terminal:
                return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
        except OSError:
            return False

    def _late(self) -> Result:
        """Describe a program that has exceeded its time."""
        if self.asked:
            name = signal.Signals(self.asked).name
            return Result(128 + self.asked,
                          [f"it still ran {self._wanted.grace:g} s after {name} and was ended"])
        from harness.run import hangs  # Here, as few programs hang.
        return Result(status.TIMED_OUT, [
            f"it still ran after {self._wanted.seconds:g} s and was ended",
            *hangs.describe(self._place, self._supervisor)])


def inherited() -> dict[str, str]:
    """Return the caller's environment without variables that lead a program out of its place."""
    return {name: value for name, value in os.environ.items()
            if not name.startswith(("WINE", "XDG_"))
            and name not in ("DISPLAY", "WAYLAND_DISPLAY", "TMPDIR")}
