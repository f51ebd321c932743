"""One Wine for several runs: `--share NAME`.

A background process owns it, and listens at an address made of the user, the root of the file
system, and the name. Each run that shares it holds a connection. The Wine ends `linger` seconds
after the last connection, unless a new one comes."""
from __future__ import annotations

import json
import os
import select
import socket
import time
from binascii import crc32
from typing import Dict, List, Optional, Sequence

from harness.driver.errors import HarnessError
from harness.driver.waiting import DEADLINE, WINEBOOT
from harness.driver.wine.children import ChildProcesses
from harness.driver.wine.folders import GRACE, make, new_folder, peer, remove
from harness.driver.wine.paths import SYSTEM
from harness.driver.wine.processes import is_running
from harness.driver.wine.supervised import Supervisor, detach
from harness.run.program import Kind, Place

#: The time limit in seconds for the start of a Wine.
PATIENCE = 2 * WINEBOOT


class SharedPlace(Place):
    """A run's part in the shared Wine of that name; starts that Wine if there is none. Raises
    HarnessError."""

    def __init__(self, name: str, kind: Kind, linger: float) -> None:
        # Containers may share a network, and so the addresses, but not each other's files.
        root = os.stat("/")
        where = crc32(f"{root.st_dev}/{root.st_ino}".encode())
        address = f"\0named-shared-memory/{os.getuid()}/{where:x}/{name}"
        answer = b""
        while not answer:  # A Wine that is about to end, or was killed, gives none.
            folder = new_folder()
            self._line = connect(address)
            self._line.settimeout(PATIENCE)
            try:
                self._line.send(json.dumps([*kind, folder, linger]).encode())
                answer = self._line.recv(1 << 18)
            except socket.timeout:
                raise HarnessError(f"the Wine shared as {name} did not answer in {PATIENCE:g} s")
            except OSError:
                pass
            if not answer:
                remove(folder)
        theirs = json.loads(answer)
        self.line = self._line
        if "failed" in theirs:
            raise HarnessError(theirs["failed"])
        if theirs["kind"] != json.loads(json.dumps(kind)):
            raise HarnessError(f"the Wine shared as {name} was started with other options ("
                               f"{', '.join(map(str, theirs['kind']))}); use another name")
        self.wine = tuple(theirs["wine"])
        self.unsafe, self.folder, self.environment = (
            theirs[name] for name in ("unsafe", "folder", "environment"))
        self._inside, self._owner, self._keep = theirs["inside"], theirs["owner"], kind.keep

    def enter(self, interrupts: Sequence[int]) -> Supervisor:
        return Supervisor(self._keep, forked=True, joins=(self.folder, self._inside),
                          interrupts=interrupts)

    def leave(self) -> None:
        self._line.shutdown(socket.SHUT_WR)
        while self._line.recv(1 << 10):
            pass  # The last run waits for the end of the Wine.
        if not self._keep and not is_running(self._owner):
            remove(self.folder)  # It was killed.


def connect(address: str) -> socket.socket:
    """Connect to the process at the address; start it if necessary."""
    while True:
        line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            line.connect(address)
            check_user(line)
            return line
        except ConnectionRefusedError:
            line.close()
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with listener:
            try:
                listener.bind(address)
            except OSError:
                continue  # Another run was quicker.
            # Other runs can now connect, and wait for the accept. This run connects first: if it is
            # killed, the background process notices.
            listener.listen(64)
            line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            line.connect(address)
            child = os.fork()
            if not child:
                if os.fork():
                    os._exit(0)
                line.close()
                try:
                    serve(listener)
                finally:
                    os._exit(0)
            os.waitpid(child, 0)
            return line


def check_user(line: socket.socket) -> None:
    """Raise HarnessError unless the peer belongs to this user: others could use the address."""
    user = peer(line)[1]
    if user != os.getuid():
        raise HarnessError(f"the name to share is in use by user id {user}")


def serve(listener: socket.socket) -> None:
    """Run the background process."""
    os.setsid()
    detach(0, 1, 2)
    processes = ChildProcesses()
    members: List[socket.socket] = []
    limit, linger = time.monotonic() + 1, 0.0
    answer: Dict[str, object] = {}
    made: Optional[Kind] = None
    try:
        while processes.whole and "failed" not in answer and (members or time.monotonic() < limit):
            rest = None if members else max(0.0, limit - time.monotonic())
            ready = select.select([listener, processes.wake, *members], [], [], rest)[0]
            if processes.wake in ready:
                os.read(processes.wake, 4096)
                processes.reap()
            for line in members[:]:
                if line in ready:
                    members.remove(line)
                    limit = time.monotonic() + linger
                    if members or linger:
                        line.close()  # The last run sees the end of this process instead.
            if listener in ready:
                line = listener.accept()[0]
                try:
                    check_user(line)
                    *kind, folder, wish = json.loads(line.recv(1 << 16))
                    linger = max(linger, wish)
                except (HarnessError, ValueError, OSError):
                    line.close()
                    continue
                try:
                    if not made:
                        made, home = Kind(*kind), folder
                        answer = {"kind": made, "folder": home, "owner": os.getpid(),
                                  **opened(made, home, processes)}
                except Exception as problem:  # Report it to the runs, whatever it is.
                    answer = {"failed": f"{problem or type(problem).__name__}"}
                line.send(json.dumps(answer).encode())
                members.append(line)
    finally:
        listener.close()
        processes.end(GRACE if made and made.keep else 0.0)
        if made and not made.keep:
            remove(home)


def opened(kind: Kind, folder: str, processes: ChildProcesses) -> Dict[str, object]:
    """Create a Wine for several runs in that folder. Return what each run must know. Raises
    HarnessError and OSError."""
    from harness.driver.wine.private import PrivateWine  # Here, since few runs need it.
    from harness.run.place import choices, wine_of
    make(folder)
    paths = wine_of(kind)
    wine = PrivateWine(choices(kind, paths, services=True), folder, processes)
    wine.open()
    # Boot, and start the desktop process. Otherwise the first program does, and its output would
    # not end before the services and the desktop do. If wineboot is killed, hostname.exe ends all
    # the same, and the next program would wait for five minutes.
    for words, seconds in ((["hostname.exe"], WINEBOOT),
                           (["rundll32.exe", "user32.dll,GetDesktopWindow"], DEADLINE)):
        command = [paths[0], rf"{SYSTEM}\{words[0]}", *words[1:]]
        if processes.finish(command, wine.environment, seconds) is None:
            raise HarnessError("Wine's start was interrupted (was its wineboot killed?), and no "
                               "program can run in it; try again")
    return {"wine": paths, "unsafe": wine.unsafe, "inside": processes.inside,
            "environment": wine.environment}
