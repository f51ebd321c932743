"""One program under Wine, from its start until nothing of it is left.

Two processes see to that. The caller's waits, with a time limit, and can be killed. The supervisor
is nobody's child: neither a signal to the caller's process group nor a walk through the caller's
children reaches it. It adopts whatever the program leaves behind, and ends all of it when the
program has ended or the caller is gone.
"""
from __future__ import annotations

import json
import os
import select
import signal
import socket
import time
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from harness.driver.errors import HarnessError
from harness.driver.waiting import WINEBOOT
from harness.driver.wine.children import ChildProcesses
from harness.driver.wine.folders import remove, server_answers
from harness.driver.wine.processes import kill_all
from harness.run import status
from harness.run.terminal import Terminal

#: The signals that end a program, and all that it has started.
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
#: Seconds that a supervisor may take for its own part, beyond what the program may take.
PATIENCE = 30.0


class Wanted(NamedTuple):
    """What to run: the command, the folder, and the environment, in which that of the place is
    stronger than the `inherited` and weaker than what is `set`; how long it may take, and how long
    its own end after a signal, in seconds; and whether the folder of its Wine stays after it."""

    command: List[str]
    folder: str
    inherited: Dict[str, str]
    set: Dict[str, str]
    seconds: float
    grace: float
    stays: bool


class Kind(NamedTuple):
    """What a Wine is to be like: programs share one only if they ask for the same. `wine` is what
    find_wine is asked for; the rest is as in Choices."""

    wine: Optional[str]
    display: str
    prefix: str
    keep: bool
    sandbox: str
    shown: Tuple[str, ...]


class Place:
    """Where to run it. `wine` is the path of the loader, that of the server, and the version;
    `environment` is what a program needs to run here; `line` can be read when the place is gone,
    if that can happen before this process ends; `unsafe` says why there is no sandbox, where one
    was to be had if possible."""

    wine: Tuple[str, ...]
    folder: str
    environment: Dict[str, str]
    line: Optional[socket.socket] = None
    unsafe = ""

    def open(self, processes: ChildProcesses) -> None:
        """Make it ready, in the supervisor. Raises HarnessError and OSError."""
        raise NotImplementedError

    def alive(self) -> bool:
        """Whether the server still serves."""
        return server_answers(self.folder)

    def close(self, processes: ChildProcesses) -> None:
        """End what is left of the program, and leave the place."""
        raise NotImplementedError


class Result(NamedTuple):
    """The exit status, and what there is to say about it, a line each."""

    status: int
    lines: List[str]


def run(place: Place, wanted: Wanted) -> Result:
    """Run a program. Raises HarnessError where it cannot be run at all."""
    wake, waker = os.pipe()
    os.set_blocking(waker, False)
    signal.set_wakeup_fd(waker)
    received: List[int] = []
    for number in ENDING:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, lambda number, _: received.append(number))
    line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours, supervisors = os.pipe()
    child = os.fork()
    if not child:
        supervisor = os.fork()
        if supervisor:
            os.write(supervisors, b"%d" % supervisor)
            os._exit(0)
        line.close()
        from harness.run.supervise import supervise
        supervise(theirs, place, wanted)
    theirs.close()
    os.close(supervisors)
    os.waitpid(child, 0)
    caller = Caller(line, wake, int(os.read(ours, 20)), received, place, wanted)
    answer = caller.wait()
    if "failed" in answer:
        raise HarnessError(answer["failed"])
    return Result(answer["status"], answer["lines"])


class Caller:
    """The process that waits for the supervisor's answer."""

    def __init__(self, line: socket.socket, wake: int, supervisor: int, received: List[int],
                 place: Place, wanted: Wanted) -> None:
        self._line = line
        self._wake = wake
        self._supervisor = supervisor
        self._received = received
        self._place = place
        self._wanted = wanted
        self._started = False
        self._asked = 0
        self._limit = time.monotonic() + wanted.seconds + 2 * WINEBOOT

    def wait(self) -> Dict[str, Any]:
        """The supervisor's answer, when nothing of the program is left."""
        terminal = Terminal()
        answer: Dict[str, Any] = {}
        while not answer:
            rest = max(0.0, self._limit - time.monotonic())
            nap = min(rest, terminal.look)
            ready = select.select([self._line, self._wake], [], [],
                                  nap if nap < float("inf") else None)[0]
            if self._line in ready:
                answer = self._hear()
            elif self._wake in ready:
                answer = self._pass_on()
            elif time.monotonic() >= self._limit:
                answer = {"status": status.TIMED_OUT, "lines": [
                    "its supervisor does not answer, and was killed with all that it kept"]}
                kill_all(self._supervisor)
            else:
                terminal.keep_signals()
        self._line.shutdown(socket.SHUT_WR)
        while self._receive():
            pass  # Its end is the supervisor's: nothing is left.
        if os.path.exists(self._place.folder) and not self._wanted.stays:
            remove(self._place.folder)  # The supervisor was killed.
        terminal.restore()
        # A terminal's Ctrl-C may have ended the program before it was known here, under Wine with
        # 0.
        interrupted = [*([self._asked] if self._asked else []), *self._received]
        if interrupted and answer.get("status") == 0:
            answer["status"] = 128 + interrupted[0]
        return answer

    def _receive(self) -> bytes:
        try:
            return self._line.recv(1 << 18)
        except ConnectionResetError:
            return b""  # It has ended without reading what it was sent.

    def _hear(self) -> Dict[str, Any]:
        """The answer, or nothing if the supervisor says only that the program has started."""
        message = self._receive()
        if not message:
            return {"failed": "the supervisor of the program was killed"}
        answer: Dict[str, Any] = json.loads(message)
        if "started" not in answer:
            return answer
        self._started = True
        self._limit = time.monotonic() + self._wanted.seconds + PATIENCE
        self._place.folder, self._place.unsafe = answer["started"], answer["unsafe"]
        # A pipe that only the program reads must look so to whoever writes into it.
        detach(0, 1)
        return {}

    def _pass_on(self) -> Dict[str, Any]:
        """Let the supervisor ask the program to end, as the signal wants it; or the answer, if
        there is nobody to ask, or whoever sent it is tired of waiting."""
        os.read(self._wake, 64)
        number = self._received.pop(0)
        if not self._started or self._asked or number not in (signal.SIGINT, signal.SIGTERM):
            return {"status": 128 + number, "lines": []}
        self._asked = number
        self._limit = time.monotonic() + self._wanted.grace + PATIENCE
        try:
            self._line.send(b"%d" % number)
        except OSError:
            pass  # It is about to end.
        return {}


def detach(*files: int) -> None:
    """Let go of standard streams, which are the program's alone."""
    null = os.open(os.devnull, os.O_RDWR)
    for file in files:
        os.dup2(null, file)
    os.close(null)


def inherited() -> Dict[str, str]:
    """The caller's environment without what would lead a program out of its place."""
    return {name: value for name, value in os.environ.items()
            if not name.startswith(("WINE", "XDG_"))
            and name not in ("DISPLAY", "WAYLAND_DISPLAY", "TMPDIR")}
