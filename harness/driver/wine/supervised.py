"""The caller's side of supervisor.py: a folder and processes that cannot outlive the caller."""
from __future__ import annotations

import array
import marshal
import os
import select
import signal
import socket
import sys
import time
from contextlib import suppress
from typing import IO, Any, Dict, NamedTuple, Optional, Sequence

from harness.driver.errors import HarnessError, WineFailed
from harness.driver.waiting import SUPERVISOR as LIMIT
from harness.driver.waiting import WINEBOOT
from harness.driver.wine.folders import GRACE, kill_rest, new_folder, remove
from harness.driver.wine.processes import kill_all

#: The signals that end a run.
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
NO_PROCESS = ("no process can be started ({}); check whether the limit of processes (ulimit -u) or "
              "memory is low")
#: The last message to a caller that is not the last one.
OTHERS_REMAIN = b"."
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
                self._report = marshal.loads(file.read() or marshal.dumps({}))
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


class SupervisorGone(HarnessError):
    """The supervisor was killed, or is about to end."""


class Connection:
    """A caller's connection to a supervisor of that process id, or 0 if it is unknown. Its `folder`
    remains after it if `keep`. While it waits for an answer, it raises Interrupted if a file of
    `interrupts` can be read."""

    #: The time limit for an answer, and for the supervisor's end, in seconds.
    patience = LIMIT

    def __init__(self, line: socket.socket, pid: int = 0, interrupts: Sequence[int] = ()) -> None:
        self.line = line
        self.pid = pid
        self.folder = ""
        self.keep = True  # Until there is something to remove.
        self._interrupts = interrupts

    def begin(self, keep: bool, grace: float = 0) -> None:
        """Make a new folder. A Wine server will have `grace` seconds to end. Raises HarnessError if
        no folder can be made."""
        self.folder, self.keep = new_folder(), keep
        try:
            self.ask(begin=self.folder, made=False, keep=keep, inside=0,
                     grace=GRACE if keep else grace)
        except BaseException:
            self.close()
            raise

    def _answer(self, seconds: float) -> bytes:
        try:
            ready = select.select([self.line, *self._interrupts], [], [], seconds)[0]
            if ready and self.line not in ready:
                raise Interrupted
            if ready:
                return self.line.recv(1 << 18)
        except OSError:
            return b""  # It was killed.
        if self.pid:
            kill_all(self.pid)
        raise HarnessError(f"the supervisor did not answer in {seconds:g} s"
                           + ", and was killed with all of its processes" * bool(self.pid))

    def ask(self, seconds: float = 0, files: Sequence[int] = (), **wanted: Any) -> Dict[str, Any]:
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
        answer: Dict[str, Any] = marshal.loads(message)
        if answer.get("errno"):
            raise OSError(answer["errno"], answer["failed"])
        if "failed" in answer:
            raise (WineFailed if answer.get("wine") else HarnessError)(answer["failed"])
        return answer

    def open(self, choices: NamedTuple) -> Dict[str, Any]:
        """Make a PrivateWine with these Choices in the folder. Return its `environment`, and why it
        is `unsafe`. Raises HarnessError, WineFailed and OSError."""
        return self.ask(2 * WINEBOOT, open=list(choices))

    def _start(self, command: Sequence[str], files: Sequence[int], **how: Any) -> int:
        try:
            return int(self.ask(files=files, command=command, **how)["pid"])
        except (HarnessError, OSError) as problem:
            raise HarnessError(f"{command[0]} could not be started: {problem}")

    def start(self, command: Sequence[str], environment: Dict[str, str], files: Sequence[int],
              folder: str = "", group: int = 0, quiet: Optional[bool] = None) -> AwaitedProcess:
        """Start a command on three open files, in that folder or its own, in that process group or
        a new session. Unless `quiet` is None, Notices reads its messages to the kernel. Raises
        HarnessError."""
        ours, theirs = os.pipe()
        with open(theirs, "wb"):
            return AwaitedProcess(self._start(command, [*files, theirs], environment=environment,
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


class Supervisor(Connection):
    """A new supervisor of one host or test, in a new Python: its caller may have threads, which
    fork does not copy. In its own session, Ctrl-C in the terminal does not reach it. Raises
    HarnessError if no folder can be made, or no process started."""

    def __init__(self, keep: bool) -> None:
        import subprocess  # Here, as the import is slow.
        line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-I", "-S", PROGRAM], stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        except OSError as problem:
            line.close()
            raise HarnessError(NO_PROCESS.format(problem))
        finally:
            theirs.close()
        super().__init__(line, self.process.pid)
        self.begin(keep, GRACE)

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

    @property
    def dead(self) -> bool:
        """Return whether it is gone, with all of its processes."""
        return self.process is not None and self.process.poll() is not None

    def close(self) -> None:
        super().close()
        self.process.wait()


def fork(ours: socket.socket, *lines: socket.socket, listener: Optional[socket.socket] = None
         ) -> int:
    """Run a supervisor in a copy of this process; `ours` is the caller's end of its line. It is
    nobody's child: neither a signal to the caller's process group nor a walk through the caller's
    children reaches it. With a `listener`, it has its own session, and outlives this one. Return
    its process id. Raises HarnessError."""
    reads, writes = os.pipe()
    # A signal to the copy must not reach this process by the file that they share.
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        child = os.fork()
    except OSError as problem:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        raise HarnessError(NO_PROCESS.format(problem))
    if not child:
        try:
            supervisor = os.fork()
            if supervisor:
                os.write(writes, b"%d" % supervisor)
                os._exit(0)
            signal.set_wakeup_fd(-1)
            for number in ENDING:
                signal.signal(number, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            if listener:
                os.setsid()
                detach(0, 1, 2)
            else:
                os.setpgid(0, 0)  # It stays in the session, whose terminal is the program's.
                detach(0, 1)
            ours.close()
            from harness.driver.wine.supervisor import supervise
            supervise(*lines, listener=listener)
        except BaseException:
            sys.excepthook(*sys.exc_info())
            sys.stderr.flush()
        finally:
            os._exit(0)
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    os.close(writes)
    os.waitpid(child, 0)
    with open(reads, "rb", 0) as file:  # The file ends only with the supervisor.
        return int(file.read(20) or 0)


def fork_supervisor(interrupts: Sequence[int]) -> Connection:
    """Connect to a new supervisor that is a copy of this process. Raises HarnessError."""
    line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        return Connection(line, fork(line, theirs), interrupts)


def detach(*files: int) -> None:
    """Release standard streams, which the program alone must hold."""
    null = os.open(os.devnull, os.O_RDWR)
    for file in files:
        os.dup2(null, file)
    os.close(null)
