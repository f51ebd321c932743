"""The Wine that is installed."""
from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple, Optional

from harness.driver.errors import HarnessError

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
