"""The robust pair of docs/robust, and what others try with it."""
from __future__ import annotations

import re
import struct
from typing import Optional

from harness.driver.host import Host
from harness.driver.pair import product
from harness.driver.programs import Launch, Program, TRACED
from harness.driver.waiting import wait_for
from harness.driver.win32.calls import lines
from harness.driver.win32.console import CONTROL_C
from harness.driver.win32.constants import FILE_MAP_READ, PAGE_READWRITE
from harness.driver.win32.objects import Mapping
from harness.interleavings.robust import COMPLETE, NAME, READY, SIZE, TEXT
from harness.lessons.drawing import draw, dump
from harness.lessons.scenes.stage import Lines

#: The owner of an object that somebody else has made: the group of administrators, as a SID.
SOMEBODY_ELSE = "S-1-5-32-544"


class RobustPair:
    """The robust pair in a host, and the objects that it looks for. Limits are in milliseconds."""

    def __init__(self, host: Host, arch: str = "x86_64") -> None:
        self.host = host
        self.arch = arch

    def _start(self, name: str, limit: object, launch: Launch) -> Program:
        line = product(self.arch, "robust", name).line(self.host)
        return self.host.start(name, f"{line} {limit}", self.arch, launch)

    def writer(self, limit: object = 60000, launch: Launch = Launch()) -> Program:
        """Start the writer."""
        return self._start("robust_writer", limit, launch)

    def reader(self, limit: object = 20000, launch: Launch = Launch()) -> Program:
        """Start the reader."""
        return self._start("robust_reader", limit, launch)

    def serving_writer(self, limit: object = 60000, launch: Launch = Launch()) -> Program:
        """Start the writer and wait until its message is complete."""
        writer = self.writer(limit, launch)
        wait_for(self.is_complete, "a complete message", writer.describe, over=writer.ended)
        return writer

    def waiting_reader(self, limit: object = 20000) -> Program:
        """Start the reader and wait until it waits for the event."""
        reader = self.reader(limit, TRACED)
        wait_for(lambda: reader.has_called("WaitForSingleObject"), "a reader that waits",
                 reader.describe)
        return reader

    def is_complete(self) -> bool:
        """Whether an object of the name is there, and holds the complete message."""
        mapping = self.host.find(NAME, FILE_MAP_READ)
        if not mapping:
            return False
        data = mapping.map(FILE_MAP_READ).read(len(COMPLETE))
        mapping.close()
        return data == COMPLETE

    def forge(self, data: bytes, size: int = SIZE, owner: Optional[str] = None,
              protect: int = PAGE_READWRITE) -> Mapping:
        """An object of the name that begins with these bytes, which belongs to the current user
        unless it is said to whom (a SID), and whose event is set."""
        self.host.occupy(READY, "event", is_set=True)
        mapping = self.host.create(NAME, size, protect=protect, owner=(
            owner or self.host.token().user))
        if data:
            mapping.map().write(data)
        return mapping


def header(magic: bytes = b"NSM1", version: int = 1, size: int = SIZE,
           length: int = len(TEXT)) -> bytes:
    """The first bytes of the object, which are right unless something else is said."""
    return struct.pack("<4sIII", magic, version, size, length) + TEXT


#: Headers that the reader must not believe.
FORGED = {"no magic number": header(magic=b"\0\0\0\0"),
          "another version": header(version=2),
          "another size": header(size=256),
          "no text": header(length=0),
          "half a character": header(length=53),
          "a length of 16,370, which is too much": header(length=16370),
          "a length of 4,294,967,294": header(length=0xFFFFFFFE),
          "a zero in its text": header(length=len(TEXT) + 2)}


def said(program: Program) -> Lines:
    """Wait for the program's end; tell its exit code and what it said on standard error."""
    ended = program.wait()
    printed = (ended.out + ended.err).decode().strip()
    yield f"{program.name} exits with {ended.code}{': ' + printed if printed else ', silently.'}"


