"""Pairs of programs: one writer, one reader, and the scene in which they meet."""
from __future__ import annotations

import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

import pefile

from .contract import NAME
from .deadline import wait_for
from .errors import HarnessError, Win32Error
from .host import BUILD, Host
from .objects import Mapping
from .patience import DEADLINE
from .programs import Program

MACHINES = {0x8664: "x86_64", 0x014C: "i686"}


@dataclass(frozen=True)
class Half:
    """One program of a pair: how it is called and what it was built for.

    `command` is an .exe, with arguments if it has any, quoted as for a shell.
    """

    command: str
    arch: str
    charset: str

    @property
    def file(self) -> Path:
        """The .exe itself."""
        return Path(shlex.split(self.command)[0])

    def line(self, host: Host) -> str:
        """Its Windows command line in that host."""
        return subprocess.list2cmdline([host.path(self.file), *shlex.split(self.command)[1:]])


@dataclass(frozen=True)
class Pair:
    """A writer and a reader."""

    writer: Half
    reader: Half

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


def _foreign(command: Optional[str], charset: str, program: str) -> Half:
    """The half that a user named, or the project's own in its place. Raises HarnessError."""
    if not command:
        return product("x86_64", charset, program)
    try:
        file = shlex.split(command)[0]
        machine = pefile.PE(file, fast_load=True).FILE_HEADER.Machine
        return Half(command, MACHINES[machine], charset)
    except (OSError, ValueError, IndexError) as problem:
        raise HarnessError(f"{program}: «{command}» cannot be read ({problem}); "
                           "name an .exe, in quotes if its path has spaces")
    except (pefile.PEFormatError, KeyError):
        raise HarnessError(f"{program}: {file} is no Windows program for x86_64 or i686; "
                           "build it with MinGW-w64 or MSVC")


def foreign_pair(first: Optional[str], second: Optional[str], charset: Optional[str]) -> Pair:
    """The pair of `--first-process` and `--second-process`; a half that is not named is the
    project's own. Raises HarnessError where a program or its charset is missing."""
    if not charset:
        raise HarnessError("say what your programs are built for: --charset ansi or unicode")
    return Pair(_foreign(first, charset, "first_process"),
                _foreign(second, charset, "second_process"))


class Scene:
    """A pair in a host, and the object that the two share."""

    def __init__(self, host: Host, pair: Pair) -> None:
        self.host = host
        self.pair = pair

    def writer(self, **fields: object) -> Program:
        """Start the writer; what it does next must be waited for."""
        return self.host.start("the writer", self.pair.writer.line(self.host),
                               self.pair.writer.arch if "trace" in fields else "x86_64", **fields)

    def reader(self, **fields: object) -> Program:
        """Start the reader; what it does next must be waited for."""
        return self.host.start("the reader", self.pair.reader.line(self.host),
                               self.pair.reader.arch if "trace" in fields else "x86_64", **fields)

    def waiting_writer(self, **fields: object) -> Program:
        """Start the writer and wait until its message is in the object."""
        writer = self.writer(**fields)
        self.message_of(writer).close()
        return writer

    def message_of(self, writer: Program, seconds: float = DEADLINE) -> Mapping:
        """The object, mapped, once something was written to it. Between its creation and the
        copy it can be opened while it is all zero, so content is what must be waited for."""
        mapping = wait_for(self.try_open, f"the object {NAME}", writer.describe, seconds,
                           writer.ended).map()
        wait_for(lambda: any(mapping.read(2)), "a message in the object", writer.describe, seconds,
                 writer.ended)
        return mapping

    def try_open(self) -> Optional[Mapping]:
        """The object, or None where the name does not exist."""
        try:
            return self.host.open(NAME)
        except Win32Error as error:
            if error.code != 2:
                raise
            return None

    def exists(self) -> bool:
        """Whether the documented name can be opened now."""
        return self.host.exists(NAME)
