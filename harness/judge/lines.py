"""The line of the source that a call came from, by the program's debug information."""
from __future__ import annotations

import functools
import re
import shutil
import subprocess
from pathlib import Path
from typing import Optional, Tuple

import pefile

#: As much of a line is shown.
LONGEST = 100


@functools.lru_cache(maxsize=None)
def _base(file: str) -> int:
    with pefile.PE(file, fast_load=True) as image:
        return int(image.OPTIONAL_HEADER.ImageBase)


@functools.lru_cache(maxsize=None)
def line_of(file: str, returns_to: int) -> Optional[Tuple[str, str]]:
    """`mine.c:41` and that line, for the call that returns to that offset in the program's image.
    None where the offset is not known (0), or the program or this machine cannot say it."""
    tool = shutil.which("x86_64-w64-mingw32-addr2line") or shutil.which("addr2line")
    if not returns_to or not tool:
        return None
    # The call itself stands before the place that it returns to.
    done = subprocess.run([tool, "-e", file, hex(_base(file) + returns_to - 1)], timeout=20,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          errors="replace")
    found = re.fullmatch(r"(.*?):(\d+)(?: \(.*\))?\s*", done.stdout)
    if not found or found[1] == "??" or found[2] == "0" or found[1].endswith(".s"):
        return None  # Go makes all calls of the system in assembler.
    return f"{Path(found[1]).name}:{found[2]}", _source(Path(found[1]), int(found[2]))


def _source(file: Path, number: int) -> str:
    """That line of a source that is still there."""
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
        return lines[number - 1].strip()[:LONGEST]
    except (OSError, IndexError, ValueError):
        return ""
