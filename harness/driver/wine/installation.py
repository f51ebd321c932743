"""Finds the Wine to use: its loader and server, wherever a distribution or a build puts them."""
from __future__ import annotations

import functools
import glob
import os
import re
import subprocess
from pathlib import Path
from typing import Dict, Iterator, List, NamedTuple, Optional

from harness.driver.errors import HarnessError

#: Where packages put Wine without adding it to PATH: Debian, Debian since 2026, and WineHQ.
PLACES = ("/usr/lib/wine", "/usr/lib/*-linux-gnu/wine", "/opt/wine-*/bin")
#: Where the loader and the server are, below the top folder of an installation or of a build.
BELOW = ("", "loader", "bin", "lib/wine", "lib/*-linux-gnu/wine")
#: The names of the loader and the server, the 64-bit ones first.
LOADERS = ("wine64", "wine")
SERVERS = ("wineserver64", "wineserver")
#: The oldest version that was tested successfully.
OLDEST = 8
#: The answer of the loader and the server to --version.
NAMES_ITSELF = re.compile(r"^(?:wine-\d|Wine \d).*", re.MULTILINE)
#: How the dynamic linker reports the program that a process has become.
BECOMES = re.compile(r"^ *(\d+):\tinitialize program: (.+)$", re.MULTILINE)
ELF_32BIT, ELF_64BIT = b"\x7fELF\x01", b"\x7fELF\x02"


class Wine(NamedTuple):
    """The two programs that make up a Wine, the loader of .exe files and the server; and its
    version, as in `wine-8.0 (Debian 8.0~repack-4)`."""

    loader: Path
    server: Path
    version: str

    @property
    def tree(self) -> Optional[Path]:
        """Return the top folder of its build, or None if it is installed."""
        top = self.loader.parents[1]
        return top if self.server == top / "server" / "wineserver" else None

    @functools.lru_cache(maxsize=None)
    def files(self, kind: str) -> Dict[str, str]:
        """Return its DLLs and programs of that kind (`x86_64-windows`, `i386-windows`): paths by
        names. Empty if it has none."""
        if self.tree:
            # Wine's own search order: find_builtin_dll in dlls/ntdll/unix/loader.c.
            tree = glob.escape(str(self.tree))
            return {os.path.basename(path): path for group in ("dlls", "programs")
                    for ending in (".dll", ".exe")
                    for path in glob.iglob(f"{tree}/{group}/*/{kind}/*{ending}")}
        place, top = self.loader.parent, self.loader.parents[1]
        for folder in (place, top / "x86_64-linux-gnu" / "wine", top,
                       top / "lib64" / "wine", top / "lib" / "wine"):
            if (folder / "x86_64-windows" / "ntdll.dll").is_file():
                library = str(folder / kind)
                return {name: os.path.join(library, name) for name in os.listdir(library)} \
                    if os.path.isdir(library) else {}
        return {}

    @property
    def has_32bit_loader(self) -> bool:
        """Return whether it also has a 32-bit loader: of Debian's wine32, or of a 32-bit build."""
        if self.tree and (self.tree / "loader-wow64").exists():
            return True
        return _kind(self.loader.parent / "wine") == ELF_32BIT

    def folders(self) -> List[Path]:
        """Return its programs, and its folders of libraries and data."""
        if self.tree:
            # Files that a build has not changed are links to the sources.
            sources = (self.tree / "nls" / "l_intl.nls").resolve().parents[1]
            return [self.tree / "loader", self.tree, sources]
        data = [folder / "share" / "wine" for folder in list(self.loader.parents)[1:4]]
        ntdll = self.files("x86_64-windows").get("ntdll.dll")
        return [self.loader, self.server, *data, *([Path(ntdll).parents[1]] if ntdll else [])]


class _Answer(NamedTuple):
    program: Path
    version: str


def _which(name: str) -> Optional[str]:
    import shutil  # Here, as the import is slow and rarely needed.
    return shutil.which(name)


