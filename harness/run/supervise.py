"""The supervisor of one program: starts it, hears what it and Wine say, and ends what is left."""
from __future__ import annotations

import json
import os
import select
import signal
import socket
import sys
import time
from typing import NoReturn, Optional

from harness.driver.errors import HarnessError
from harness.driver.wine.children import LOOK, CallerGone, ChildProcesses, watched
from harness.driver.wine.spawn import Start, spawn
from harness.run import notices, status
from harness.run.program import Place, Result, Wanted, detach

#: What Wine is to say, for the supervisor to hear: which DLLs it misses, and how a program crashed.
WINEDEBUG = "-all,err+module,err+virtual,err+seh"


def supervise(line: socket.socket, place: Place, wanted: Wanted) -> NoReturn:
    """The supervisor's whole life."""
    group = os.getpgrp()
    os.setpgid(0, 0)
    processes = ChildProcesses()
    try:
        with watched(line):
            place.open(processes)
        answer = Supervision(line, place, wanted, processes, group).result()
        send(line, status=answer.status, lines=answer.lines)
    except (HarnessError, OSError) as problem:
        send(line, failed=str(problem))
    except CallerGone:
        pass
    except BaseException:
        sys.excepthook(*sys.exc_info())
        sys.stderr.flush()
    finally:
        try:
            place.close(processes)
        except OSError:
            pass
        finally:
            os._exit(0)


def send(line: socket.socket, **message: object) -> None:
    """Say that to the caller."""
    try:
        line.send(json.dumps(message).encode())
    except OSError:
        pass  # Nobody listens any more.


class Supervision:
    """The time in which the program runs."""

    def __init__(self, line: socket.socket, place: Place, wanted: Wanted,
                 processes: ChildProcesses, group: int) -> None:
        self._line = line
        self._place = place
        self._wanted = wanted
        self._processes = processes
        self._group = group
        self._stopped = 0
        environment = {**wanted.inherited, **place.environment, "WINEDEBUG": WINEDEBUG,
                       **wanted.set}
        self._pid, listener = spawn(Start(
            wanted.command, environment, folder=wanted.folder, group=group,
            inside=processes.inside, prepare=notices.listen))
        self._notices = notices.Notices(listener, self._pid, quiet="WINEDEBUG" not in wanted.set)
        self._limit = time.monotonic() + wanted.seconds
        send(line, started=place.folder, unsafe=place.unsafe)
        detach(0, 1)
        from harness.run import ends, hangs  # Here, while the program starts.
        self._ends, self._hangs = ends, hangs

    def result(self) -> Result:
        """Wait for the end. Raises CallerGone, HarnessError and OSError."""
        files = [self._line.fileno(), self._processes.wake]
        files += [self._notices.listener] * (self._notices.listener >= 0)
        gone = self._place.line.fileno() if self._place.line else -1
        files += [gone] * (gone >= 0)
        while True:
            rest = max(0.0, self._limit - time.monotonic())
            nap = min(rest, LOOK) if self._processes.inside else rest
            ready = select.select(files, [], [], nap if nap < float("inf") else None)[0]
            if self._notices.listener in ready:
                self._notices.receive()
            if self._line.fileno() in ready:
                self._ask_to_end()
            if self._processes.wake in ready:
                os.read(self._processes.wake, 4096)
            ended = self._ended(gone in ready)
            if ended:
                return ended
            if not rest:
                return self._late()

    def _ended(self, gone: bool) -> Optional[Result]:
        """The result, if there is one. `gone` is whether the place is."""
        dead = self._processes.reap()
        if gone or not self._processes.whole or self._pid in dead and not self._place.alive():
            raise HarnessError("Wine's server ended while the program ran")
        if self._pid in dead:
            return self._ends.explain(self._pid, dead[self._pid], self._notices, self._stopped,
                                      self._place.folder, self._wanted.command[1])
        excess = self._processes.inside and self._processes.excess(self._place.folder)
        if excess:
            return Result(128 + signal.SIGKILL, [f"it had {excess}, and was ended"])
        return None

    def _ask_to_end(self) -> None:
        """Wine passes SIGINT to the program as CTRL_C_EVENT. Raises CallerGone."""
        message = self._line.recv(100)
        if not message:
            raise CallerGone
        self._stopped = int(message)
        self._limit = time.monotonic() + self._wanted.grace
        if not self._has_the_keyboard():
            for process in self._hangs.programs():
                try:
                    os.kill(process, signal.SIGINT)
                except ProcessLookupError:
                    pass  # It has ended.

    def _has_the_keyboard(self) -> bool:
        """Whether the program gets a terminal's Ctrl-C itself."""
        if self._stopped != signal.SIGINT:
            return False
        try:
            with open("/dev/tty", "rb") as terminal:
                return os.tcgetpgrp(terminal.fileno()) == self._group
        except OSError:
            return False

    def _late(self) -> Result:
        """It still runs, and may no longer."""
        if self._stopped:
            name = signal.Signals(self._stopped).name
            return Result(128 + self._stopped,
                          [f"it still ran {self._wanted.grace:g} s after {name} and was ended"])
        return Result(status.TIMED_OUT, [
            f"it still ran after {self._wanted.seconds:g} s and was ended",
            *self._hangs.describe(self._place, self._processes)])
