"""A connection to a supervisor: a folder and processes that cannot outlive the caller."""
from __future__ import annotations

import array
import marshal
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Sequence
from contextlib import suppress

from harness.driver.errors import HarnessError, WineFailed
from harness.driver.waiting import SUPERVISOR as LIMIT
from harness.driver.waiting import WINEBOOT
from harness.driver.wine.folders import GRACE, kill_rest, new_folder, remove
from harness.driver.wine.processes import kill_all

TYPE_CHECKING = False  # Importing typing takes longer than most modules here.
if TYPE_CHECKING:
    from typing import Any

#: The signals that end a run.
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
NO_PROCESS = ("no process can be started ({}); check whether the limit of processes (ulimit -u) or "
              "memory is low")
#: The last message to a caller that is not the last one.
OTHERS_REMAIN = b"."


class AwaitedProcess:
    """A process of the supervisor's that may end by itself; `end` is a file that can be read
    then."""

    def __init__(self, pid: int, end: int) -> None:
        self.pid = pid
        self.end = end
        self._report: dict[str, Any] | None = None

    def report(self, seconds: float | None = None) -> dict[str, Any] | None:
        """Return the supervisor's report on its end: the wait(2) `status`, the exceeded limit of
        the sandbox in `excess`, and Notices; empty if the supervisor was killed; None if the
        process still runs after those seconds."""
        if self._report is None and select.select([self.end], [], [], seconds)[0]:
            with open(self.end, "rb") as file:
                report = file.read()
                self._report = marshal.loads(report) if report else {}
        return self._report

    def wait(self, seconds: float) -> int | None:
        """Return its exit code, or minus the signal that ended it; None if it still runs after
        those seconds."""
        report = self.report(seconds)
        if report is None:
            return None
        status = int(report.get("status", signal.SIGKILL))
        return -(status & 0x7F) or status >> 8

    def kill(self) -> None:
        """End it at once."""
        if self._report is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            self.report(LIMIT)


class SupervisorGone(HarnessError):
    """The supervisor was killed, or is about to end."""


