"""What 32-bit programs need: a kernel that runs them (`python3 -m harness.driver.wine.machine`
fails without one), and with a 64-bit Wine its own DLLs, or fetched ones."""
from __future__ import annotations

import errno
import struct
import subprocess
import sys
from pathlib import Path
from typing import Dict, Optional

from harness.driver.paths import BUILD
from harness.driver.wine import windows
from harness.driver.wine.installation import Wine

#: exit(0) for the 32-bit kernel interface; a new process finds its registers zero:
#: xor eax, eax; inc eax; int 0x80
CODE = b"\x31\xc0\x40\xcd\x80"
BASE = 0x08048000
#: The headers of an ELF file and of its one segment.
HEADERS = 52 + 32
LENGTH = HEADERS + len(CODE)
SMALLEST = (b"\x7fELF\1\1\1".ljust(16, b"\0")
            + struct.pack("<2H5I6H", 2, 3, 1, BASE + HEADERS, 52, 0, 0, 52, 32, 1, 0, 0, 0)
            + struct.pack("<8I", 1, 0, BASE, BASE, LENGTH, LENGTH, 5, 4096) + CODE)
#: Where wine32.sh puts the DLLs of libwine:i386.
DLLS = BUILD / "wine32"
REMEDY = "\"make wine32\" fetches them; or install Debian's wine32"
#: ntdll opens these by their full path.
STAND_INS = ("wow64.dll", "wow64cpu.dll", "wow64win.dll")


def lacks_32bit() -> Optional[str]:
    """Return why this kernel runs no 32-bit programs, or None. Tries a program of 89 bytes."""
    from tempfile import TemporaryDirectory  # Here, as few programs are 32-bit ones.
    with TemporaryDirectory(prefix="named-shared-memory-") as folder:
        program = Path(folder, "smallest")
        try:
            program.write_bytes(SMALLEST)
            program.chmod(0o700)
            done = subprocess.run([str(program)], stdin=subprocess.DEVNULL, timeout=20)
        except OSError as problem:
            return "this kernel runs no 32-bit programs" if problem.errno == errno.ENOEXEC else None
    return "this kernel ends 32-bit programs at their first call" if done.returncode else None


def _dlls_lack(wine: Wine) -> Optional[str]:
    # A 32-bit loader comes with its DLLs; a Wine built for WoW64 has these DLLs.
    if wine.has_32bit_loader or "kernel32.dll" in wine.files("i386-windows"):
        return None
    stamp = DLLS / "version"
    if not stamp.is_file():
        return f"neither wine32 nor the DLLs of libwine:i386 are there; {REMEDY}"
    if f"(Debian {stamp.read_text().strip()})" not in wine.version:
        return f"the DLLs of libwine:i386 do not belong to {wine.version}; {REMEDY}"
    return None


def lacking(wine: Wine) -> Optional[str]:
    """Return what is missing for 32-bit programs in that Wine, as far as is known, or None."""
    return lacks_32bit() or _dlls_lack(wine)


def add_dlls(prefix: str, wine: Wine, environment: Dict[str, str]) -> None:
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
        folder = Path(prefix, "drive_c", "windows", place)
        folder.mkdir(parents=True, exist_ok=True)
        for name in set(files) & set(names):
            (folder / name).write_bytes(windows.builtin_stub(files[name]))


if __name__ == "__main__":
    lack = lacks_32bit()
    print(lack or "this kernel runs 32-bit programs")
    sys.exit(bool(lack))
