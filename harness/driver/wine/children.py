"""The child processes of a supervisor, and their descendants."""
from __future__ import annotations

import os
import select
import signal
import socket
import time

from harness.driver.errors import HarnessError
from harness.driver.waiting import SUPERVISOR, WINE_SERVER
from harness.driver.wine.folders import GRACE, remove_rest, server_answers
from harness.driver.wine.processes import children_of, descendants, memory
from harness.driver.wine.spawn import LIBC, Start, allow_files, spawn
from harness.driver.wine.connection import ENDING, close_all_but

PR_SET_CHILD_SUBREAPER = 36
#: The limits of all processes of a sandbox together: processes, bytes of memory, bytes of files.
MOST_PROCESSES, MOST_MEMORY, MOST_FILES = 100, 3 << 30, 1 << 30
#: Seconds between two checks of them.
LOOK = 0.1


class CallerGone(Exception):
    """The caller has ended, or no longer wants the processes."""


class ChildProcesses:
    """Makes this process the parent of all orphans of its children (a "child subreaper"), so that
    none escapes it, and no zombie waits for an init that is slow or, as in many containers,
    missing: the Wine server would wait half a second at its end for a zombie.

    `wake` is a file that can be read when a child has ended; `whole` is whether all vital ones
    still run; `inside` is the first process of the sandbox that programs enter, or 0; `caller` is
    the line of the caller that waits for the Wine server or for the end of a command."""

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
        self.caller: socket.socket | None = None
        self._vital: set[int] = set()
        self._childless = False
        self._next_look = 0.0

    def guard(self, folder: str) -> None:
        """Start a child that removes the folder if this process is killed: no caller may be left to
        do it. It does not survive `end`. Raises OSError."""
        ours, self._guarded = os.pipe()
        if os.fork():
            os.close(ours)
            return
        try:
            close_all_but(ours)
            os.read(ours, 1)  # Nothing comes but its end.
            remove_rest(folder, SUPERVISOR)
        finally:
            os._exit(0)

    def start(self, start: Start, vital: bool) -> tuple[int, int]:
        """Spawn a program, in the sandbox if there is one, and close its files. Raises OSError."""
        try:
            start.inside = self.inside
            pid, prepared = spawn(start)
        finally:
            for file in start.files:
                os.close(file)
        if vital:
            self._vital.add(pid)
        return pid, prepared

    def serve(self, command: list[str], environment: dict[str, str], folder: str, log: str,
              sandboxed: bool) -> bool:
        """Start the Wine server of the prefix in that folder. Return whether it serves; if not, it
        has ended. Its output goes to the log. Raises OSError, HarnessError and CallerGone."""
        # If this process is killed, the kernel sends SIGINT to the server, which then ends all of
        # its clients, too; after SIGTERM it would leave some.
        self.server, _ = self.start(
            Start(command=command, environment=environment, files=_files(log), limited=sandboxed,
                  last_wish=signal.SIGINT), vital=True)
        end = time.monotonic() + WINE_SERVER
        while not server_answers(folder):
            if self.server in self.reap():
                self.whole = True
                return False
            if time.monotonic() > end:
                raise HarnessError(f"the Wine server did not start within {WINE_SERVER:g} s")
            self._pause(0.001)  # Nothing announces the socket.
        if sandboxed:
            self.inside = children_of(self.server)[0]
        return True

    def finish(self, command: list[str], environment: dict[str, str],
               seconds: float) -> int | None:
        """Run a command to its end, without input and output. Return its wait status, or None after
        those seconds. Raises OSError, CallerGone, and HarnessError if the server ends."""
        pid, _ = self.start(Start(command=command, environment=environment, files=_files()), False)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            dead = self.reap()
            if pid in dead:
                return dead[pid]
            if not self.whole:
                raise HarnessError("the Wine server ended")
            self._pause(0.1)
        return None

    def _pause(self, seconds: float) -> None:
        """Wait that long, or until a child ends. Raises CallerGone if the caller does anything: it
        sends nothing meanwhile, so that is its end."""
        files = [self.wake, self.caller] if self.caller else [self.wake]
        ready = select.select(files, [], [], seconds)[0]
        if self.wake in ready:
            os.read(self.wake, 4096)
        if self.caller in ready:
            raise CallerGone

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
                if pid in self._vital:
                    self.whole = False
                    self._vital.remove(pid)
        except ChildProcessError:
            self._childless = True
            return dead

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
            self._pause(0.01)

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


def _files(log: str = os.devnull) -> list[int]:
    return [*(os.open(os.devnull, os.O_RDWR) for _ in range(2)),
            os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)]


def _size(folder: str, name: str) -> int:
    try:
        return os.lstat(os.path.join(folder, name)).st_blocks * 512
    except OSError:
        return 0
