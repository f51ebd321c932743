"""Lines that end as on Unix: what a program prints, without the CR before each LF."""
from __future__ import annotations

import os


def convert(file: int) -> int:
    """From now on let a process pass on what is written to that file of this one: its process id.
    It ends when nobody has the file open any more."""
    reads, writes = os.pipe()
    process = os.fork()
    if not process:
        try:
            os.close(writes)
            _pass_on(reads, file)
        except OSError:
            pass  # Nobody reads any more.
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
        # An LF may still come.
        rest = b"\r" if data and text.endswith(b"\r") else b""
        text = text[:len(text) - len(rest)]
        while text:
            text = text[os.write(writes, text):]
        if not data:
            return
