"""The Wine that is installed: which two programs make it up, wherever a distribution puts them."""
from __future__ import annotations

import functools
import glob
import os
import re
import subprocess
from pathlib import Path
from typing import Iterator, List, NamedTuple, Optional

from harness.driver.errors import HarnessError

#: Where packages put Wine without putting it on PATH: Debian, Debian since 2026, and WineHQ.
PLACES = ("/usr/lib/wine", "/usr/lib/*-linux-gnu/wine", "/opt/wine-*/bin")
#: What the loader and the server are called, the 64-bit ones first.
LOADERS = ("wine64", "wine")
SERVERS = ("wineserver64", "wineserver")
#: The oldest version that was tried with success.
OLDEST = 8
#: How the loader and the server answer --version.
NAMES_ITSELF = re.compile(r"wine-\d|Wine \d")


class Wine(NamedTuple):
    """The two programs that make up a Wine: the loader of .exe files and the server; and what it
    calls itself, as in `wine-8.0 (Debian 8.0~repack-4)`."""

    loader: Path
    server: Path
    version: str

    def library(self, kind: str) -> Optional[Path]:
        """Its folder of that kind (`x86_64-windows`, `i386-windows`, `i386-unix`), or None."""
        top, place = self.loader.parents[1], self.loader.parent
        for folder in (place, top / "x86_64-linux-gnu" / "wine", place.parent,
                       top / "lib64" / "wine", top / "lib" / "wine"):
            if (folder / "x86_64-windows" / "ntdll.dll").is_file():
                return folder / kind if (folder / kind).is_dir() else None
        return None

    def files(self) -> List[Path]:
        """Its programs, and its folders of libraries and data."""
        library = self.library("x86_64-windows")
        data = [folder / "share" / "wine" for folder in list(self.loader.parents)[1:3]]
        return [self.loader, self.server, *data, *([library.parent] if library else [])]


class _Answer(NamedTuple):
    program: Path
    version: str


@functools.lru_cache(maxsize=None)
def _ask(command: Path) -> Optional[_Answer]:
    """Which program a command comes to run, since most distributions wrap Wine's in scripts, and
    what it calls itself. None if it is no Wine."""
    try:
        # The dynamic linker then says of each program that it starts which file it is.
        done = subprocess.run([command, "--version"], stdin=subprocess.DEVNULL, timeout=20,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              errors="replace", env={**os.environ, "LD_SHOW_AUXV": "1"})
    except (OSError, subprocess.TimeoutExpired):
        return None
    program = command
    for line in done.stdout.splitlines():
        if line.startswith("AT_EXECFN:"):
            program = Path(line.split(None, 1)[1])
        elif NAMES_ITSELF.match(line):
            return _Answer(program.resolve(), line.strip())
    return None


def _loader(folder: Path) -> Optional[_Answer]:
    """The loader in the folder, or the one that a script in it starts."""
    found = (_ask(folder / name) for name in LOADERS if os.access(folder / name, os.X_OK))
    return next(filter(None, found), None)


def _server(folder: Path) -> Optional[Path]:
    """The server in the folder, or the one that a script in it starts."""
    for program in (folder / name for name in SERVERS if os.access(folder / name, os.X_OK)):
        with open(program, "rb") as file:
            if file.read(4) == b"\x7fELF":
                return program.resolve()
        answer = _ask(program)
        if answer:
            return answer.program
    return None


def _candidates(wanted: Optional[str]) -> Iterator[Path]:
    """Where a loader may be: folders and commands."""
    if wanted:
        yield Path(wanted)
        return
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        for name in LOADERS:
            if os.access(Path(folder, name), os.X_OK):
                yield Path(folder, name)
    for place in PLACES:
        yield from map(Path, sorted(glob.glob(place)))


def _complete(candidate: Path) -> Optional[Wine]:
    """The Wine of a loader, of a script that starts one, or of a folder with one in it."""
    found = _loader(candidate) if candidate.is_dir() else _ask(candidate)
    if not found:
        return None
    # A `wine` with a `wine64` beside it is the 32-bit loader.
    loader = _loader(found.program.parent) or found
    folders = (loader.program.parent, candidate.parent, loader.program.parents[1] / "bin")
    server = next(filter(None, map(_server, folders)), None)
    return Wine(loader.program, server, loader.version) if server else None


def _age(wine: Wine) -> int:
    """The first number of its version."""
    return int(wine.version.split("-")[1].split(".")[0])


def find_wine(wanted: Optional[str] = None) -> Wine:
    """The Wine of `--wine PATH` (a loader, a script that starts one, or a folder), or the one on
    PATH, or where packages put it. Raises HarnessError where there is none."""
    if wanted and not os.path.exists(wanted):
        raise HarnessError(f"--wine {wanted}: there is no such file")
    for candidate in _candidates(wanted):
        wine = _complete(candidate)
        if wine and _age(wine) < OLDEST:
            raise HarnessError(f"{wine.version} ({wine.loader}) is too old; use Wine {OLDEST}.0 or "
                               "a newer one, as Debian 12 has it, or name one with --wine")
        if wine:
            return wine
    if wanted:
        raise HarnessError(f"--wine {wanted}: this is no Wine with its server (wine64 and "
                           "wineserver)")
    raise HarnessError("no Wine was found; install it (Debian: wine64), or name one with --wine")
