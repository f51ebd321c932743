"""A connection to a supervisor: a folder and processes that cannot outlive the caller."""
from __future__ import annotations

import array
import marshal
import os
import select
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress

from harness.driver.errors import HarnessError, WineFailed
from harness.driver.waiting import SUPERVISOR as LIMIT
from harness.driver.wine.folders import GRACE, new_folder, remove_rest
from harness.driver.wine.processes import kill_all

TYPE_CHECKING = False  # Importing typing takes longer than most modules here.
if TYPE_CHECKING:
    from typing import Any, Dict
    Message = Dict[str, Any]
else:
    Message = dict

#: The signals that end a run.
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
NO_PROCESS = ("no process can be started ({}); check whether the limit of processes (ulimit -u) or "
              "memory is low")


def send(line: socket.socket, message: Message, files: Sequence[int] = ()) -> None:
    """Send a message and files. It is a file, too: an environment may be larger than a packet."""
    with open(os.memfd_create("message"), "wb", 0) as file:
        marshal.dump(message, file)
        sent = array.array("i", [*files, file.fileno()])
        line.sendmsg([b"?"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, sent)])


def receive(line: socket.socket) -> tuple[Message, list[int]]:
    """Receive the next message, and the files that came with it; both empty at the end."""
    files = array.array("i")
    data, extra, _, _ = line.recvmsg(1, socket.CMSG_SPACE(4 * files.itemsize),
                                     socket.MSG_CMSG_CLOEXEC)
    for _, _, sent in extra:
        files.frombytes(sent)
    if not data:
        return {}, []
    with open(files.pop(), "rb") as file:
        file.seek(0)
        return marshal.loads(file.read()), list(files)


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
        self._reports: dict[int, Message] = {}

    def begin(self, keep: bool, grace: float = 0) -> None:
        """Make a new folder. A Wine server has `grace` seconds to end. Raises HarnessError."""
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

    def _next(self, seconds: float | None) -> Message | None:
        """Return the next message: empty if the supervisor was killed, None after those seconds."""
        try:
            if select.select([self.line], [], [], seconds)[0]:
                return receive(self.line)[0]
            return None
        except OSError:
            return {}

    def ask(self, seconds: float = 0, files: Sequence[int] = (), **wanted: Any) -> Message:
        """Send a message and files. Return the answer. Raises HarnessError and OSError."""
        seconds = seconds or self.patience
        with suppress(OSError):  # If it was killed, there is no answer.
            send(self.line, wanted, files)
        answer = self._next(seconds)
        while answer and "ended" in answer:
            self._reports[answer["ended"]] = answer
            answer = self._next(seconds)
        if answer is None:
            if self.pid:
                kill_all(self.pid)
            raise HarnessError(f"the supervisor did not answer in {seconds:g} s"
                               + ", and was killed with all of its processes" * bool(self.pid))
        if not answer:
            raise SupervisorGone("the supervisor was killed")
        if answer.get("errno"):
            raise OSError(answer["errno"], answer["failed"])
        if "failed" in answer:
            raise (WineFailed if answer.get("wine") else HarnessError)(answer["failed"])
        return answer

    def start(self, command: Sequence[str], environment: dict[str, str], files: Sequence[int],
              **how: Any) -> int:
        """Start a command on three open files; supervisor.py lists the options. Return its process
        id. Raises HarnessError."""
        try:
            return int(self.ask(files=files, command=command, environment=environment,
                                **how)["pid"])
        except (HarnessError, OSError) as problem:
            raise HarnessError(f"{command[0]} could not be started: {problem}")

    def report(self, pid: int, seconds: float | None = None) -> Message | None:
        """Return the supervisor's report on the end of a process that is not vital: the wait(2)
        `status`, the exceeded limit of the sandbox in `excess`, and Notices; empty if the
        supervisor was killed; None if the process still runs after those seconds."""
        while pid not in self._reports:
            message = self._next(seconds)
            if not message:
                return message
            self._reports[message["ended"]] = message
        return self._reports[pid]

    def close(self) -> None:
        """Leave. If this is the last caller, end everything, and remove the folder if the
        supervisor was killed."""
        last: Message = {}
        try:
            self.line.shutdown(socket.SHUT_WR)
            self.line.settimeout(self.patience)
            message = receive(self.line)[0]
            while message:  # The end of the line is that of the supervisor.
                last, message = message, receive(self.line)[0]
        except socket.timeout:
            if self.pid:
                kill_all(self.pid)
        except OSError:
            pass  # It has ended without reading the last message.
        self.line.close()
        if not (self.keep or "others_remain" in last) and os.path.exists(self.folder):
            remove_rest(self.folder, LIMIT)


def fork(theirs: socket.socket, shared: bool = False, early: bool = True) -> None:
    """Run a supervisor in a copy of this process, which keeps only that file: its line, or, if it
    is for a Wine that several runs share, its listener. It is nobody's child: neither a signal to
    the caller's process group nor a walk through the caller's children reaches it. One that is
    shared has its own session. It loads `early` what makes a Wine. Raises HarnessError."""
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
            close_all_but(theirs.fileno())
            if shared:
                os.setsid()
                detach(0, 1, 2)
            else:
                os.setpgid(0, 0)  # It stays in the session, whose terminal is the program's.
                detach(0, 1)
            from harness.driver.wine.supervisor import supervise
            supervise(theirs, shared, early)
        except BaseException:
            sys.excepthook(*sys.exc_info())
            sys.stderr.flush()
        finally:
            os._exit(0)
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    os.waitpid(child, 0)


def fork_supervisor(early: bool = True) -> Connection:
    """Connect to a new supervisor that is a copy of this process, and loads `early` what makes a
    Wine. Raises HarnessError."""
    line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        fork(theirs, early=early)
    return Connection(line)


def close_all_but(file: int) -> None:
    """Close the open files of a copy of a process, except that one and the standard streams."""
    os.closerange(3, file)
    os.closerange(file + 1, 1 << 10)


def detach(*files: int) -> None:
    """Release standard streams, which the program alone must hold."""
    null = os.open(os.devnull, os.O_RDWR)
    for file in files:
        os.dup2(null, file)
    os.close(null)
