"""What a 64-bit Wine needs to run 32-bit programs: the 32-bit DLLs, its own or fetched ones."""
from __future__ import annotations

import os
from pathlib import Path
from typing import Dict, Optional

from harness.driver.paths import BUILD
from harness.driver.wine.installation import Wine
from harness.driver.wine import windows

#: Where wine32.sh puts the DLLs of libwine:i386.
DLLS = BUILD / "wine32"
REMEDY = "\"make wine32\" fetches them; or install Debian's wine32"
#: ntdll opens these by their full path.
STAND_INS = ("wow64.dll", "wow64cpu.dll", "wow64win.dll")


def _has_loader(wine: Wine) -> bool:
    """Whether a 32-bit loader is beside the 64-bit one (Debian: wine32), so that nothing lacks."""
    return wine.loader.name != "wine" and (wine.loader.parent / "wine").is_file()


def _has_dlls(wine: Wine) -> bool:
    """Whether the DLLs are beside the 64-bit ones, as in a Wine built for that (WoW64 alone)."""
    own = wine.library("i386-windows")
    return bool(own and (own / "kernel32.dll").is_file())


def _dlls_lack(wine: Wine) -> Optional[str]:
    """Which DLLs that Wine lacks for 32-bit programs, or None."""
    if _has_loader(wine) or _has_dlls(wine):
        return None
    stamp = DLLS / "version"
    if not stamp.is_file():
        return f"neither wine32 nor the DLLs of libwine:i386 are there; {REMEDY}"
    if f"(Debian {stamp.read_text().strip()})" not in wine.version:
        return f"the DLLs of libwine:i386 do not belong to {wine.version}; {REMEDY}"
    return None


def lacking(wine: Wine, folder: Path) -> Optional[str]:
    """What that Wine lacks for 32-bit programs as far as can be told, or None. What the kernel can
    run is tried in the folder."""
    from harness.driver.wine.machine import lacks_32bit  # Here, as few programs are 32-bit ones.
    return lacks_32bit(folder) or _dlls_lack(wine)


def add(prefix: Path, wine: Wine, environment: Dict[str, str]) -> None:
    """Let the Wine find those DLLs, in the folder `prefix` that was made minimal, before its first
    program is started. Does nothing where there are none for it, or where it needs none."""
    own = wine.library("x86_64-windows")
    if _has_loader(wine) or not own or _dlls_lack(wine):
        return
    library = own.with_name("i386-windows")
    if not _has_dlls(wine):
        environment["WINEDLLPATH"] = str(DLLS)
        library = DLLS / "i386-windows"
    there = os.listdir(library) if library.is_dir() else ()
    names = {f"{name}.dll" for name in windows.DLLS} & set(there)
    for place, files in (("system32", (own / name for name in STAND_INS)),
                         ("syswow64", (library / name for name in names))):
        folder = prefix / "drive_c" / "windows" / place
        folder.mkdir(parents=True, exist_ok=True)
        for file in files:
            (folder / file.name).write_bytes(windows.builtin_stub(file))
