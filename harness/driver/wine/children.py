"""The child processes of a supervisor, and their descendants."""
from __future__ import annotations

import fcntl
import os
import select
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

from harness.driver.errors import HarnessError
from harness.driver.waiting import WINE_SERVER
from harness.driver.wine.folders import server_listens
from harness.driver.wine.processes import children_of, descendants, memory
from harness.driver.wine.spawn import LIBC, Start, allow_files, spawn
from harness.driver.wine.connection import ENDING

PR_SET_CHILD_SUBREAPER = 36
#: Seconds that the Wine server has to end; without clients it ignores SIGINT.
GRACE = 0.3
#: The limits of all processes of a sandbox together: processes, bytes of memory, bytes of files.
MOST_PROCESSES, MOST_MEMORY, MOST_FILES = 100, 3 << 30, 1 << 30
#: Seconds between two checks of them.
LOOK = 0.1


class CallerGone(Exception):
    """The caller has ended, or no longer wants the processes."""


@contextmanager
def watched(line: socket.socket) -> Iterator[None]:
    """Raise CallerGone, whatever this process is doing, as soon as the line can be read: the caller
    sends nothing meanwhile, so that is its end."""
    def look(*_: object) -> None:
        if select.select([line], [], [], 0)[0]:
            raise CallerGone

    signal.signal(signal.SIGIO, look)
    fcntl.fcntl(line, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(line, fcntl.F_SETFL, fcntl.fcntl(line, fcntl.F_GETFL) | os.O_ASYNC)
    look()
    try:
        yield
    finally:
        signal.signal(signal.SIGIO, signal.SIG_IGN)


class ChildProcesses:
    """Makes this process the parent of all orphans of its children (a "child subreaper"), so that
    none escapes it, and no zombie waits for an init that is slow or, as in many containers,
    missing: the Wine server would wait half a second at its end for a zombie.

    `wake` is a file that can be read when a child has ended; `whole` is whether all vital ones
    still run; `inside` is the first process of the sandbox that programs enter, or 0."""

    def __init__(self) -> None:
        for number in (*ENDING, signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_IGN)
        self.wake, waker = os.pipe()
        os.set_blocking(waker, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
        # The user's own rights are needed: Wine must use the files that it creates.
        os.umask(os.umask(0o077) & 0o077)
        allow_files()
        LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        self.inside = 0
        self.server = 0
        self.whole = True
        self._vital: dict[int, int] = {}
        self._childless = False
        self._next_look = 0.0

    def start(self, start: Start, vital: bool) -> tuple[int, int]:
        """Spawn a program on three open files, in the sandbox if there is one. Its standard output
        gets an empty line at its end if it is vital. Raises OSError."""
        files = start.files
        try:
            start.inside = self.inside
            pid, prepared = spawn(start)
        except BaseException:
            os.close(files[1])
            raise
        finally:
            os.close(files[0])
            os.close(files[2])
        if vital:
            self._vital[pid] = files[1]
        else:
            os.close(files[1])
        return pid, prepared

    def serve(self, command: list[str], environment: dict[str, str], folder: str, log: str,
              sandboxed: bool) -> bool:
        """Start the Wine server of the prefix in that folder. Return whether it listens; if not, it
        has ended. Its output goes to the log. Raises OSError and HarnessError."""
        null = os.open(os.devnull, os.O_RDWR)
        file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            # If this process is killed, the kernel sends SIGINT to the server, which then ends all
            # of its clients, too; after SIGTERM it would leave some.
            self.server, _ = spawn(Start(command=command, environment=environment,
                                         files=(null, null, file), limited=sandboxed,
                                         last_wish=signal.SIGINT))
        finally:
            os.close(null)
            os.close(file)
        self._vital[self.server] = -1
        end = time.monotonic() + WINE_SERVER
        while not server_listens(folder):
            if self.server in self.reap():
                self.whole = True
                return False
            if time.monotonic() > end:
                raise HarnessError(f"the Wine server did not start within {WINE_SERVER:g} s")
            select.select([], [], [], 0.001)  # Nothing announces the socket.
        if sandboxed:
            self.inside = children_of(self.server)[0]
        return True

    def finish(self, command: list[str], environment: dict[str, str],
               seconds: float) -> int | None:
        """Run a command to its end, without input and output. Return its wait status, or None if it
        still runs after those seconds. Raises OSError, and HarnessError if the server ends."""
        files = [os.open(os.devnull, os.O_RDWR) for _ in range(3)]
        pid, _ = self.start(Start(command=command, environment=environment, files=files), False)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            dead = self.reap()
            if pid in dead:
                return dead[pid]
            if not self.whole:
                raise HarnessError("the Wine server ended")
            if select.select([self.wake], [], [], 0.1)[0]:
                os.read(self.wake, 4096)
        return None

    def reap(self) -> dict[int, int]:
        """Reap exited children, whoever started them. Return the wait status of each."""
        dead: dict[int, int] = {}
        self._childless = False
        try:
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if not pid:
                    return dead
                dead[pid] = status
                if pid == self.server:
                    self.server = 0
                if pid in self._vital:
                    self.whole = False
                    self._tell(self._vital.pop(pid))
        except ChildProcessError:
            self._childless = True
            return dead

    @staticmethod
    def _tell(output: int) -> None:
        """Write an empty line, which is not an answer, to wake up the reader: the end of the stream
        may never come, since Wine's services inherit it."""
        if output >= 0:
            try:
                os.write(output, b"\n")
            except OSError:
                pass  # The reader has gone.
            os.close(output)

    def end(self, grace: float = GRACE) -> None:
        """Kill until no process is left. Only a server outside of a sandbox may end by itself,
        within `grace` seconds: at SIGINT it also ends clients that other processes have started. In
        a sandbox, the end of its first process ends all others."""
        late = time.monotonic() + grace * (not self.inside)
        asked = False
        while True:
            self.reap()
            if self._childless:
                return
            for child in children_of(os.getpid()):
                if child != self.server or time.monotonic() > late:
                    os.kill(child, signal.SIGKILL)
                elif not asked:
                    asked = True
                    os.kill(child, signal.SIGINT)
            # The next death wakes this up; checking every 10 ms catches adopted orphans.
            if select.select([self.wake], [], [], 0.01)[0]:
                os.read(self.wake, 4096)

    def excess(self, folder: str) -> str:
        """Return which limit the processes of the sandbox, whose files are in that folder, exceed
        together, or an empty string. Checks at most every LOOK seconds."""
        now = time.monotonic()
        self._next_look = self._next_look or now + LOOK
        if now < self._next_look:
            return ""
        self._next_look = now + LOOK
        members = descendants(os.getpid())
        if len(members) > MOST_PROCESSES:
            return f"more than {MOST_PROCESSES} processes"
        if sum(map(memory, members)) > MOST_MEMORY:
            return f"more than {MOST_MEMORY >> 30} GB of memory"
        files = ((path, name) for path, _, names in os.walk(folder) for name in names)
        if sum(_size(path, name) for path, name in files) > MOST_FILES:
            return f"more than {MOST_FILES >> 30} GB of files"
        return ""


def _size(folder: str, name: str) -> int:
    """Return how many bytes a file occupies."""
    try:
        return os.lstat(os.path.join(folder, name)).st_blocks * 512
    except OSError:
        return 0
