"""The caller's side of supervisor.py: a folder and processes that cannot outlive the caller."""
from __future__ import annotations

import array
import json
import os
import select
import signal
import socket
import sys
import time
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any, Dict, NamedTuple, Optional, Sequence, Tuple

from harness.driver.errors import HarnessError, WineFailed
from harness.driver.waiting import SUPERVISOR as LIMIT
from harness.driver.waiting import WINEBOOT
from harness.driver.wine.folders import GRACE, new_folder, remove
from harness.driver.wine.processes import kill_all

if TYPE_CHECKING:
    import subprocess

PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "supervisor.py")


class Interrupted(Exception):
    """Something is more urgent than the supervisor's answer."""


class SupervisedProcess:
    """A vital process of the supervisor's, as an Agent needs it: `stdin`, `stdout` and `pid`."""

    def __init__(self, pid: int, stdin: IO[bytes], stdout: IO[bytes]) -> None:
        self.pid = pid
        self.stdin: Optional[IO[bytes]] = stdin
        self.stdout: Optional[IO[bytes]] = stdout

    def wait(self, timeout: float) -> int:
        """Return at once: its supervisor has ended before, and so has it."""
        return 0

    def kill(self) -> None:
        """Do nothing, since `wait` never fails."""


class AwaitedProcess:
    """A process of the supervisor's that may end by itself; `end` is a file that can be read
    then."""

    def __init__(self, pid: int, end: int) -> None:
        self.pid = pid
        self.end = end
        self._report: Optional[Dict[str, Any]] = None

    def report(self, seconds: Optional[float] = None) -> Optional[Dict[str, Any]]:
        """Return the supervisor's report on its end: the wait(2) `status`, the exceeded limit of
        the sandbox in `excess`, and Notices; empty if the supervisor was killed; None if the
        process still runs after those seconds."""
        if self._report is None and select.select([self.end], [], [], seconds)[0]:
            with open(self.end, "rb") as file:
                self._report = json.loads(file.read() or "{}")
        return self._report

    def wait(self, seconds: float) -> Optional[int]:
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


