"""Pairs of programs: a writer and a reader, the project's own or somebody else's."""
from __future__ import annotations

import os
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import List, Optional

from harness.driver.contract import Words
from harness.driver.host import Host
from harness.driver.paths import BUILD

#: Architecture and character set of each variant of the products.
VARIANTS = [(arch, charset) for arch in ("x86_64", "i686") for charset in ("ansi", "unicode")]


def split(command: str) -> List[str]:
    """The words of a command, quoted as for a shell; a backslash is an ordinary character on
    Windows. The path of an .exe that exists needs no quotes. Raises ValueError on a quote that is
    not closed."""
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
    """One program of a pair: how it is called and what it was built for.

    `command` is an .exe, with arguments if it has any, as `split` takes it apart.
    `own_runtime`: the C run-time library is part of it (/MT).
    """

    command: str
    arch: str
    charset: str
    own_runtime: bool = False

    @property
    def file(self) -> Path:
        """The .exe itself."""
        return Path(split(self.command)[0])

    def line(self, host: Host) -> str:
        """Its Windows command line in that host."""
        return subprocess.list2cmdline([host.path(self.file), *split(self.command)[1:]])


@dataclass(frozen=True)
class Pair:
    """A writer and a reader."""

    writer: Half
    reader: Half
    words: Words = Words()

    def __str__(self) -> str:
        """`x86_64-ansi`, or `x86_64-ansi+x86_64-unicode` where the halves differ."""
        halves = [f"{half.arch}-{half.charset}" for half in (self.writer, self.reader)]
        return halves[0] if halves[0] == halves[1] else "+".join(halves)


def product(arch: str, charset: str, program: str) -> Half:
    """One of the project's own programs, as make builds it."""
    return Half(shlex.quote(str(BUILD / f"{arch}-{charset}" / f"{program}.exe")), arch, charset)


def product_pair(arch: str, charset: str, reader_arch: Optional[str] = None,
                 reader_charset: Optional[str] = None) -> Pair:
    """The project's writer with its reader, of the same variant unless another is named."""
    return Pair(product(arch, charset, "first_process"),
                product(reader_arch or arch, reader_charset or charset, "second_process"))
