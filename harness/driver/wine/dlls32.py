"""What Debian's 64-bit Wine needs to run 32-bit programs where wine32 is not installed."""
from __future__ import annotations

from pathlib import Path
from typing import Dict, Optional

from harness.driver.paths import BUILD

#: Where wine32.sh puts the DLLs of libwine:i386.
DLLS = BUILD / "wine32"
REMEDY = "«make wine32» fetches them; or install Debian's wine32"
#: ntdll opens these by their full path, and reads from their first page that Wine has its own.
STAND_INS = ("wow64.dll", "wow64cpu.dll", "wow64win.dll")
PAGE = 4096


def lacking(loader: Path, version: str) -> Optional[str]:
    """What that Wine, of that version, lacks for 32-bit programs as far as files tell, or None."""
    if (loader.parent / "wine").is_file():
        return None  # wine32 is installed, or this Wine is not Debian's.
    stamp = DLLS / "version"
    if not stamp.is_file():
        return f"neither wine32 nor the DLLs of libwine:i386 are there; {REMEDY}"
    if f"(Debian {stamp.read_text().strip()})" not in version:
        return f"the DLLs of libwine:i386 do not belong to {version}; {REMEDY}"
    return None


def add(folder: Path, loader: Path, version: str, environment: Dict[str, str]) -> None:
    """Let the Wine find those DLLs, in the prefix `folder` that was made minimal, before its first
    program is started. Does nothing where there are none for it, or where it needs none."""
    own = loader.parents[1] / "x86_64-linux-gnu" / "wine" / "x86_64-windows"
    if (loader.parent / "wine").is_file() or lacking(loader, version) or not own.is_dir():
        return
    environment["WINEDLLPATH"] = str(DLLS)
    system = folder / "drive_c" / "windows" / "system32"
    system.mkdir(parents=True)
    for name in STAND_INS:
        with open(own / name, "rb") as file:
            (system / name).write_bytes(file.read(PAGE))
