"""The host under Wine: a prefix, a HOME, a server and a folder that nobody else uses."""
from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Dict, List, NamedTuple, Optional

from . import prefix
from .errors import HarnessError
from .host import Host, Settings

KEEPER = Path(__file__).with_name("keeper.sh")
#: Debian and its derivatives keep the programs behind their wrapper scripts here.
LIBRARY = Path("/usr/lib/wine")


class Wine(NamedTuple):
    """The two programs that make up a Wine: the loader of .exe files and the server."""

    loader: Path
    server: Path

    def version(self) -> str:
        """What it calls itself, as in `wine-8.0 (Debian 8.0~repack-4)`."""
        done = subprocess.run([self.loader, "--version"], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=20)
        return done.stdout.strip()


def _binary(folder: Path, *names: str) -> Optional[Path]:
    for name in names:
        path = folder / name
        if path.is_file() and os.access(path, os.X_OK):
            with open(path, "rb") as file:
                if file.read(4) == b"\x7fELF":
                    return path
    return None


def find_wine(wanted: Optional[str] = None) -> Wine:
    """The Wine of `--wine PATH` (a loader, wrapper or folder), or the one on PATH. Raises
    HarnessError where there is none."""
    if wanted and not os.path.exists(wanted):
        raise HarnessError(f"--wine {wanted}: there is no such file")
    found = wanted or shutil.which("wine64") or shutil.which("wine") or str(LIBRARY)
    place = Path(found).resolve()
    for folder in (place if place.is_dir() else place.parent, LIBRARY):
        loader = _binary(folder, "wine64", "wine")
        server = _binary(folder, "wineserver64", "wineserver")
        if loader and server:
            return Wine(loader, server)
        if wanted:
            raise HarnessError(f"--wine {wanted}: no wine64 and wineserver are beside it")
    raise HarnessError("no Wine was found; install it (Debian: wine64), or name one with --wine")


class WineHost(Host):
    """A private Wine: `kind` is how its prefix is made, «minimal» or «full».

    With `environment` and `command` a program can be started in it as a person at a Unix
    terminal would; `sweep` does not know of such a program.
    """

    def __init__(self, wine: Wine, settings: Settings, kind: str) -> None:
        super().__init__()
        self.wine = wine
        self.kind = kind
        self.display = settings.display
        # The keeper outlives a killed harness just long enough to clean up; a session of its
        # own keeps a Ctrl-C in the terminal away from it.
        self._keeper = subprocess.Popen(
            ["/bin/sh", str(KEEPER), str(wine.server)] + ["keep"] * settings.keep,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            start_new_session=True)
        assert self._keeper.stdin and self._keeper.stdout and self._keeper.stderr
        self.folder = Path(os.fsdecode(self._keeper.stdout.readline().rstrip(b"\n")))
        if not self.folder.name:
            why = self._keeper.stderr.read().decode().strip()
            self._keeper.wait()
            raise HarnessError(f"no temporary folder could be made ({why}); "
                               "set TMPDIR to a folder that can be written to")
        self._keep = settings.keep
        try:
            self.environment = self._make_environment(settings)
            prefix.make_minimal(self.folder / "prefix", settings.display)
            self._keeper.stdin.write(b"go\n")
            self._keeper.stdin.flush()
            self._await_server()
            if kind == "full":
                prefix.make_full(wine.loader, self.environment)
            else:
                self.environment["WINEBOOTSTRAPMODE"] = "1"
            self.prove()
        except BaseException as problem:
            log = self._log()
            self.close()
            if isinstance(problem, OSError):
                raise HarnessError(f"the temporary folder {self.folder.parent} cannot be used "
                                   f"({problem}); set TMPDIR to another one")
            if isinstance(problem, HarnessError):
                raise HarnessError(f"Wine ({wine.loader}, {kind} prefix): {problem}{log}")
            raise

    def _make_environment(self, settings: Settings) -> Dict[str, str]:
        """Nothing of the user's surroundings but PATH, and the display if it was asked for."""
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "LC_ALL": "C.UTF-8",
            "HOME": str(self.folder / "home"),
            "TMPDIR": str(self.folder / "tmp"),
            "XDG_RUNTIME_DIR": str(self.folder / "tmp"),
            "WINEPREFIX": str(self.folder / "prefix"),
            "WINEDEBUG": "-all",
            # Neither Mono nor Gecko may offer to be installed.
            "WINEDLLOVERRIDES": "mscoree,mshtml=",
            # The keeper's server is the only one: a client that finds none must not start one
            # that nobody would end.
            "WINESERVER": "/bin/true",
        }
        if settings.display == "x11":
            environment.update({name: os.environ[name] for name in ("DISPLAY", "XAUTHORITY")
                                if name in os.environ})
        for name in ("home", "tmp"):
            (self.folder / name).mkdir()
        return environment

    def _socket(self) -> Optional[Path]:
        """Where the server listens: Debian notes its folder in the prefix, others derive it."""
        home = (self.folder / "prefix").stat()
        server = f"server-{home.st_dev:x}-{home.st_ino:x}"
        note = self.folder / "prefix" / "wineserver"
        folders = [Path(f"/tmp/.wine-{os.getuid()}")]
        if note.exists():
            folders.append(self.folder / "tmp" / note.read_text())
        sockets = [folder / server / "socket" for folder in folders]
        return next((socket for socket in sockets if socket.exists()), None)

    def _await_server(self, seconds: float = 10.0) -> None:
        end = time.monotonic() + seconds
        while not self._socket():
            if time.monotonic() > end:
                raise HarnessError(f"the Wine server did not start within {seconds:g} s")
            # Nothing announces the socket; a look each millisecond costs nothing.
            time.sleep(0.001)

    def _log(self) -> str:
        text = "".join(file.read_text(errors="replace") for file in self.folder.glob("*.log"))
        return f"; its log ends: {text[-600:]}" if text else ""

    def path(self, path: Path) -> str:
        return "Z:" + str(path.absolute()).replace("/", "\\")

    def command(self, program: Path) -> List[str]:
        """The Unix command that starts an .exe, to be run with `environment`."""
        return [str(self.wine.loader), str(program)]

    def _launch(self, program: Path) -> "subprocess.Popen[bytes]":
        with open(self.folder / "agent.log", "ab") as log:
            return subprocess.Popen(self.command(program), stdin=subprocess.PIPE,
                                    stdout=subprocess.PIPE, stderr=log, cwd=self.folder,
                                    env=self.environment)

    def close(self) -> None:
        assert self._keeper.stdin
        try:
            self._keeper.stdin.close()
        except OSError:
            pass  # The keeper was killed; what it kept is removed here.
        self._keeper.wait()
        # The server has taken every client along, so the agents are gone or about to be.
        super().close()
        if not self._keep:
            shutil.rmtree(self.folder, ignore_errors=True)


def open_wine_host(settings: Settings) -> WineHost:
    """A new Wine host, in a minimal prefix where that works and else in a full one."""
    wine = find_wine(settings.wine)
    if settings.prefix:
        return WineHost(wine, settings, settings.prefix)
    try:
        return WineHost(wine, settings, "minimal")
    except HarnessError:
        return WineHost(wine, settings, "full")
