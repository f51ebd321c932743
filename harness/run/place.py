"""Where a program runs: in a Wine of its own, or in one that several runs share."""
from __future__ import annotations

import os
import socket
from binascii import crc32

from harness.driver.errors import HarnessError
from harness.driver.waiting import WINEBOOT
from harness.driver.wine.folders import peer
from harness.driver.wine.connection import Connection, SupervisorGone, fork

TYPE_CHECKING = False  # Importing typing takes longer than most modules here.
if TYPE_CHECKING:
    from typing import Any


class Place:
    """Where to run a program: in a Wine of some `kind`, the Choices of a PrivateWine, but with
    find_wine's argument as `wine`. `wine` has the paths of loader and server, and the version;
    `environment` is what a program needs here; `line` becomes readable when the place is gone, if
    that can happen before this process ends; `unsafe` says why there is no sandbox although
    it is "auto"."""

    wine: tuple[str, ...]
    folder: str
    environment: dict[str, str]
    line: socket.socket | None = None
    unsafe = ""

    def enter(self, supervisor: Connection) -> None:
        """Let that supervisor own what will run here. Raises HarnessError, OSError and
        Interrupted."""
        raise NotImplementedError

    def leave(self) -> None:
        """Clean up after the supervisor's end."""

    def _open(self, supervisor: Connection, kind: dict[str, Any], services: bool) -> dict[str, Any]:
        """Let it make such a Wine. Return its answer."""
        from harness.driver.wine.private import Choices  # Here, since others may have made it.
        managed = True
        if kind["display"] == "x11":
            from harness.driver.wine.display import is_managed  # Here, as few need it.
            managed = is_managed()
        supervisor.begin(kind["keep"])
        return supervisor.open(Choices(**kind)._replace(
            wine=self.wine, services=services, debug=True, managed=managed))

    def _settle(self, made: dict[str, Any]) -> None:
        self.wine, self.folder = made["wine"], made["folder"]
        self.environment, self.unsafe = made["environment"], made["unsafe"]


def wine_of(kind: dict[str, Any]) -> tuple[str, ...]:
    """Return its loader, server and version. Raises HarnessError if none is installed."""
    from harness.driver.wine.installation import find_wine  # Here, as the import is slow.
    wine = find_wine(kind["wine"])
    return (str(wine.loader), str(wine.server), wine.version)


class OwnPlace(Place):
    """A Wine for one run. Raises HarnessError if none is installed."""

    def __init__(self, kind: dict[str, Any]) -> None:
        self.wine = wine_of(kind)
        self._kind = kind

    def enter(self, supervisor: Connection) -> None:
        self._settle(self._open(supervisor, self._kind, services=False))


class SharedPlace(Place):
    """A run's part in the shared Wine of that name; makes that Wine if there is none. A supervisor
    in the background owns it, and listens at an address made of the user, the root of the file
    system, and the name. Each run that shares it holds a connection. The Wine ends `linger` seconds
    after the last connection, unless a new one comes. Raises HarnessError."""

    def __init__(self, name: str, kind: dict[str, Any], linger: float) -> None:
        # Containers may share a network, and so the addresses, but not each other's files.
        root = os.stat("/")
        where = crc32(f"{root.st_dev}/{root.st_ino}".encode())
        address = f"\0named-shared-memory/{os.getuid()}/{where:x}/{name}"
        while True:
            self._owner = _connect(address)
            try:
                made = self._owner.ask(4 * WINEBOOT, share=kind, linger=linger)
                break
            except SupervisorGone:
                self._owner.close()  # It was about to end, or was killed.
        try:
            if not made:
                self.wine = wine_of(kind)
                made = self._open(self._owner, kind, services=True)
            if made["kind"] != kind:
                options = ", ".join(map(str, made["kind"].values()))
                raise HarnessError(f"the Wine shared as {name} was started with other options ("
                                   f"{options}); use another name")
        except BaseException:
            self._owner.close()
            raise
        self._settle(made)
        self._inside = made["inside"]
        self.line = self._owner.line
        self._owner.pid, self._owner.folder = made["pid"], made["folder"]
        self._owner.keep = kind["keep"]

    def enter(self, supervisor: Connection) -> None:
        supervisor.join(self.folder, self._inside)

    def leave(self) -> None:
        self._owner.close()


def _connect(address: str) -> Connection:
    """Connect to the supervisor at the address; start it if necessary."""
    while True:
        line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            line.connect(address)
            user = peer(line)[1]
            if user != os.getuid():  # Others could use the address.
                raise HarnessError(f"the name to share is in use by user id {user}")
            return Connection(line)
        except ConnectionRefusedError:
            pass
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
            try:
                listener.bind(address)
            except OSError:
                line.close()
                continue  # Another run was quicker.
            # Other runs can now connect, and wait for the accept. This run connects first: if it is
            # killed, the background process notices.
            listener.listen(64)
            line.connect(address)
            return Connection(line, fork(listener, shared=True))