class Connection:
    """A caller's connection to a supervisor. Its `folder` remains after it if `keep`. `pid` is its
    process id once it has answered."""

    #: The time limit for an answer, and for the supervisor's end, in seconds.
    patience = LIMIT

    def __init__(self, line: socket.socket) -> None:
        self.line = line
        self.pid = 0
        self.folder = ""
        self.keep = True  # Until there is something to remove.

    def begin(self, keep: bool, grace: float = 0) -> None:
        """Make a new folder. A Wine server will have `grace` seconds to end. Raises HarnessError if
        no folder can be made."""
        self.folder, self.keep = new_folder(), keep
        try:
            self.pid = self.ask(begin=self.folder, made=False, keep=keep, inside=0,
                                grace=GRACE if keep else grace)["pid"]
        except BaseException:
            self.close()
            raise

    def join(self, folder: str, inside: int) -> None:
        """Use the folder of another supervisor, and the sandbox of that process, unless 0."""
        self.folder = folder
        self.pid = self.ask(begin=folder, made=True, keep=True, inside=inside, grace=0)["pid"]

    def _answer(self, seconds: float) -> bytes:
        try:
            if select.select([self.line], [], [], seconds)[0]:
                return self.line.recv(1 << 18)
        except OSError:
            return b""  # It was killed.
        if self.pid:
            kill_all(self.pid)
        raise HarnessError(f"the supervisor did not answer in {seconds:g} s"
                           + ", and was killed with all of its processes" * bool(self.pid))

    def ask(self, seconds: float = 0, files: Sequence[int] = (), **wanted: Any) -> dict[str, Any]:
        """Send a message and files. Return the answer. Raises HarnessError, SupervisorGone,
        WineFailed and OSError."""
        try:
            # An environment may be larger than a message.
            with open(os.memfd_create("message"), "wb", 0) as file:
                marshal.dump(wanted, file)
                sent = array.array("i", [*files, file.fileno()])
                self.line.sendmsg([b"?"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, sent)])
            message = self._answer(seconds or self.patience)
        except OSError:
            message = b""
        if not message:
            raise SupervisorGone("the supervisor was killed")
        answer: dict[str, Any] = marshal.loads(message)
        if answer.get("errno"):
            raise OSError(answer["errno"], answer["failed"])
        if "failed" in answer:
            raise (WineFailed if answer.get("wine") else HarnessError)(answer["failed"])
        return answer

    def open(self, kind: object = None, **choices: Any) -> dict[str, Any]:
        """Make a PrivateWine with these Choices in the folder. Return its `environment`, why it is
        `unsafe`, and what those who share it need; they compare the `kind`. Raises HarnessError,
        WineFailed and OSError."""
        return self.ask(2 * WINEBOOT, open=choices, kind=kind)

    def launch(self, command: Sequence[str], files: Sequence[int], **how: Any) -> int:
        """Start a command on these open files. Return its process id. Raises HarnessError."""
        try:
            return int(self.ask(files=files, command=command, **how)["pid"])
        except (HarnessError, OSError) as problem:
            raise HarnessError(f"{command[0]} could not be started: {problem}")

    def start(self, command: Sequence[str], environment: dict[str, str], files: Sequence[int],
              folder: str = "", group: int = 0, quiet: bool | None = None) -> AwaitedProcess:
        """Start a command on three open files, in that folder or its own, in that process group or
        a new session. Unless `quiet` is None, Notices reads its messages to the kernel. Raises
        HarnessError."""
        ours, theirs = os.pipe()
        with open(theirs, "wb"):
            return AwaitedProcess(self.launch(command, [*files, theirs], environment=environment,
                                              folder=folder, group=group, quiet=quiet), ours)

    def close(self) -> None:
        """Leave. If this is the last caller, end everything, and remove the folder if the
        supervisor was killed."""
        last = b""
        try:
            self.line.shutdown(socket.SHUT_WR)
            self.line.settimeout(self.patience)
            while True:
                message = self.line.recv(1 << 18)
                if not message:
                    break  # The end of the line is that of the supervisor.
                last = message
        except socket.timeout:
            if self.pid:
                kill_all(self.pid)
        except OSError:
            pass  # It has ended without reading the last message.
        self.line.close()
        end = time.monotonic() + LIMIT
        while not (self.keep or last == OTHERS_REMAIN) and os.path.exists(self.folder) \
                and time.monotonic() < end:
            kill_rest(self.folder)
            remove(self.folder)


def fork(theirs: socket.socket, shared: bool = False) -> None:
    """Run a supervisor in a copy of this process, which keeps only that file: its line, or, if it
    is for a Wine that several runs share, its listener. It is nobody's child: neither a signal to
    the caller's process group nor a walk through the caller's children reaches it. One that is
    shared has its own session. Raises HarnessError."""
    # A signal to the copy must not reach this process by the file that they share.
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        child = os.fork()
    except OSError as problem:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        raise HarnessError(NO_PROCESS.format(problem))
    if not child:
        try:
            if os.fork():
                os._exit(0)
            signal.set_wakeup_fd(-1)
            for number in ENDING:
                signal.signal(number, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            # With another supervisor's line, it would keep that one from seeing the caller's end.
            os.closerange(3, theirs.fileno())
            os.closerange(theirs.fileno() + 1, 1 << 10)
            if shared:
                os.setsid()
                detach(0, 1, 2)
            else:
                os.setpgid(0, 0)  # It stays in the session, whose terminal is the program's.
                detach(0, 1)
            from harness.driver.wine.supervisor import supervise
            supervise(*[] if shared else [theirs], listener=theirs if shared else None)
        except BaseException:
            sys.excepthook(*sys.exc_info())
            sys.stderr.flush()
        finally:
            os._exit(0)
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    os.waitpid(child, 0)


def fork_supervisor() -> Connection:
    """Connect to a new supervisor that is a copy of this process. Raises HarnessError."""
    line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        fork(theirs)
    return Connection(line)


def detach(*files: int) -> None:
    """Release standard streams, which the program alone must hold."""
    null = os.open(os.devnull, os.O_RDWR)
    for file in files:
        os.dup2(null, file)
    os.close(null)
