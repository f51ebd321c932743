"""Runs the robust pair of docs/robust, and creates the objects that others put in its way."""
from __future__ import annotations

import struct
from contextlib import suppress
from pathlib import Path
from typing import Optional

from harness.driver.contract import MESSAGE, encode
from harness.driver.errors import HarnessError, Win32Error
from harness.driver.host import Host
from harness.driver.programs import Launch, Program, TRACED
from harness.driver.waiting import wait_for
from harness.driver.win32.constants import (CURRENT_PROCESS, FILE_MAP_READ, FILE_MAP_WRITE,
                                            PAGE_READWRITE)
from harness.driver.win32.objects import Mapping, NamedObject
from harness.interleavings.robust import COMPLETE, NAME, READY, SIZE, TEXT
from harness.lessons.drawing import start

#: The owner of "another user's" object: the SID of the Administrators group.
SOMEBODY_ELSE = "S-1-5-32-544"
WRITE_DAC, PROCESS_DUP_HANDLE = 0x40000, 0x40
SE_KERNEL_OBJECT, DACL_SECURITY_INFORMATION = 6, 4


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
           length: Optional[int] = None, text: str = MESSAGE) -> bytes:
    """Return the header and text of the object; the defaults are valid."""
    data = encode(text, "unicode")
    return struct.pack("<4sIII", magic, version, size,
                       len(data) if length is None else length) + data


#: A message that is not the writer's.
FORGERY = header(text="Message from an attacker.")
#: Headers that the reader must reject.
FORGED = {"no magic number": header(magic=b"\0\0\0\0"),
          "another version": header(version=2),
          "another size": header(size=256),
          "half a character": header(length=53),
          "a length of 16,370, which is too much": header(length=16370),
          "a length of 4,294,967,294": header(length=0xFFFFFFFE),
          "a zero in its text": header(length=len(TEXT) + 2)}


def replace_dacl(host: Host) -> None:
    """Replace the DACL of the object as its owner may, unless an OWNER RIGHTS entry denies that,
    and write into it. Raises Win32Error."""
    host.win32().SetSecurityInfo(host.open(NAME, WRITE_DAC).handle, SE_KERNEL_OBJECT,
                                 DACL_SECURITY_INFORMATION, None, None, None, None)
    host.open(NAME, FILE_MAP_WRITE).map(FILE_MAP_WRITE).write(FORGERY)


def steal_handle(host: Host, process_id: int) -> None:
    """Duplicate the writer's handle, as any program of the same user may, and write into the
    object. Raises Win32Error."""
    win32 = host.win32()
    writer = host.keep(NamedObject(win32, win32.OpenProcess(PROCESS_DUP_HANDLE, False, process_id),
                                   True))
    for handle in range(4, 4096, 4):
        mine = win32.out("HANDLE")
        with suppress(Win32Error):
            win32.DuplicateHandle(writer.handle, handle, CURRENT_PROCESS, mine, FILE_MAP_WRITE,
                                  False, 0)
            mapping = host.keep(Mapping(win32, mine.value, True)).map(FILE_MAP_WRITE)
            if mapping.read(len(COMPLETE)) == COMPLETE:
                mapping.write(FORGERY)
                return
    raise HarnessError("the writer has no handle to its object")
