"""A Wine of a run's own: a folder with a prefix and a home, and a server."""
from __future__ import annotations

import os
import select
import time
from pathlib import Path
from typing import Dict

from harness.driver.errors import HarnessError
from harness.driver.waiting import WINE_SERVER, WINEBOOT
from harness.driver.wine import dlls32, prefix
from harness.driver.wine.installation import find_wine
from harness.driver.wine.supervisor import (GRACE, Family, make_folder, remove,
                                            server_listens)
from harness.run.program import Kind, inherited

#: Wine's folders of DLLs, by the architecture of the programs that they are for.
WINDOWS = {"x86_64": "x86_64-windows", "i686": "i386-windows"}

#: Of util-linux; with its whole path, since PATH may be anything.
SETPRIV = "/usr/bin/setpriv"


class OwnPlace:
    """A Wine for one run of a program of that architecture, or for those that share it. Raises
    HarnessError where none is installed; `open` raises that, too, and OSError."""

    def __init__(self, kind: Kind, arch: str = "x86_64", shared: bool = False) -> None:
        self.kind = kind
        self.arch = arch
        self.shared = shared
        self._wine = find_wine(kind.wine)
        self.wine = tuple(map(str, self._wine))
        self.libraries = {arch: [str(folder) for folder in (self._wine.library(name),
                                                            dlls32.DLLS / name) if folder]
                          for arch, name in WINDOWS.items()}
        self.folder = ""
        self.environment: Dict[str, str] = {}

    def open(self, family: Family) -> None:
        """Make it, in the process whose `family` its server belongs to."""
        managed = True
        if self.kind.display == "x11":
            from harness.driver.wine import display  # Here, since hardly anybody needs it.
            display.check(os.environ.get("DISPLAY", ""))
            managed = display.is_managed(os.environ["DISPLAY"])
        try:
            self.folder = make_folder()
        except OSError as problem:
            raise HarnessError(f"no folder can be made in {os.path.dirname(problem.filename)} "
                               f"({problem.strerror}); set TMPDIR to one that you may write to")
        folder = Path(self.folder)
        self.environment = prefix.make_environment(folder, self.kind.display)
        prefix.make_minimal(folder / "prefix", self.kind.display, managed)
        dlls32.add(folder / "prefix", self._wine, self.environment)
        if self.kind.prefix == "minimal":
            programs = self._wine.library("x86_64-windows")
            if not programs:
                raise HarnessError(f"the DLLs of {self._wine.loader} were not found")
            prefix.furnish(folder / "prefix", programs)
        self._serve(family)
        if self.kind.prefix == "minimal":
            prefix.use_minimal(self.environment, services=self.shared)
            if self.arch == "i686":
                prefix.describe_processor(self._wine.loader, {**inherited(), **self.environment})
        else:
            prefix.make_full(self._wine.loader, self.environment)
        if self.shared:
            self._make_desktop()

    def _serve(self, family: Family) -> None:
        if not self._server_listens(family):
            # Debian's server of Wine 10 frees memory that is not its own where TMPDIR is set.
            del self.environment["TMPDIR"]
            if not self._server_listens(family):
                raise HarnessError("the Wine server ended at once")

    def _server_listens(self, family: Family) -> bool:
        """Start the server; whether it listens, or has ended instead."""
        with open(os.devnull, "rb+", 0) as null, \
                open(os.path.join(self.folder, "server.log"), "ab") as log:
            # Should this process be killed, the server ends all of its clients at SIGINT.
            pid = family.start([SETPRIV, "--pdeathsig", "INT", self.wine[1], "-f", "-p"],
                               {**inherited(), **self.environment},
                               [os.dup(file.fileno()) for file in (null, null, log)])
        end = time.monotonic() + WINE_SERVER
        while not server_listens(self.folder):
            if pid in family.reap():
                family.whole = True
                return False
            if time.monotonic() > end:
                raise HarnessError(f"the Wine server did not start within {WINE_SERVER:g} s")
            select.select([], [], [], 0.001)  # Nothing announces the socket.
        return True

    def _make_desktop(self) -> None:
        """Boot, and start the desktop process. Otherwise the first program does, and its output
        would not end before the services and the desktop do."""
        import subprocess  # Here, since only a new shared Wine needs it.
        subprocess.run([str(self._wine.loader), r"C:\windows\system32\rundll32.exe",
                        "user32.dll,GetDesktopWindow"], env={**inherited(), **self.environment},
                       timeout=WINEBOOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, check=False)

    def close(self, family: Family) -> None:
        """End all that runs in it, and remove its folder. A registry that is kept is written by the
        server at its end, for which it needs a moment."""
        family.end(GRACE if self.kind.keep else 0)
        if self.folder and not self.kind.keep:
            remove(self.folder)
