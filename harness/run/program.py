"""One program under Wine, from its start until nothing of it is left.

Two processes see to that. The caller's waits, with a time limit, and can be killed. The supervisor
is nobody's child: neither a signal to the caller's process group nor a walk through the caller's
children reaches it. It adopts whatever the program leaves behind, and ends all of it when the
program has ended or the caller is gone.
"""
from __future__ import annotations

import array
import ctypes
import fcntl
import os
import select
import signal
import socket
import sys
import time
from typing import Dict, List, NamedTuple, NoReturn, Optional, Protocol, Tuple

from harness.driver.errors import HarnessError
from harness.driver.wine.supervisor import Family, take_charge
from harness.run import exits, status
from harness.run.terminal import Terminal

#: The signals that end a program, and all that it has started.
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
ADDR_NO_RANDOMIZE = 0x0040000


class Wanted(NamedTuple):
    """What to run: the command, the folder, and the environment, in which that of the place is
    stronger than the `inherited` and weaker than what is `set`."""

    command: List[str]
    folder: str
    inherited: Dict[str, str]
    set: Dict[str, str]


class Kind(NamedTuple):
    """What a Wine is to be like: programs share one only if they ask for the same. `wine` is what
    find_wine is asked for."""

    wine: Optional[str]
    display: str
    prefix: str
    keep: bool


class Place(Protocol):
    """Where to run it. `wine` is the path of the loader, that of the server, and the version;
    `libraries` are folders with DLLs of Wine's own, by architecture; `environment` is what a
    program needs to run here."""

    wine: Tuple[str, ...]
    libraries: Dict[str, List[str]]
    folder: str
    environment: Dict[str, str]

    def open(self, family: Family) -> None:
        """Make it ready, in the supervisor. Raises HarnessError and OSError."""

    def close(self, family: Family) -> None:
        """End what is left of the program, and leave the place."""


class CallerGone(Exception):
    """Whoever wanted the program has ended, or wants it no more."""


def run(place: Place, wanted: Wanted, seconds: Optional[float]) -> Tuple[int, str]:
    """Run a program, which may take that long: the exit status, and what there is to say about it,
    if anything. Raises HarnessError where it cannot be run at all."""
    wake, waker = os.pipe()
    os.set_blocking(waker, False)
    signal.set_wakeup_fd(waker)
    received: List[int] = []
    for number in ENDING:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, lambda number, _: received.append(number))
    line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    child = os.fork()
    if not child:
        if os.fork():
            os._exit(0)
        line.close()
        supervise(theirs, place, wanted)
    theirs.close()
    os.waitpid(child, 0)
    terminal = Terminal()
    answer, started = b"", 0.0
    while not received:
        rest = started + seconds - time.monotonic() if started and seconds else float("inf")
        nap = min(max(0.0, rest), terminal.look)
        ready = select.select([line, wake], [], [], nap if nap < float("inf") else None)[0]
        if line in ready:
            answer = line.recv(1 << 16)
            if not answer.startswith(b"started "):
                break
            started = time.monotonic()
            place.folder = os.fsdecode(answer[8:])
            # A pipe that only the program reads must look so to whoever writes into it.
            unhold(0, 1)
        elif not ready and rest <= nap:
            answer = b"late"
            break
        elif not ready:
            terminal.keep_signals()
    line.shutdown(socket.SHUT_WR)
    while line.recv(1 << 16):
        pass  # Its end is the supervisor's: nothing is left.
    terminal.restore()
    if received:
        return 128 + received[0], ""
    if answer == b"late":
        return status.TIMED_OUT, f"it still ran after {seconds:g} s and was ended"
    kind, _, text = answer.decode(errors="replace").partition(" ")
    if kind == "code":
        return status.of(int(text))
    if kind == "wait":
        return status.of_wait(int(text))
    raise HarnessError(text or "the supervisor of the program was killed")


def unhold(*files: int) -> None:
    """Let go of standard streams, which are the program's alone."""
    null = os.open(os.devnull, os.O_RDWR)
    for file in files:
        os.dup2(null, file)
    os.close(null)


