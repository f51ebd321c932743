"""Finds the source line of a call, from the program's debug information, or of a printed text."""
from __future__ import annotations

import functools
import re
import shutil
from pathlib import Path
from typing import List, Optional, Tuple

import pefile

from harness.judge import tools

#: The number of characters of a line that are shown.
LONGEST = 100


@functools.lru_cache(maxsize=None)
def _base(file: str) -> int:
    with pefile.PE(file, fast_load=True) as image:
        return int(image.OPTIONAL_HEADER.ImageBase)


@functools.lru_cache(maxsize=None)
def line_of(file: Path, returns_to: int, sources: Path) -> Optional[Tuple[str, str]]:
    """Return `mine.c:41` and that line for the call that returns to that offset in the image.
    Return None if the offset is unknown (0), or without debug information or addr2line. Only files
    in the folder `sources` are read, since debug information may name any file."""
    tool = shutil.which("x86_64-w64-mingw32-addr2line") or shutil.which("addr2line")
    if not returns_to or not tool:
        return None
    # The call itself is before its return address.
    done = tools.run([tool, "-e", str(file), hex(_base(str(file)) + returns_to - 1)], [file])
    found = re.fullmatch(r"(.*?):(\d+)(?: \(.*\))?\s*", done.text)
    if not found or found[1] == "??" or found[2] == "0" or found[1].endswith(".s"):
        return None  # Go makes all calls of the system in assembler.
    name, number, file = Path(found[1]).name, int(found[2]), Path(found[1])
    try:
        shown = _lines(file) if sources.resolve() in file.resolve().parents else []
    except (OSError, ValueError):
        shown = []
    return f"{name}:{number}", "".join(shown[number - 1:number])


def line_saying(text: str, source: Path) -> Optional[Tuple[str, str]]:
    """Return the same for the first line of a source with a string that the text begins with, up to
    an escape or format in the string; or None."""
    for number, line in enumerate(_lines(source), 1):
        for literal in re.findall(r'"(?:\\[nrt])*([^"%\\]{3,})', line):
            if text.strip().startswith(literal.strip() or line):
                return f"{source.name}:{number}", line
    return None


def _lines(file: Path) -> List[str]:
    """Return the stripped lines of a source, or none if it does not exist any more."""
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return [line.strip()[:LONGEST] for line in text.splitlines()]
