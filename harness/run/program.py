"""Runs one program under Wine, from its start until its last process has ended: its streams, its
signals, its time limit. A supervisor ends all processes when it or this process has ended."""
from __future__ import annotations

import os
import select
import signal
import time

from harness.driver.errors import HarnessError
from harness.driver.wine.connection import ENDING, Message, detach
from harness.driver.wine.folders import server_answers
from harness.driver.wine.processes import programs
from harness.run.place import Place

TYPE_CHECKING = False  # Importing typing takes longer than most modules here.
if TYPE_CHECKING:
    from argparse import Namespace
    from typing import Any

#: Exit statuses of harness.run itself.
TIMED_OUT, NO_HARNESS, NOT_STARTED, NOT_FOUND = 124, 125, 126, 127
#: The messages of Wine that the supervisor reads: about missing DLLs, and about crashes.
WINEDEBUG = "-all,err+module,err+virtual,err+seh"
#: Seconds between two checks of the terminal's mode, since nothing announces a change.
LOOK = 0.02


class Result:
    """The exit status, and lines that explain it."""

    def __init__(self, status: int, lines: list[str]) -> None:
        self.status = status
        self.lines = lines


class Terminal:
    """The terminal at standard input, if there is one: Ctrl-C keeps working, and the mode is
    restored. Call `keep_signals` every `look` seconds, which is infinity if that is unnecessary."""

    def __init__(self) -> None:
        self.look = float("inf")
        self._mode: list[Any] = []
        if not os.isatty(0):
            return
        import termios  # Here, since most runs have no terminal.
        self._termios = termios
        self._file = os.dup(0)
        self._mode = termios.tcgetattr(self._file)
        if self._mode[3] & termios.ISIG:
            self.look = LOOK
        # In the background, setting the mode would otherwise stop the process.
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)

    def keep_signals(self) -> None:
        """Keep Ctrl-C a signal. Wine 10 turns that off and reads the key itself; while a program
        waits in _getch, the key is then lost, and could not end anything."""
        if not self._mode:
            return
        try:
            mode = self._termios.tcgetattr(self._file)
            if not mode[3] & self._termios.ISIG and os.tcgetpgrp(self._file) == os.getpgrp():
                mode[3] |= self._termios.ISIG
                self._termios.tcsetattr(self._file, self._termios.TCSANOW, mode)
        except (OSError, self._termios.error):
            self.look = float("inf")  # It belongs to another session, or was closed.

    def restore(self) -> None:
        """Restore the original mode: a killed Wine does not."""
        try:
            if self._mode:
                self._termios.tcsetattr(self._file, self._termios.TCSANOW, self._mode)
        except self._termios.error:
            pass  # It was closed.


