"""Owns the folder, the Wine and every process of one host, and ends them when the harness is gone.

    python3 -I -S supervisor.py [keep]        keep: leave the folder for somebody to look at

Its standard input is one end of a socket pair that keeps message boundaries. It sends the folder's
path, or ends with a line on standard error. A message that it receives is JSON:

    {"open": the Choices of a PrivateWine}   makes it in the folder; the answer has its
    `environment` {"command", "environment", "vital"}      with three open files, and a fourth if it
    is not vital:
                                             starts that in the folder, on those files; the answer
                                             has `pid`. The fourth gets its wait status at its end.

An answer has `failed` instead where something went wrong, and why; and the system's `errno`.

The end of its input, which comes however the harness ends, is the end of everything: of the
commands, of whatever they have started, and of the folder. A vital command that ends before takes
the others along, since a host without a server or an agent is of no use.
"""
from __future__ import annotations

import array
import json
import os
import select
import socket
import sys
from typing import Any, Dict, List, Tuple

if not __package__:
    sys.path.insert(0, os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", "..")))
    sys.pycache_prefix = os.path.join(sys.path[0], "build", "pycache")

from harness.driver.errors import WineFailed  # noqa: E402 # Its folder is on the path just now.
from harness.driver.wine.children import (LOOK, CallerGone, ChildProcesses,  # noqa: E402
                                          watched)
from harness.driver.wine.folders import new_folder, remove  # noqa: E402


def receive(line: socket.socket) -> Tuple[bytes, List[int]]:
    """The next message and the open files that came with it; empty at the end of input."""
    files = array.array("i")
    room = socket.CMSG_SPACE(4 * files.itemsize)
    message, extra, _, _ = line.recvmsg(1 << 18, room, socket.MSG_CMSG_CLOEXEC)
    for _, _, data in extra:
        files.frombytes(data)
    return message, list(files)


class Supervisor:
    """The folder, and what runs in it."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.processes = ChildProcesses()
        self._awaited: Dict[int, int] = {}

    def answer(self, message: bytes, files: List[int], line: socket.socket) -> Dict[str, Any]:
        """Do what a message asks. Raises CallerGone."""
        try:
            wanted = json.loads(message)
            if "open" in wanted:
                with watched(line):
                    return self._open(wanted["open"])
            pid = self.processes.start(wanted["command"], wanted["environment"], files[:3],
                                       wanted["vital"])
            if not wanted["vital"]:
                self._awaited[pid] = files[3]
            return {"pid": pid}
        except CallerGone:
            raise
        except Exception as problem:  # Whatever it is, somebody else has to say it.
            return {"failed": str(problem) or type(problem).__name__,
                    "errno": getattr(problem, "errno", None),
                    "wine": isinstance(problem, WineFailed)}

    def _open(self, choices: List[Any]) -> Dict[str, Any]:
        from harness.driver.wine.private import Choices, PrivateWine  # Not every folder has a Wine.
        wine = PrivateWine(Choices(*choices), self.folder, self.processes)
        wine.open()
        return {"environment": wine.environment, "unsafe": wine.unsafe}

    def look(self) -> None:
        """See who has ended, and end the others if nobody can do without."""
        for pid, status in self.processes.reap().items():
            if pid in self._awaited:
                with open(self._awaited.pop(pid), "wb", 0) as file:
                    file.write(b"%d" % status)
        excess = self.processes.inside and self.processes.excess(self.folder)
        if excess:
            print(f"the sandbox had {excess}", file=sys.stderr, flush=True)
        if excess or not self.processes.whole:
            self.processes.end()
            self.processes.whole = True  # What is started from now on is another one.


def main() -> None:
    """Serve until the end of input."""
    line = socket.socket(fileno=0)
    supervisor = Supervisor(new_folder())
    os.mkdir(supervisor.folder, 0o700)
    processes = supervisor.processes
    try:
        os.chdir(supervisor.folder)
        line.send(os.fsencode(supervisor.folder))
        while True:
            rest = LOOK if processes.inside else None
            ready = select.select([line, processes.wake], [], [], rest)[0]
            if processes.wake in ready:
                os.read(processes.wake, 4096)
            if line not in ready:
                supervisor.look()
                continue
            message, files = receive(line)
            if not message:
                break
            line.send(json.dumps(supervisor.answer(message, files, line)).encode())
    except CallerGone:
        pass
    finally:
        processes.end()
        if "keep" not in sys.argv:
            os.chdir("/")
            remove(supervisor.folder)


if __name__ == "__main__":
    try:
        main()
    except OSError as problem:
        sys.exit(str(problem))
