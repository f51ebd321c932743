"""The files that a check writes: none of them over a file that is not a check's own."""
from __future__ import annotations

import os
from pathlib import Path

from harness.driver.errors import HarnessError
from harness.judge.words import clean

#: What a verdict begins with; older ones had no format.
VERDICT = ('{\n "format":', '{\n "verdict":')
#: How many bytes of a file show whose it is.
HEAD = 200


def refuse(option: str, file: Path, *marks: str) -> None:
    """Raise HarnessError, with cause and remedy, unless the file can be written: there is none yet,
    or it is one of ours, which has one of these `marks` near its beginning."""
    name = clean(str(file))
    if file.is_dir():
        raise HarnessError(f"{option}: {name} is a folder; name a file in it")
    if not file.parent.is_dir():
        raise HarnessError(f"{option}: there is no folder {clean(str(file.parent))}")
    if file.exists() and not os.access(file, os.W_OK) or not os.access(
            file if file.exists() else file.parent, os.W_OK):
        raise HarnessError(f"{option}: {name} cannot be written")
    if file.is_file() and file.stat().st_size:
        with open(file, "rb") as content:
            head = content.read(HEAD)
            if not any(mark.encode() in head for mark in marks):
                raise HarnessError(f"{option}: {name} exists and was not written by a check; "
                                   "remove it, or name another file")


def write(file: Path, text: str) -> str:
    """Write the file, whole or not at all; "", or why it could not be written."""
    try:
        if file.exists() and not file.is_file():  # A device or a pipe.
            file.write_text(text, encoding="utf-8")
            return ""
        part = file.with_name(f".{file.name}.{os.getpid()}")
        part.write_text(text, encoding="utf-8")
        os.replace(part, file)
        return ""
    except OSError as problem:
        return f"{clean(str(file))} cannot be written: {problem.strerror}"
