"""Pairs of programs, a writer and a reader, the project's own or submitted ones; and how a pair
runs in a host."""
from __future__ import annotations

import os
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import List, Optional

from harness.driver.contract import Words, encode
from harness.driver.host import Host
from harness.driver.paths import BUILD
from harness.driver.programs import Launch, Program
from harness.driver.waiting import wait_for
from harness.driver.win32.objects import Mapping

#: Architecture and character set of each variant of the products.
VARIANTS = [(arch, charset) for arch in ("x86_64", "i686") for charset in ("ansi", "unicode")]


def split(command: str) -> List[str]:
    """Split a command into words, quoted as for a shell; on Windows a backslash is an ordinary
    character. The path of an existing .exe needs no quotes. Raises ValueError for an open quote."""
    if os.path.exists(command):  # Path.exists raises for some texts until Python 3.8.10.
        return [command]
    words = shlex.shlex(command, posix=True, punctuation_chars=False)
    words.whitespace_split = True
    words.commenters = ""
    if sys.platform == "win32":
        words.escape = ""
    return list(words)


@dataclass(frozen=True)
class Half:
    """One program of a pair: its command, and what it was built for.

    `command` is an .exe, perhaps with arguments, for `split`. `own_runtime`: it contains the C
    run-time library (/MT)."""

    command: str
    arch: str
    charset: str
    own_runtime: bool = False

    @property
    def file(self) -> Path:
        """Return the path of the .exe."""
        return Path(split(self.command)[0])

    def line(self, host: Host) -> str:
        """Return its Windows command line in that host."""
        return subprocess.list2cmdline([host.path(self.file), *split(self.command)[1:]])


@dataclass(frozen=True)
class Pair:
    """A writer and a reader."""

    writer: Half
    reader: Half
    words: Words = Words()

    def __str__(self) -> str:
        """Return `x86_64-ansi`, or `x86_64-ansi+x86_64-unicode` if the halves differ."""
        halves = [f"{half.arch}-{half.charset}" for half in (self.writer, self.reader)]
        return halves[0] if halves[0] == halves[1] else "+".join(halves)


def product(arch: str, charset: str, program: str) -> Half:
    """Return one of the project's own programs, as make builds it."""
    return Half(shlex.quote(str(BUILD / f"{arch}-{charset}" / f"{program}.exe")), arch, charset)


def product_pair(arch: str, charset: str, reader_arch: Optional[str] = None,
                 reader_charset: Optional[str] = None) -> Pair:
    """Return the project's writer and reader, by default of the same variant."""
    return Pair(product(arch, charset, "first_process"),
                product(reader_arch or arch, reader_charset or charset, "second_process"))


class Scene:
    """A pair in a host, and the object that it shares. `launch` is how it starts by default."""

    def __init__(self, host: Host, pair: Pair, launch: Launch = Launch()) -> None:
        self.host = host
        self.pair = pair
        self.launch = launch

    def writer(self, launch: Optional[Launch] = None) -> Program:
        """Start the writer, without waiting for its effects."""
        return self._start("the writer", self.pair.writer, launch or self.launch)

    def reader(self, launch: Optional[Launch] = None) -> Program:
        """Start the reader, without waiting for its effects."""
        return self._start("the reader", self.pair.reader, launch or self.launch)

    def _start(self, name: str, half: Half, launch: Launch) -> Program:
        # Only an agent of its own architecture can trace a program.
        arch = half.arch if launch.trace else "x86_64"
        return self.host.start(name, half.line(self.host), arch, launch)

    def waiting_writer(self, launch: Optional[Launch] = None) -> Program:
        """Start the writer and wait until its message is in the object."""
        writer = self.writer(launch)
        self.message_of(writer).close()
        return writer

    def message_of(self, writer: Program) -> Mapping:
        """Return the object, mapped, once it has content: a program can open it between its
        creation and the copy, when it is still all zero."""
        mapping = wait_for(self.find, f"the object {self.pair.words.name}", writer.describe,
                           over=writer.ended).map()
        wait_for(lambda: any(mapping.read(mapping.region)), "a message in the object",
                 writer.describe, over=writer.ended)
        return mapping

    def find(self) -> Optional[Mapping]:
        """Return the writer's object, or None if its name does not exist."""
        return self.host.find(self.pair.words.name)

    def exists(self) -> bool:
        """Return whether the name of the writer's object can be opened now."""
        return self.host.exists(self.pair.words.name)


def round_trip(scene: Scene, text: Optional[str] = None, writer_first: bool = False) -> None:
    """Run everything that the page shows; the message box must say `text`, by default the message.
    The writer gets its key after the answer to the message box, or before it if `writer_first`.
    Raises AssertionError or Expired if anything differs from the documentation."""
    words = scene.pair.words
    writer = scene.writer()
    message = encode(words.message, scene.pair.writer.charset)
    mapping = scene.message_of(writer)
    _agree("the bytes in the object", message, mapping.read(len(message)))
    mapping.close()

    reader = scene.reader()
    box = reader.box()
    text = words.message if text is None else text
    _agree("title, text, owner and icon of the message box", (words.title, text, 0, False),
           (box.title, box.text, box.owner, box.icon))
    _agree("its buttons", ["OK"], [button.label for button in box.buttons])

    for program in (writer, reader) if writer_first else (reader, writer):
        _agree(f"whether the object exists before {program.name} ends", True, scene.exists())
        if program is writer:
            writer.press()
        else:
            reader.answer(box)
        ended = program.wait()
        _agree(f"exit code and output of {program.name}", (0, b"", b""),
               (ended.code, ended.out, ended.err))
    _agree("whether the object exists after both have ended", False, scene.exists())


def _agree(what: str, expected: object, seen: object) -> None:
    if expected != seen:
        raise AssertionError(f"{what}\n  expected: {expected!r}\n  seen:     {seen!r}")
