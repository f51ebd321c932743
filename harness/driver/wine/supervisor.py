"""Owns the folder, the Wine and every process of one host or run, or of runs that share a Wine, and
ends them when all callers are gone.

A caller's line, standard input if it was started as `python3 -I -S supervisor.py`, is one end of a
socket pair that keeps message boundaries. Each message is a file with marshalled data, and gets an
answer:

    {"linger": …}     share a Wine, which lives that many seconds longer than its last caller; the
                      answer has all about it in `made`, which is empty for the caller that is to
                      make it
    {"begin": FOLDER, "made": …, "keep": …, "inside": …, "grace": …}
                      the first message: make that folder, or use the one that was "made", with the
                      sandbox of the process "inside"; keep it at the end, and give a Wine server
                      "grace" seconds to end; the answer has the supervisor's `pid`
    {"open": the Choices of a PrivateWine, "kind": …}    make it in the folder; the answer has its
                      `environment`, why it is `unsafe`, and what others need who share it
    {"command": …, "environment": …}    start that on the three open files that come with the
                      message; the answer has `pid`. Optional are the "folder" to start in, instead
                      of its own, and the process "group", instead of a new session; whether it is
                      "vital"; and "quiet", which adds Notices to the report on its end

The ends of other than vital commands are reported later, with the process id as `ended`. The last
message to a caller that is not the last one has `others_remain`.

If it fails, an answer has `failed` with the reason instead, and the system's `errno`.

The end of its input, which follows any end of the caller, ends everything if there are no other
callers: the commands, their descendants, and the folder. So does the end of a vital command, except
for the folder: a host without a server or an agent is useless, and so is a Wine to share.
"""
from __future__ import annotations

import os
import select
import signal
import socket
import sys
import time
from contextlib import suppress