class Run:
    """A running program of that place: a command with these `variables`, which override the
    place's, which override the caller's. `wanted` are the options: folder, time limit, grace."""

    def __init__(self, place: Place, command: list[str], variables: dict[str, str],
                 wanted: Namespace) -> None:
        self._place = place
        self._command = command
        self._wanted = wanted
        self._received: list[int] = []
        self._asked = 0  # The signal that asked it to end.
        self._wake, waker = os.pipe()
        os.set_blocking(waker, False)
        signal.set_wakeup_fd(waker)
        for number in ENDING:
            if signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, lambda number, _: self._received.append(number))
        self._terminal = Terminal()
        self._environment = {**_inherited(), **place.environment, "WINEDEBUG": WINEDEBUG,
                             **variables}
        self._quiet = "WINEDEBUG" not in variables

    def result(self) -> Result:
        """Run it until all that it has started has ended. Raises HarnessError and OSError."""
        try:
            result = self._wait()
        finally:
            self._place.close()
            self._terminal.restore()
        # Ctrl-C at a terminal may have ended the program (with 0) before its signal came here.
        interrupted = self._asked or next(iter(self._received), 0)
        result.status = result.status or (128 + interrupted if interrupted else 0)
        return result

    def _wait(self) -> Result:
        supervisor = self._place.supervisor
        self._process = supervisor.start(
            self._command, self._environment, [0, 1, 2], folder=self._wanted.cwd,
            group=os.getpgrp(), quiet=self._quiet)
        self._limit = time.monotonic() + self._wanted.timeout
        # Writers to a pipe must notice when the program, its only reader, has gone.
        detach(0, 1)
        from harness.run import ends  # Here, while the program starts.
        self._ends = ends
        while True:
            rest = max(0.0, self._limit - time.monotonic())
            nap = min(rest, self._terminal.look)
            ready = select.select([supervisor.line, self._wake, *self._place.lines], [], [],
                                  nap if nap < float("inf") else None)[0]
            if any(line in ready for line in self._place.lines):
                raise HarnessError("Wine's server ended while the program ran")
            if supervisor.line in ready:
                return self._ended(supervisor.report(self._process) or {})
            ended = self._pass_on() if self._wake in ready else None
            if not rest:
                ended = self._late()
            if ended:
                return ended
            self._terminal.keep_signals()

    def _ended(self, report: Message) -> Result:
        if not report:
            raise HarnessError("the supervisor of the program was killed")
        if report["excess"]:
            return Result(128 + signal.SIGKILL, [f"it had {report['excess']}, and was ended"])
        if not server_answers(self._place.folder):
            raise HarnessError("Wine's server ended while the program ran")
        return self._ends.explain(self._process, report, self._asked, self._place.folder,
                                  self._command[1])

    def _pass_on(self) -> Result | None:
        """Ask the program to end, as the signal demands: Wine passes SIGINT on as CTRL_C_EVENT.
        Return the result if the signal ends the run at once: a second or another one."""
        os.read(self._wake, 64)
        number = self._received.pop(0)
        if self._asked or number not in (signal.SIGINT, signal.SIGTERM):
            return Result(128 + number, [])
        self._asked = number
        self._limit = time.monotonic() + self._wanted.grace
        if not self._has_the_keyboard():
            for process in programs(self._place.supervisor.pid):
                try:
                    os.kill(process, signal.SIGINT)
                except ProcessLookupError:
                    pass  # It has ended.
        return None

    def _has_the_keyboard(self) -> bool:
        if self._asked != signal.SIGINT:
            return False
        try:
            with open("/dev/tty", "rb") as terminal:
                return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
        except OSError:
            return False

    def _late(self) -> Result:
        if self._asked:
            name = signal.Signals(self._asked).name
            return Result(128 + self._asked,
                          [f"it still ran {self._wanted.grace:g} s after {name} and was ended"])
        return Result(TIMED_OUT, [
            f"it still ran after {self._wanted.timeout:g} s and was ended",
            *self._ends.hang(self._place)])


def _inherited() -> dict[str, str]:
    return {name: value for name, value in os.environ.items()
            if not name.startswith(("WINE", "XDG_"))
            and name not in ("DISPLAY", "WAYLAND_DISPLAY", "TMPDIR")}


def convert_lines(file: int) -> int:
    """Fork a process that removes the CR before each LF from what this one writes to that file from
    now on. Return its process id. It ends when all writers have closed the file."""
    reads, writes = os.pipe()
    process = os.fork()
    if not process:
        try:
            os.close(writes)
            _pass_on(reads, file)
        except OSError:
            pass  # The reader has gone.
        finally:
            os._exit(0)
    os.close(reads)
    os.dup2(writes, file)
    os.close(writes)
    return process


def _pass_on(reads: int, writes: int) -> None:
    rest = b""
    while True:
        data = os.read(reads, 1 << 16)
        text = (rest + data).replace(b"\r\n", b"\n")
        # An LF may follow.
        rest = b"\r" if data and text.endswith(b"\r") else b""
        text = text[:len(text) - len(rest)]
        while text:
            text = text[os.write(writes, text):]
        if not data:
            return