def supervise(line: socket.socket, place: Place, wanted: Wanted) -> NoReturn:
    """The supervisor's whole life."""
    group = os.getpgrp()
    os.setpgid(0, 0)
    wake, libc = take_charge()
    family = Family(wake)
    try:
        watch(line)
        place.open(family)
        signal.signal(signal.SIGIO, signal.SIG_IGN)
        environment = {**wanted.inherited, **place.environment, **wanted.set}
        pid, listener = start(libc, wanted, environment, group)
        line.send(b"started " + os.fsencode(place.folder))
        unhold(0, 1)
        line.send(follow(line, family, pid, listener))
    except (HarnessError, OSError) as problem:
        try:
            line.send(f"failed {problem}".encode())
        except OSError:
            pass  # Nobody listens any more.
    except CallerGone:
        pass
    except BaseException:
        sys.excepthook(*sys.exc_info())
        sys.stderr.flush()
    finally:
        try:
            place.close(family)
        except OSError:
            pass
        finally:
            os._exit(0)


def watch(line: socket.socket) -> None:
    """Raise CallerGone whatever this process is doing, as soon as the caller is gone."""
    def look(*_: object) -> None:
        if select.select([line], [], [], 0)[0]:
            raise CallerGone

    signal.signal(signal.SIGIO, look)
    fcntl.fcntl(line, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(line, fcntl.F_SETFL, fcntl.fcntl(line, fcntl.F_GETFL) | os.O_ASYNC)
    look()


def start(libc: ctypes.CDLL, wanted: Wanted, environment: Dict[str, str],
          group: int) -> Tuple[int, int]:
    """Start the program as the caller would have: its process id, and the file on which its exit
    code will be reported, or -1. Raises HarnessError and OSError."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    pid = os.fork()
    if not pid:
        try:
            for number in range(1, signal.SIGSYS + 1):
                if number not in (signal.SIGKILL, signal.SIGSTOP):
                    signal.signal(number, signal.SIG_DFL)
            try:
                os.setpgid(0, group)  # In the foreground of a terminal if the caller is.
            except OSError:
                pass  # The caller is gone.
            os.chdir(wanted.folder)
            libc.personality(ADDR_NO_RANDOMIZE)
            listener = exits.listen(libc)
            files = array.array("i", [listener][:listener >= 0])
            theirs.sendmsg([b"ready"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, files)])
            if listener >= 0:
                os.close(listener)
            os.execve(wanted.command[0], wanted.command, environment)
        except BaseException as problem:
            theirs.send(str(problem).encode(errors="replace"))
        finally:
            os._exit(status.NO_HARNESS)
    theirs.close()
    message, extra, _, _ = ours.recvmsg(4096, socket.CMSG_SPACE(4))
    if message == b"ready":
        message = ours.recv(4096)  # It ends as soon as the program is in the child's place.
    ours.close()
    if message:
        raise HarnessError(message.decode())
    return pid, array.array("i", extra[0][2])[0] if extra else -1


def follow(line: socket.socket, family: Family, pid: int, listener: int) -> bytes:
    """Wait for the end of the program: what to say of it. Raises CallerGone and HarnessError."""
    files = [line.fileno(), family.wake] + [listener] * (listener >= 0)
    code: Optional[int] = None
    while True:
        ready = select.select(files, [], [])[0]
        if listener in ready:
            ended = exits.receive(listener, pid)
            code = code if ended is None else ended
        if line.fileno() in ready:
            raise CallerGone
        if family.wake in ready:
            os.read(family.wake, 4096)
            dead = family.reap()
            if pid in dead:
                killed = os.WIFSIGNALED(dead[pid])
                return b"wait %d" % dead[pid] if killed or code is None else b"code %d" % code
            if not family.whole:
                raise HarnessError("Wine's server ended while the program ran")


def inherited() -> Dict[str, str]:
    """The caller's environment without what would lead a program out of its place."""
    return {name: value for name, value in os.environ.items()
            if not name.startswith(("WINE", "XDG_"))
            and name not in ("DISPLAY", "WAYLAND_DISPLAY", "TMPDIR")}