class Supervisor:
    """A new supervisor with its `folder`, which remains after it if `keep`; one that `joins`
    another one's Wine uses that one's folder, and the sandbox of the given process, unless 0. A
    `forked` one is a copy of this process, but nobody's child: neither a signal to the caller's
    process group nor a walk through the caller's children reaches it; its server gets no `grace` to
    end. While it waits for an answer, it raises Interrupted if a file of `interrupts` can be read.
    Raises HarnessError if no folder can be made."""

    #: The time limit for an answer, and for its end, in seconds.
    patience = LIMIT

    def __init__(self, keep: bool, forked: bool = False, joins: Optional[Tuple[str, int]] = None,
                 interrupts: Sequence[int] = ()) -> None:
        self.keep = keep
        self.folder, inside = joins or (new_folder(), 0)
        self._joins = bool(joins)
        self._interrupts = interrupts
        self.process: "Optional[subprocess.Popen[bytes]]" = None
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            self.pid = self._fork(theirs) if forked else self._start_alone(theirs)
        except OSError as problem:
            self._line.close()
            raise HarnessError(f"no process can be started ({problem}); check whether the limit of "
                               "processes (ulimit -u) or memory is low")
        finally:
            theirs.close()
        try:
            self._ask(begin=self.folder, made=self._joins, keep=keep, inside=inside,
                      grace=GRACE if keep or not forked else 0)
        except BaseException:
            self.close()
            raise

    def _start_alone(self, line: socket.socket) -> int:
        """Start a new Python: a caller may have threads, which fork does not copy. In its own
        session, Ctrl-C in the terminal does not reach it."""
        import subprocess  # Here, as the import is slow.
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-S", PROGRAM], stdin=line.fileno(), stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True)
        return self.process.pid

    def _fork(self, line: socket.socket) -> int:
        ours, theirs = os.pipe()
        child = os.fork()
        if not child:
            try:
                supervisor = os.fork()
                if supervisor:
                    os.write(theirs, b"%d" % supervisor)
                    os._exit(0)
                os.setpgid(0, 0)  # It stays in the session, whose terminal is the program's.
                self._line.close()
                detach(0, 1)
                from harness.driver.wine.supervisor import supervise
                supervise(line)
            except BaseException:
                sys.excepthook(*sys.exc_info())
                sys.stderr.flush()
            finally:
                os._exit(0)
        os.close(theirs)
        os.waitpid(child, 0)
        with open(ours, "rb", 0) as file:  # The file ends only with the supervisor.
            return int(file.read(20) or 0)

    def _answer(self, seconds: float) -> bytes:
        try:
            ready = select.select([self._line, *self._interrupts], [], [], seconds)[0]
            if ready and self._line not in ready:
                raise Interrupted
            if ready:
                return self._line.recv(1 << 18)
        except OSError:
            return b""  # It was killed.
        kill_all(self.pid)
        raise HarnessError(f"the supervisor did not answer in {seconds:g} s, and was killed with "
                           "all of its processes")

    def _ask(self, seconds: float = 0, files: Sequence[int] = (), **wanted: Any) -> Dict[str, Any]:
        """Send a message and files. Return the answer. Raises HarnessError, WineFailed, OSError."""
        try:
            # An environment may be larger than a message.
            with open(os.memfd_create("message"), "wb", 0) as file:
                file.write(json.dumps(wanted).encode())
                sent = array.array("i", [*files, file.fileno()])
                self._line.sendmsg([b"?"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, sent)])
            message = self._answer(seconds or self.patience)
        except OSError:
            message = b""
        answer: Dict[str, Any] = json.loads(message or '{"failed": "the supervisor was killed"}')
        if answer.get("errno"):
            raise OSError(answer["errno"], answer["failed"])
        if "failed" in answer:
            raise (WineFailed if answer.get("wine") else HarnessError)(answer["failed"])
        return answer

    def open(self, choices: NamedTuple) -> Dict[str, Any]:
        """Make a PrivateWine with these Choices in the folder. Return its `environment`, and why it
        is `unsafe`. Raises HarnessError, WineFailed and OSError."""
        return self._ask(2 * WINEBOOT, open=choices)

    def _start(self, command: Sequence[str], files: Sequence[int], **how: Any) -> int:
        try:
            return int(self._ask(files=files, command=command, **how)["pid"])
        except (HarnessError, OSError) as problem:
            raise HarnessError(f"{command[0]} could not be started: {problem}")

    def pipe(self, command: Sequence[str], environment: Dict[str, str],
             log: str) -> SupervisedProcess:
        """Start a command in the folder with pipes to its standard input and from its standard
        output, which gets an empty line at its end. Raises HarnessError."""
        (theirs_in, ours_in), (ours_out, theirs_out) = os.pipe(), os.pipe()
        stdin, stdout = open(ours_in, "wb"), open(ours_out, "rb")
        with open(theirs_in, "rb"), open(theirs_out, "wb"), open(log, "ab") as errors:
            files = [theirs_in, theirs_out, errors.fileno()]
            return SupervisedProcess(self._start(command, files, environment=environment,
                                                 vital=True), stdin, stdout)

    def start(self, command: Sequence[str], environment: Dict[str, str], files: Sequence[int],
              folder: str = "", group: int = 0, quiet: Optional[bool] = None) -> AwaitedProcess:
        """Start a command on three open files, in that folder or its own, in that process group or
        a new session. Unless `quiet` is None, Notices reads its messages to the kernel. Raises
        HarnessError."""
        ours, theirs = os.pipe()
        with open(theirs, "wb"):
            return AwaitedProcess(self._start(command, [*files, theirs], environment=environment,
                                              folder=folder, group=group, quiet=quiet), ours)

    @property
    def dead(self) -> bool:
        """Return whether it is gone, with all of its processes."""
        return self.process is not None and self.process.poll() is not None

    def close(self) -> None:
        """End everything. Remove the folder if the supervisor was killed."""
        try:
            self._line.shutdown(socket.SHUT_WR)
            self._line.settimeout(self.patience)
            while self._line.recv(1 << 18):
                pass  # The end of the line is that of the supervisor.
        except socket.timeout:
            kill_all(self.pid)
        except OSError:
            pass  # It has ended without reading the last message.
        self._line.close()
        if self.process:
            self.process.wait()
        # If it was killed, a Wine server may still be saving its registry there.
        end = time.monotonic() + LIMIT
        while not (self.keep or self._joins) and os.path.exists(self.folder) \
                and time.monotonic() < end:
            remove(self.folder)


def detach(*files: int) -> None:
    """Release standard streams, which the program alone must hold."""
    null = os.open(os.devnull, os.O_RDWR)
    for file in files:
        os.dup2(null, file)
    os.close(null)
