"""The standard streams of a run: its terminal, and line ends on its output."""
from __future__ import annotations

import os
import signal

TYPE_CHECKING = False  # Importing typing takes longer than most modules here.
if TYPE_CHECKING:
    from typing import Any

#: Seconds between two checks of the mode, since nothing announces a change.
LOOK = 0.02


class Terminal:
    """The terminal at standard input, if there is one: Ctrl-C keeps working, and the mode is
    restored. Call `keep_signals` every `look` seconds, which is infinity if that is unnecessary."""

    def __init__(self) -> None:
        self.look = float("inf")
        self._mode: list[Any] = []
        if not os.isatty(0):
            return
        import termios  # Here, since most runs have no terminal.
        self._termios = termios
        self._file = os.dup(0)
        self._mode = termios.tcgetattr(self._file)
        if self._mode[3] & termios.ISIG:
            self.look = LOOK
        # In the background, setting the mode would otherwise stop the process.
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)

    def keep_signals(self) -> None:
        """Keep Ctrl-C a signal. Wine 10 turns that off and reads the key itself; while a program
        waits in _getch, the key is then lost, and could not end anything."""
        if not self._mode:
            return
        try:
            mode = self._termios.tcgetattr(self._file)
            if not mode[3] & self._termios.ISIG and os.tcgetpgrp(self._file) == os.getpgrp():
                mode[3] |= self._termios.ISIG
                self._termios.tcsetattr(self._file, self._termios.TCSANOW, mode)
        except (OSError, self._termios.error):
            self.look = float("inf")  # It belongs to another session, or was closed.

    def restore(self) -> None:
        """Restore the original mode: a killed Wine does not."""
        try:
            if self._mode:
                self._termios.tcsetattr(self._file, self._termios.TCSANOW, self._mode)
        except self._termios.error:
            pass  # It was closed.


def convert_lines(file: int) -> int:
    """Fork a process that converts what this one writes to that file from now on to Unix lines,
    without the CR before each LF. Return its process id. It ends when all writers have closed the
    file."""
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
