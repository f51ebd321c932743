"""Tests which programs this machine's kernel can run: `python3 -m harness.driver.wine.machine`
fails without 32-bit support."""
from __future__ import annotations

import errno
import struct
import subprocess
import sys
from pathlib import Path
from typing import Optional

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


def lacks_32bit(folder: Path) -> Optional[str]:
    """Return why this kernel runs no 32-bit programs, or None if it does or is inconclusive. Tries
    a program of 89 bytes in the folder."""
    program = folder / "smallest"
    try:
        program.write_bytes(SMALLEST)
        program.chmod(0o700)
        done = subprocess.run([str(program)], stdin=subprocess.DEVNULL, timeout=20)
    except OSError as problem:
        return "this kernel runs no 32-bit programs" if problem.errno == errno.ENOEXEC else None
    return "this kernel ends 32-bit programs at their first call" if done.returncode else None


def main() -> int:
    """Return 0 if the kernel runs 32-bit programs."""
    import tempfile  # Here, as only this command needs it.
    with tempfile.TemporaryDirectory() as folder:
        lacking = lacks_32bit(Path(folder))
    print(lacking or "this kernel runs 32-bit programs")
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main())
