"""Runs the robust pair of docs/robust, and creates the objects that others put in its way."""
from __future__ import annotations

import struct
from pathlib import Path
from typing import Optional

from harness.driver.host import Host
from harness.driver.paths import BUILD
from harness.driver.programs import Launch, Program, TRACED
from harness.driver.waiting import wait_for
from harness.driver.win32.constants import FILE_MAP_READ, PAGE_READWRITE
from harness.driver.win32.objects import Mapping
from harness.interleavings.robust import COMPLETE, NAME, READY, SIZE, TEXT
from harness.lessons.scenes.common import start

#: The owner of "another user's" object: the SID of the Administrators group.
SOMEBODY_ELSE = "S-1-5-32-544"


class RobustPair:
    """The robust pair in a host, and the objects that it opens.

    `folder` says which programs, as in build/x86_64-robust; `name` and `ready` are the names of its
    object and its event. Limits are in milliseconds; with "", the programs get no argument.
    """

    def __init__(self, host: Host, arch: str = "x86_64", folder: str = "robust",
                 name: str = NAME, ready: str = READY) -> None:
        self.host, self.arch, self.folder = host, arch, folder
        self.name, self.ready = name, ready

    def writer(self, limit: object = 60000, launch: Launch = Launch()) -> Program:
        """Start the writer."""
        return start(self.host, "robust_writer", limit, launch, self.folder, self.arch)

    def reader(self, limit: object = 20000, launch: Launch = Launch()) -> Program:
        """Start the reader."""
        return start(self.host, "robust_reader", limit, launch, self.folder, self.arch)

    def serving_writer(self, limit: object = 60000, launch: Launch = Launch()) -> Program:
        """Start the writer and wait until its message is complete."""
        writer = self.writer(limit, launch)
        wait_for(self.is_complete, "a complete message", writer.describe, over=writer.ended)
        return writer

    def waiting_reader(self, limit: object = 20000) -> Program:
        """Start the reader and wait until it waits for the event."""
        reader = self.reader(limit, TRACED)
        reader.await_call("WaitForSingleObject")
        return reader

    def is_complete(self) -> bool:
        """Return whether the object exists and holds the complete message."""
        mapping = self.host.find(self.name, FILE_MAP_READ)
        if not mapping:
            return False
        data = mapping.map(FILE_MAP_READ).read(len(COMPLETE))
        mapping.close()
        return data == COMPLETE

    def forge(self, data: bytes, size: int = SIZE, owner: Optional[str] = None,
              protect: int = PAGE_READWRITE, file: Optional[Path] = None, low: bool = False
              ) -> Mapping:
        """Create the object, beginning with these bytes, and set the event. See Host.create."""
        self.host.occupy(self.ready, "event", is_set=True)
        mapping = self.host.create(self.name, size, protect, file,
                                   owner=owner or self.host.token().user, low=low)
        if data:
            mapping.map().write(data)
        return mapping


def header(magic: bytes = b"NSM1", version: int = 1, size: int = SIZE,
           length: int = len(TEXT)) -> bytes:
    """Return the header and text of the object; the defaults are valid."""
    return struct.pack("<4sIII", magic, version, size, length) + TEXT


#: Headers that the reader must reject.
FORGED = {"no magic number": header(magic=b"\0\0\0\0"),
          "another version": header(version=2),
          "another size": header(size=256),
          "half a character": header(length=53),
          "a length of 16,370, which is too much": header(length=16370),
          "a length of 4,294,967,294": header(length=0xFFFFFFFE),
          "a zero in its text": header(length=len(TEXT) + 2)}


def attacker(host: Host, *arguments: object) -> Program:
    """Start the program of harness/lessons/attacks/attacker.c; its source lists the arguments."""
    line = host.path(BUILD / "attacks" / "attacker.exe")
    return host.start("attacker", " ".join([f'"{line}"', *map(str, arguments)]))
