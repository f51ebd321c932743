"""Provides the DLLs with which a 64-bit Wine runs 32-bit programs: its own or fetched ones."""
from __future__ import annotations

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


def _dlls_lack(wine: Wine) -> Optional[str]:
    """Return why that Wine lacks DLLs for 32-bit programs, or None."""
    # A 32-bit loader comes with its DLLs; a Wine built for WoW64 has these DLLs.
    if wine.has_32bit_loader or "kernel32.dll" in wine.files("i386-windows"):
        return None
    stamp = DLLS / "version"
    if not stamp.is_file():
        return f"neither wine32 nor the DLLs of libwine:i386 are there; {REMEDY}"
    if f"(Debian {stamp.read_text().strip()})" not in wine.version:
        return f"the DLLs of libwine:i386 do not belong to {wine.version}; {REMEDY}"
    return None


def lacking(wine: Wine, folder: Path) -> Optional[str]:
    """Return what that Wine lacks for 32-bit programs, as far as is known, or None. Tests the
    kernel with a program in the folder."""
    from harness.driver.wine.machine import lacks_32bit  # Here, as few programs are 32-bit ones.
    return lacks_32bit(folder) or _dlls_lack(wine)


def add(prefix: Path, wine: Wine, environment: Dict[str, str]) -> None:
    """Make those DLLs available to the Wine, in a minimal `prefix`, before its first program
    starts. Does nothing if there are none for it, or it needs none."""
    if wine.has_32bit_loader or _dlls_lack(wine):
        return
    library = wine.files("i386-windows")
    if "kernel32.dll" not in library:
        environment["WINEDLLPATH"] = str(DLLS)
        library = {file.name: str(file) for file in DLLS.glob("i386-windows/*")}
    for place, files, names in (
            ("system32", wine.files("x86_64-windows"), STAND_INS),
            ("syswow64", library, [f"{name}.dll" for name in windows.DLLS])):
        folder = prefix / "drive_c" / "windows" / place
        folder.mkdir(parents=True, exist_ok=True)
        for name in set(files) & set(names):
            (folder / name).write_bytes(windows.builtin_stub(files[name]))
