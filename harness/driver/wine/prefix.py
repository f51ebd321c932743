"""Wine prefixes: the folder that holds a Wine's registry and its drives."""
from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Dict, Optional

from harness.driver.errors import HarnessError
from harness.driver.waiting import WINEBOOT

PAGE = 4096
REGISTRY = r"""WINE REGISTRY Version 2
;; All keys relative to \\User\\.Default

#arch=win64

[Software\\Wine\\Drivers]
"Graphics"="{driver}"

[Software\\Wine\\X11 Driver]
"Managed"="{managed}"
"""


def make_minimal(folder: Path, driver: str, managed: bool = True) -> None:
    """A prefix of two files, for use with WINEBOOTSTRAPMODE=1: Wine then takes its DLLs from its
    own library and copies none. `driver` («null» or «x11») must be known before the first
    window: without a display and without the null driver, MessageBox fails at once. On a display
    that is not `managed`, Wine would wait 2 s for its window manager at each program's end."""
    folder.mkdir()
    (folder / "user.reg").write_text(REGISTRY.format(driver=driver, managed="NY"[managed]))
    (folder / ".update-timestamp").write_text("disable\n")


def stand_in(folder: Path, library: Path, *names: str) -> None:
    """Put the first page of these builtin files of Wine into the prefix's system32: Wine reads from
    it that the file is its own, and takes it from its library."""
    system = folder / "drive_c" / "windows" / "system32"
    system.mkdir(parents=True, exist_ok=True)
    for name in names:
        with open(library / name, "rb") as file:
            (system / name).write_bytes(file.read(PAGE))


def add_shell(folder: Path, library: Optional[Path], environment: Dict[str, str]) -> None:
    """Give a minimal prefix the command processor, without which system("pause") does nothing."""
    if library and (library / "cmd.exe").is_file():
        stand_in(folder, library, "cmd.exe")
        environment["COMSPEC"] = r"C:\windows\system32\cmd.exe"


def use_minimal(environment: Dict[str, str]) -> None:
    """Let programs run in a prefix that was made minimal. There is nothing to boot in it: without
    wineboot, and the services that it starts, the first program is there sooner."""
    environment["WINEBOOTSTRAPMODE"] = "1"
    environment["WINEDLLOVERRIDES"] += ";wineboot.exe="


def make_full(loader: Path, environment: Dict[str, str], seconds: float = WINEBOOT) -> None:
    """Fill the prefix as `wineboot -i` does. Raises HarnessError if that fails or hangs."""
    (Path(environment["WINEPREFIX"]) / ".update-timestamp").unlink()
    print("Wine fills a whole prefix now, which takes some seconds.", file=sys.stderr, flush=True)
    try:
        # Wine's services inherit the output, so a pipe would never reach its end.
        done = subprocess.run([str(loader), "wineboot.exe", "-i"], env=environment,
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, timeout=seconds)
    except subprocess.TimeoutExpired:
        raise HarnessError(f"wineboot -i did not end within {seconds:g} s")
    if done.returncode:
        raise HarnessError(f"wineboot -i ended with {done.returncode}")
