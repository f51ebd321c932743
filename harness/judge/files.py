"""Writes the files of a check, and never overwrites a file that no check has written."""
from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

from harness.driver.errors import HarnessError
from harness.judge.words import clean

#: The beginning of a verdict file; older ones had no format.
VERDICT = ('{\n "format":', '{\n "verdict":')
#: The number of bytes at the beginning of a file that are searched for a mark.
HEAD = 200


def refuse(option: str, file: Path, *marks: str) -> None:
    """Raise HarnessError, with cause and remedy, unless the file can be written: it must be new, or
    be a check's own, with one of these `marks` near its beginning."""
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


@contextmanager
def whole(file: Path) -> Iterator[Path]:
    """Yield a temporary file that then replaces `file`, so that no reader sees half of it. Yield a
    device or a pipe itself."""
    if file.exists() and not file.is_file():
        yield file
        return
    part = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        yield part
        os.replace(part, file)
    finally:
        part.unlink(missing_ok=True)


def write(file: Path, text: str) -> str:
    """Write the file, whole or not at all; escape what is no text, as in a file name. Return "",
    or why it could not be written."""
    try:
        with whole(file) as part:
            part.write_text(text, encoding="utf-8", errors="backslashreplace")
        return ""
    except OSError as problem:
        return f"{clean(str(file))} cannot be written: {problem.strerror}"
