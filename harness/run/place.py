"""Where a program runs: in a Wine of its own, or in one that several runs share."""
from __future__ import annotations

import os
import socket
from binascii import crc32

from harness.driver.errors import HarnessError
from harness.driver.waiting import WINEBOOT
from harness.driver.wine import connection
from harness.driver.wine.connection import Connection, Message, SupervisorGone, fork
from harness.driver.wine.folders import peer


class Place:
    """Where that supervisor's programs run: in a Wine of some `kind`, the Choices of a PrivateWine,
    but with find_wine's argument as `wine`. All runs that give the same `name` share one. A
    supervisor in the background owns it, and listens at an address made of the user, the root of
    the file system, the version of the harness, and the name. Each run that shares it holds a
    connection. The Wine ends `linger` seconds after the last connection, unless a new one comes.

    `wine` has the paths of loader and server, and the version; `environment` is what a program
    needs here; `lines` become readable when the place is gone, if that can happen before this
    process ends; `unsafe` says why there is no sandbox although it is "auto". Raises HarnessError
    and OSError."""

    _owner: Connection | None = None

    def __init__(self, supervisor: Connection, kind: Message, name: str | None,
                 linger: float) -> None:
        self.supervisor = supervisor
        try:
            made = self._share(name, kind, linger) if name else _open(supervisor, kind)
        except BaseException:
            self.close()
            raise
        self.wine: tuple[str, ...] = made["wine"]
        self.folder: str = made["folder"]
        self.environment: dict[str, str] = made["environment"]
        self.unsafe: str = made["unsafe"]
        self.lines = [self._owner.line] if self._owner else []

    def _share(self, name: str, kind: Message, linger: float) -> Message:
        """Join the Wine of that name; make it if there is none. Return its supervisor's answer."""
        # Containers may share a network, and so the addresses, but not each other's files. Another
        # version's supervisor would not understand this one's messages.
        root = os.stat("/")
        folder = os.path.dirname(connection.__file__)
        version = max(file.stat().st_mtime_ns for file in os.scandir(folder)
                      if file.name.endswith(".py"))
        where = crc32(f"{root.st_dev}/{root.st_ino}/{version}".encode())
        address = f"\0named-shared-memory/{os.getuid()}/{where:x}/{name}"
        while True:
            owner = self._owner = _connect(address)
            try:
                made: Message = owner.ask(4 * WINEBOOT, linger=linger)["made"]
                break
            except SupervisorGone:
                owner.close()  # It was about to end, or was killed.
        made = made or _open(owner, kind, services=True)
        if made["kind"] != kind:
            options = ", ".join(map(str, made["kind"].values()))
            raise HarnessError(f"the Wine shared as {name} was started with other options "
                               f"({options}); use another name")
        owner.pid, owner.folder, owner.keep = made["pid"], made["folder"], kind["keep"]
        self.supervisor.join(made["folder"], made["inside"])
        return made

    def close(self) -> None:
        """End what runs here, and the Wine unless others share it."""
        self.supervisor.close()
        if self._owner:
            self._owner.close()


def _open(owner: Connection, kind: Message, services: bool = False) -> Message:
    from harness.driver.wine.installation import find_wine  # Here, since others may have made it.
    wine = find_wine(kind["wine"])
    managed = True
    if kind["display"] == "x11":
        from harness.driver.wine.display import is_managed  # Here, as few need it.
        managed = is_managed()
    owner.begin(kind["keep"])
    return owner.ask(2 * WINEBOOT, kind=kind, open={
        **kind, "wine": (str(wine.loader), str(wine.server), wine.version), "services": services,
        "debug": True, "managed": managed})


def _connect(address: str) -> Connection:
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
            fork(listener, shared=True)
            return Connection(line)
