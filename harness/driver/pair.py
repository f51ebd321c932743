"""Pairs of programs: a writer and a reader, the project's own or submitted ones."""
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
    """Split a command into words, quoted as for a shell; on Windows a backslash is an ordinary
    character. The path of an existing .exe needs no quotes. Raises ValueError if a quote is not
    closed."""
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