if not __package__:
    sys.path.insert(0, os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", "..")))
    sys.pycache_prefix = os.path.join(sys.path[0], "build", "pycache")

from harness.driver.errors import WineFailed  # noqa: E402 # It needs the path set above.
from harness.driver.wine.children import LOOK, CallerGone, ChildProcesses  # noqa: E402
from harness.driver.wine.folders import make, peer, remove  # noqa: E402
from harness.driver.wine.notices import Notices, install  # noqa: E402
from harness.driver.wine.spawn import Start  # noqa: E402
from harness.driver.wine.connection import Message, receive, send  # noqa: E402


class Supervisor:
    """The folder, and what runs in it. Its caller has that line; if it is `shared`, callers come
    from that listener, the first within a second."""

    def __init__(self, line: socket.socket, shared: bool) -> None:
        self.processes = ChildProcesses()
        self._lines = [] if shared else [line]
        self._listener = line if shared else None
        self._end = time.monotonic() + 1
        self._linger = 0.0
        self._made: Message = {}
        self._folder = ""
        self._keep = True  # Until there is something to remove.
        self._grace = 0.0
        self._awaited: dict[int, socket.socket] = {}
        self._heard: Notices | None = None

    def serve(self) -> None:
        """Answer until no caller is left. Raises CallerGone and OSError."""
        wake = self.processes.wake
        while self._lines or time.monotonic() < self._end:
            files: list[socket.socket | int] = [*self._lines, wake]
            if self._heard and self._heard.listener >= 0:
                files.append(self._heard.listener)
            if self._listener and (self._made or not self._lines):
                files.append(self._listener)  # One caller makes the Wine; the others wait.
            rest = LOOK if self.processes.inside else None
            if not self._lines:
                rest = max(0.0, self._end - time.monotonic())
            ready = select.select(files, [], [], rest)[0]
            if self._heard and self._heard.listener in ready:
                self._heard.receive()
            if wake in ready:
                os.read(wake, 4096)
            self._look()
            for line in self._lines[:]:
                if line in ready:
                    self._hear(line)
            if self._listener in ready:
                self._accept()

    def _accept(self) -> None:
        assert self._listener
        line = self._listener.accept()[0]
        if peer(line)[1] == os.getuid():
            self._lines.append(line)
        else:
            line.close()

    def _hear(self, line: socket.socket) -> None:
        try:
            message, files = receive(line)
            if message:
                send(line, self._answer(line, message, files))
                return
        except OSError:
            pass  # It has gone.
        self._lines.remove(line)
        self._end = time.monotonic() + self._linger * bool(self._made)
        if self._lines or time.monotonic() < self._end:
            with line, suppress(OSError):
                send(line, {"others_remain": True})
        else:
            self._last = line  # It sees the end of this process.

    def close(self) -> None:
        """End everything. A server whose registry is kept saves it at its end."""
        if self._listener:
            self._listener.close()
        self.processes.end(self._grace)
        if not self._keep:
            remove(self._folder)

    def _answer(self, line: socket.socket, wanted: Message,
                files: list[int]) -> Message:
        try:
            if "linger" in wanted:
                self._linger = max(self._linger, wanted["linger"])
                return {"made": self._made}
            if "begin" in wanted:
                return self._begin(wanted)
            if "open" in wanted:
                self.processes.caller = line
                return self._open(wanted)
            return self._start(line, wanted, files)
        except CallerGone:
            raise
        except Exception as problem:  # Report it to the caller, whatever it is.
            return {"failed": str(problem) or type(problem).__name__,
                    "errno": getattr(problem, "errno", None),
                    "wine": isinstance(problem, WineFailed)}
        finally:
            self.processes.caller = None

    def _begin(self, wanted: Message) -> Message:
        self._folder, self.processes.inside = wanted["begin"], wanted["inside"]
        if not wanted["made"]:
            make(self._folder)
            self._keep = wanted["keep"]
            if self._listener and not self._keep:
                self.processes.guard(self._folder)
        self._grace = wanted["grace"]
        return {"pid": os.getpid()}

    def _open(self, wanted: Message) -> Message:
        from harness.driver.wine.private import Choices, PrivateWine  # See `supervise`.
        wine = PrivateWine(Choices(**wanted["open"]), self._folder, self.processes)
        wine.open()
        self._made = {"environment": wine.environment, "unsafe": wine.unsafe,
                      "wine": wine.choices.wine, "kind": wanted["kind"], "folder": self._folder,
                      "pid": os.getpid(), "inside": self.processes.inside}
        return self._made

    def _start(self, line: socket.socket, wanted: Message,
               files: list[int]) -> Message:
        start = Start(command=wanted["command"], environment=wanted["environment"], files=files,
                      folder=wanted.get("folder", self._folder), group=wanted.get("group", 0))
        quiet = wanted.get("quiet")
        if quiet is not None:
            start.prepare = install
        vital = wanted.get("vital", False)
        pid, listener = self.processes.start(start, vital)
        if not vital:
            self._awaited[pid] = line
        if quiet is not None:
            self._heard = Notices(listener, pid, quiet)
        return {"pid": pid}

    def _look(self) -> None:
        """Report exited processes. End the others if a vital one is gone, or a limit exceeded."""
        for pid, status in self.processes.reap().items():
            self._report(pid, status)
        excess = self.processes.excess(self._folder) if self.processes.inside else ""
        if excess or not self.processes.whole:
            for pid in list(self._awaited):
                self._report(pid, int(signal.SIGKILL), excess)
            self.processes.end()
            self.processes.whole = True  # The next start is independent.
            if self._listener:
                raise CallerGone  # No program can run in this Wine.

    def _report(self, pid: int, status: int, excess: str = "") -> None:
        if pid not in self._awaited:
            return
        report: Message = {"ended": pid, "status": status, "excess": excess}
        if self._heard and self._heard.program == pid:
            report.update(codes=self._heard.codes, words=self._heard.words,
                          killed=self._heard.killed)
            self._heard = None  # Its descendants have ended.
        with suppress(OSError):  # The caller may have gone.
            send(self._awaited.pop(pid), report)


def supervise(line: socket.socket, shared: bool = False, early: bool = True) -> None:
    """Run the supervisor, to the end of this process. It loads `early` what makes a Wine, while its
    caller is busy; one that joins a Wine needs none of that."""
    if early:
        from harness.driver.wine import private  # noqa: F401 # Its import takes some time.
    supervisor = Supervisor(line, shared)
    try:
        supervisor.serve()
    except (CallerGone, OSError):
        pass  # The caller or the Wine has gone.
    finally:
        supervisor.close()
    os._exit(0)  # A caller takes the end of its line for that of this process.


if __name__ == "__main__":
    supervise(socket.socket(fileno=0))