@functools.lru_cache(maxsize=None)
def _ask(command: Path) -> Optional[_Answer]:
    """Return the program that a command finally runs, since most distributions wrap Wine's programs
    in scripts, and its version. None if it is no Wine. Raises HarnessError if it cannot start."""
    try:
        with subprocess.Popen([command, "--version"], stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, errors="replace",
                              env={**os.environ, "LD_DEBUG": "libs"}) as process:
            try:
                printed, linker = process.communicate(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                return None
    except BlockingIOError as problem:
        raise HarnessError(f"{command} cannot be started ({problem.strerror}); the limit of "
                           "processes (ulimit -u) is too low")
    except OSError:
        return None
    version = NAMES_ITSELF.search(printed)
    if not version:
        return None
    # A script's commands are other processes than the one that becomes the program.
    names = [name for pid, name in BECOMES.findall(linker) if int(pid) == process.pid]
    program = _which(names[-1]) if len(names) > 1 else None
    return _Answer(Path(program or command).resolve(), version.group())


def _kind(program: Path) -> bytes:
    """Return the first bytes of the file, which show its architecture if it is a program."""
    try:
        with open(program, "rb") as file:
            return file.read(5)
    except OSError:
        return b""


def _loader(folder: Path) -> Optional[_Answer]:
    found = (_ask(folder / name) for name in LOADERS if os.access(folder / name, os.X_OK))
    return next((answer for answer in found if answer and _kind(answer.program) != ELF_32BIT),
                None)


def _server(folder: Path) -> Optional[Path]:
    for program in (folder / name for name in SERVERS if os.access(folder / name, os.X_OK)):
        if _kind(program) == ELF_64BIT:
            return program.resolve()
        answer = _ask(program)
        if answer:
            return answer.program
    return None


def _candidates(wanted: Optional[str]) -> Iterator[Path]:
    if wanted:
        command = Path(_which(wanted) or wanted)
        # A command of a build is a script that starts the loader, or another program.
        tops = [folder for folder in (command, *command.resolve().parents)
                if (folder / "server" / "wineserver").is_file()][:1]
        # A link joins a 32-bit build to a 64-bit one.
        tops += [link.resolve().parent for top in tops for link in (top / "loader-wow64",)
                 if link.is_dir()]
        yield from (top / "loader" for top in tops)
        if command.is_file():
            yield command
        for below in BELOW:
            yield from map(Path, sorted(glob.glob(os.path.join(glob.escape(str(command)), below))))
        return
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        for name in LOADERS:
            if os.access(Path(folder, name), os.X_OK):
                yield Path(folder, name)
    for place in PLACES:
        yield from map(Path, sorted(glob.glob(place)))


def _complete(candidate: Path) -> Optional[Wine]:
    found = _loader(candidate) if candidate.is_dir() else _ask(candidate)
    if not found:
        return None
    # A `wine` next to a `wine64` is the 32-bit loader.
    loader = _loader(found.program.parent) or found
    top = loader.program.parents[1]
    folders = (top / "server", loader.program.parent, candidate.parent, top / "bin")
    server = next(filter(None, map(_server, folders)), None)
    return Wine(loader.program, server, loader.version) if server else None


def find_wine(wanted: Optional[str] = None) -> Wine:
    """Find the Wine of `--wine PATH` or WINE: a loader, a script that starts one, the folder of
    either, the top folder of an installation or of a build. Without them, find the one on PATH, or
    where packages put it. Raises HarnessError if there is none."""
    option = "--wine" if wanted else "WINE"
    wanted = wanted or os.environ.get("WINE")
    if wanted and not _which(wanted) and not os.path.exists(wanted):
        raise HarnessError(f"{option} {wanted}: there is no such file")
    for candidate in _candidates(wanted):
        wine = _complete(candidate)
        if wine and int(wine.version.split("-")[1].split(".")[0]) < OLDEST:
            raise HarnessError(f"{wine.version} ({wine.loader}) is too old; use Wine {OLDEST}.0 or "
                               "newer (Debian 12 has it), or name one with --wine")
        if wine:
            return wine
    if wanted:
        raise HarnessError(f"{option} {wanted}: this is no Wine with its server (wine64 and "
                           "wineserver), nor the top folder of an installation or of a build")
    raise HarnessError("no Wine was found; install it (Debian: wine64), or name one with --wine")
