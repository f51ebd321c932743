"""Owns the folder, the Wine and every process of one host or run, and ends them when the caller is
gone.

Its line, standard input if it was started as `python3 -I -S supervisor.py`, is one end of a socket
pair that keeps message boundaries. Each message is a file with JSON, and gets an answer:

    {"begin": FOLDER, "made": …, "keep": …, "inside": …, "grace": …}
                      the first message: make that folder, or use the one that was "made", with the
                      sandbox of the process "inside"; keep it at the end, and give a Wine server
                      "grace" seconds to end
    {"open": the Choices of a PrivateWine}   make it in the folder; the answer has its
                      `environment`, and why it is `unsafe`
    {"command": …, "environment": …}    start that on the three open files that come with the
                      message; the answer has `pid`. A fourth file gets a report of its end.
                      Optional are the "folder" and process "group" to start in, whether it is
                      "vital", and "quiet", which adds Notices to the report

If it fails, an answer has `failed` with the reason instead, and the system's `errno`.

The end of its input, which follows any end of the caller, ends everything: the commands, their
descendants, and the folder. So does the end of a vital command, except for the folder: a host
without a server or an agent is useless.
"""
from __future__ import annotations

import array
import json
import os
import select
import signal
import socket
import sys
from typing import Any, Dict, List, Optional, Tuple

if not __package__:
    sys.path.insert(0, os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", "..")))
    sys.pycache_prefix = os.path.join(sys.path[0], "build", "pycache")

from harness.driver.errors import WineFailed  # noqa: E402 # It needs the path set above.
from harness.driver.wine.children import (LOOK, CallerGone, ChildProcesses,  # noqa: E402
                                          watched)
from harness.driver.wine.folders import make, remove  # noqa: E402
from harness.driver.wine.notices import Notices, listen  # noqa: E402
from harness.driver.wine.spawn import Start  # noqa: E402


def receive(line: socket.socket) -> Tuple[bytes, List[int]]:
    """Receive the next message, and the files that came with it; both empty at the end."""
    files = array.array("i")
    room = socket.CMSG_SPACE(5 * files.itemsize)
    message, extra, _, _ = line.recvmsg(1, room, socket.MSG_CMSG_CLOEXEC)
    for _, _, data in extra:
        files.frombytes(data)
    if message:
        with open(files.pop(), "rb") as file:
            file.seek(0)
            message = file.read()
    return message, list(files)


class Supervisor:
    """The folder, and what runs in it."""

    def __init__(self, line: socket.socket) -> None:
        self.processes = ChildProcesses()
        self._line = line
        self._folder = ""
        self._keep = True  # Until there is something to remove.
        self._grace = 0.0
        self._awaited: Dict[int, int] = {}
        self._heard: Optional[Notices] = None

    def serve(self) -> None:
        """Answer until the end of input. Raises CallerGone and OSError."""
        wake = self.processes.wake
        while True:
            files = [self._line.fileno(), wake]
            files += [self._heard.listener] if self._heard and self._heard.listener >= 0 else []
            ready = select.select(files, [], [], LOOK if self.processes.inside else None)[0]
            if self._heard and self._heard.listener in ready:
                self._heard.receive()
            if wake in ready:
                os.read(wake, 4096)
            self._look()
            if files[0] in ready:
                message, sent = receive(self._line)
                if not message:
                    return
                self._line.send(json.dumps(self._answer(message, sent)).encode())

    def close(self) -> None:
        """End everything. A server whose registry is kept saves it at its end."""
        self.processes.end(self._grace)
        if not self._keep:
            remove(self._folder)

    def _answer(self, message: bytes, files: List[int]) -> Dict[str, Any]:
        """Do what a message asks. Raises CallerGone."""
        try:
            wanted = json.loads(message)
            if "begin" in wanted:
                return self._begin(wanted)
            if "open" in wanted:
                with watched(self._line):
                    return self._open(wanted["open"])
            return self._start(wanted, files)
        except CallerGone:
            raise
        except Exception as problem:  # Report it to the caller, whatever it is.
            return {"failed": str(problem) or type(problem).__name__,
                    "errno": getattr(problem, "errno", None),
                    "wine": isinstance(problem, WineFailed)}

    def _begin(self, wanted: Dict[str, Any]) -> Dict[str, Any]:
        self._folder, self.processes.inside = wanted["begin"], wanted["inside"]
        if not wanted["made"]:
            make(self._folder)
            self._keep = wanted["keep"]
        self._grace = wanted["grace"]
        return {}

    def _open(self, choices: List[Any]) -> Dict[str, Any]:
        from harness.driver.wine.private import Choices, PrivateWine  # Not every folder has a Wine.
        wine = PrivateWine(Choices(*choices), self._folder, self.processes)
        wine.open()
        return {"environment": wine.environment, "unsafe": wine.unsafe}

    def _start(self, wanted: Dict[str, Any], files: List[int]) -> Dict[str, Any]:
        start = Start(wanted["command"], wanted["environment"], files[:3],
                      wanted.get("folder") or self._folder, wanted.get("group", 0))
        quiet = wanted.get("quiet")
        if quiet is not None:
            start = start._replace(prepare=listen)
        pid, listener = self.processes.start(start, wanted.get("vital", False))
        self._awaited.update({pid: file for file in files[3:]})
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
                self._report(pid, signal.SIGKILL, excess)
            self.processes.end()
            self.processes.whole = True  # The next start is independent.

    def _report(self, pid: int, status: int, excess: str = "") -> None:
        """Report the end of a process, if the caller waits for it."""
        if pid not in self._awaited:
            return
        report: Dict[str, Any] = {"status": status, "excess": excess}
        if self._heard and self._heard.program == pid:
            report.update(codes=self._heard.codes, words=self._heard.words,
                          killed=self._heard.killed)
            self._heard = None  # Its descendants have ended.
        try:
            with open(self._awaited.pop(pid), "wb", 0) as file:
                file.write(json.dumps(report).encode())
        except OSError:
            pass  # The caller no longer waits.


def supervise(line: socket.socket) -> None:
    """Run the supervisor."""
    supervisor = Supervisor(line)
    try:
        supervisor.serve()
    except (CallerGone, OSError):
        pass  # The caller has gone.
    finally:
        supervisor.close()


if __name__ == "__main__":
    supervise(socket.socket(fileno=0))
