"""Converts a program's output to Unix lines, without the CR before each LF."""
from __future__ import annotations

import os


def convert(file: int) -> int:
    """Fork a process that converts what this one writes to that file from now on. Return its
    process id. It ends when all writers have closed the file."""
    reads, writes = os.pipe()
    process = os.fork()
    if not process:
        try:
            os.close(writes)
            _pass_on(reads, file)
        except OSError:
            pass  # The reader has gone.
        finally:
            os._exit(0)
    os.close(reads)
    os.dup2(writes, file)
    os.close(writes)
    return process


def _pass_on(reads: int, writes: int) -> None:
    rest = b""
    while True:
        data = os.read(reads, 1 << 16)
        text = (rest + data).replace(b"\r\n", b"\n")
        # An LF may follow.
        rest = b"\r" if data and text.endswith(b"\r") else b""
        text = text[:len(text) - len(rest)]
        while text:
            text = text[os.write(writes, text):]
        if not data:
            return
