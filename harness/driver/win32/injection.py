"""Loads a DLL into a suspended program through its import table.

A program's headers have the address of the table of imported DLLs. This module writes a longer
table, which begins with one more DLL, into the program's memory, and its address into the headers.
The loader then loads the DLL before any code of the program runs. The DLL must restore the headers
(`original`). The harness starts no thread in the program, which a virus scanner might block."""
from __future__ import annotations

import struct
from typing import Tuple

from harness.driver.errors import HarnessError, Win32Error
from harness.driver.win32.constants import (ERROR_INVALID_ADDRESS, MEM_COMMIT_RESERVE,
                                            PAGE_READWRITE)
from harness.driver.win32.functions import Win32

#: The offset of the headers, and of the image size and the directories of imports and of bound
#: imports in them (from the optional header, by the size of a pointer).
HEADERS_AT, OPTIONAL, IMAGE_SIZE = 0x3C, 24, 56
DIRECTORIES, BOUND = {8: 112, 4: 96}, 10 * 8
#: The offset of the image's address in a process environment block, in pointers.
IMAGE_BASE = 2
DESCRIPTOR = 20
#: Search for free memory in steps of 64 KiB from the end of the image: the table contains 32-bit
#: offsets from its beginning.
STEP, STEPS = 1 << 16, 1 << 15


class Imports:
    """The imports of a suspended process of the agent's architecture. `original` has the address
    and size of the program's own table, and of its bound imports, as in its headers."""

    def __init__(self, win32: Win32, process: int) -> None:
        self.win32, self._process = win32, process
        about = win32.out("PROCESS_BASIC_INFORMATION")
        win32.NtQueryInformationProcess(process, 0, about, len(about), None)
        self._image, = struct.unpack(
            "<Q", win32.read(about.peb + IMAGE_BASE * win32.pointer, win32.pointer,
                             process).ljust(8, b"\0"))
        headers = self._image + self._number(self._image + HEADERS_AT) + OPTIONAL
        self._end = self._image + self._number(headers + IMAGE_SIZE)
        # The first directory is that of exports.
        self._directory = headers + DIRECTORIES[win32.pointer] + 8
        self.original: Tuple[int, ...] = struct.unpack(
            "<II72xII", win32.read(self._directory, BOUND + 8, process))

    def _number(self, address: int) -> int:
        number, = struct.unpack("<I", self.win32.read(address, 4, self._process))
        return int(number)

    def _descriptors(self) -> bytes:
        table = b""
        while self.original[0]:
            row = self.win32.read(self._image + self.original[0] + len(table), DESCRIPTOR,
                                  self._process)
            if not any(row[12:]):
                break
            table += row
        return table

    def _place(self, size: int) -> int:
        start = self._end + -self._end % STEP
        for step in range(STEPS):
            try:
                return self.win32.VirtualAllocEx(self._process, start + step * STEP, size,
                                                 MEM_COMMIT_RESERVE, PAGE_READWRITE)
            except Win32Error as error:
                if error.code != ERROR_INVALID_ADDRESS:
                    raise
        raise Win32Error("VirtualAllocEx", ERROR_INVALID_ADDRESS)

    def add(self, dll: str) -> None:
        """Make the loader load that DLL too. Raises Win32Error, or HarnessError if the path has no
        short form in ASCII, which the table requires."""
        name = _plain(self.win32, dll) + b"\0"
        own, pointer = self._descriptors(), self.win32.pointer
        # The table, its end, the DLL's first function by ordinal twice, and the name.
        thunks = 2 * DESCRIPTOR + len(own) + -(2 * DESCRIPTOR + len(own)) % pointer
        size = thunks + 4 * pointer + len(name)
        memory = self._place(size)
        at = memory - self._image
        first = self.win32.array((1 << 8 * pointer - 1) | 1, 0)
        table = struct.pack("<IIIII", at + thunks, 0, 0, at + thunks + 4 * pointer,
                            at + thunks + 2 * pointer) + own
        self.win32.write(memory, table.ljust(thunks, b"\0") + first + first + name, self._process)
        before = self.win32.out("DWORD")
        self.win32.VirtualProtectEx(self._process, self._directory, BOUND + 8, PAGE_READWRITE,
                                    before)
        self.win32.write(self._directory, struct.pack("<II", at, len(own) + 2 * DESCRIPTOR),
                         self._process)
        self.win32.write(self._directory + BOUND, bytes(8), self._process)
        self.win32.VirtualProtectEx(self._process, self._directory, BOUND + 8, before.value, before)


def _plain(win32: Win32, path: str) -> bytes:
    """Return a path in ASCII: its short form if it has other characters."""
    if not path.isascii():
        short = bytearray(2 * 32768)
        count = win32.GetShortPathNameW(path, short, 32767)
        path = short[:2 * count].decode("utf-16-le")
    if not path.isascii():
        raise HarnessError(f"the path of the tracer, {path}, has no short form in ASCII; "
                           "move the checkout to a folder with an ASCII path")
    return path.encode("ascii")