def shown(reader: Program) -> Lines:
    """Wait for the reader's message box, tell its text and press OK; tell its end."""
    box = reader.box()
    yield f"{reader.name} shows: {box.text}"
    reader.answer(box)
    yield from said(reader)


def robust_message(host: Host) -> Lines:
    """The robust pair's message in memory, and in its reader's message box."""
    pair = RobustPair(host)
    pair.serving_writer()
    mapping = host.open(NAME, access=FILE_MAP_READ).map(FILE_MAP_READ)
    yield "robust_writer has published its message. Header (magic, version, size, length) and text:"
    yield from dump(mapping.read(80))
    mapping.close()
    reader = pair.reader()
    yield "robust_reader shows:"
    yield from draw(reader.box())
    reader.answer(reader.box())
    yield from said(reader)


def robust_headers(host: Host) -> Lines:
    """What the robust reader reports about each wrong header."""
    pair = RobustPair(host)
    for what, data in FORGED.items():
        pair.forge(data)
        ended = pair.reader().wait()
        yield f"{what}: {ended.err.decode().strip()}"
        host.sweep()
    yield f"robust_reader exits with {ended.code}."


def robust_early(host: Host) -> Lines:
    """The robust reader starts before the writer, and without one."""
    pair = RobustPair(host)
    yield "robust_reader starts with a limit of 300 ms. There is no writer."
    yield from said(pair.reader(300))
    reader = pair.waiting_reader()
    yield f"Another one starts and waits. It has {len(reader.boxes())} message boxes."
    pair.writer()
    yield "robust_writer starts."
    yield from shown(reader)


def robust_two_writers(host: Host) -> Lines:
    """A second robust writer starts, and a third one after the first was killed."""
    pair = RobustPair(host)
    first = pair.serving_writer()
    yield "robust_writer has published its message. A second one starts:"
    yield from said(pair.writer())
    first.terminate()
    first.wait()
    yield "The first one is killed. A third one starts, and a reader."
    pair.serving_writer()
    yield from shown(pair.reader())


def robust_squatters(host: Host) -> Lines:
    """Another program has taken the names of the robust pair."""
    pair = RobustPair(host)
    yield "A mutex has the name of the shared memory."
    host.occupy(NAME, "mutex")
    yield from said(pair.writer())
    host.sweep()
    yield "A mutex has the name of the event."
    host.occupy(READY, "mutex")
    yield from said(pair.reader())
    host.sweep()
    yield "An object whose DACL denies everyone access has the name, and the event is set."
    host.occupy(READY, "event", is_set=True)
    host.create(NAME, SIZE, denied=True)
    yield from said(pair.writer())
    yield from said(pair.reader())
    host.sweep()
    yield "Somebody else's object has the name. All of its bytes are right, and the event is set."
    pair.forge(header(), owner=SOMEBODY_ELSE)
    yield from said(pair.reader())
    host.sweep()
    yield "The user's own object has the name. It has one page, which is too small."
    pair.forge(header(), size=4096)
    yield from said(pair.reader())


def robust_ctrl_c(host: Host) -> Lines:
    """The robust writer cleans up on Ctrl-C, and at its time limit."""
    pair = RobustPair(host)
    writer = pair.serving_writer()
    yield "robust_writer serves. Ctrl-C is pressed."
    writer.press(CONTROL_C)
    yield from said(writer)
    yield "Another one starts with a limit of 200 ms."
    yield from said(pair.writer(200))
    yield f"The object is {'still there' if host.find(NAME, FILE_MAP_READ) else 'gone'}."


def robust_calls(host: Host) -> Lines:
    """The calls of the robust pair, with arguments and results."""
    pair = RobustPair(host)
    writer = pair.serving_writer(3000, TRACED)
    reader = pair.reader(launch=TRACED)
    reader.answer(reader.box())
    for program in (writer, reader):
        program.wait()
        yield f"{program.name}:"
        for line in lines(program.calls()):
            named = re.sub(r"CloseHandle\(0x\w+\)", "CloseHandle(token)", line)
            yield "  " + re.sub(r"0x\w{4,}", "&security", named)
