"""The terminal that a run is started at: Ctrl-C keeps working, and its mode is restored."""
from __future__ import annotations

import os
import signal
from typing import Any, List

#: Seconds between two looks at the mode: nothing announces that somebody has changed it.
LOOK = 0.02


class Terminal:
    """The terminal at standard input, if there is one. `keep_signals` is to be called every `look`
    seconds, which is infinity where that is not needed."""

    def __init__(self) -> None:
        self.look = float("inf")
        self._mode: List[Any] = []
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
        """Let Ctrl-C be a signal. Wine 10 turns that off and reads the key itself; while a program
        waits in _getch, the key is then lost, and nothing could be ended."""
        if not self._mode:
            return
        try:
            mode = self._termios.tcgetattr(self._file)
            if not mode[3] & self._termios.ISIG and os.tcgetpgrp(self._file) == os.getpgrp():
                mode[3] |= self._termios.ISIG
                self._termios.tcsetattr(self._file, self._termios.TCSANOW, mode)
        except (OSError, self._termios.error):
            self.look = float("inf")  # It is not this session's, or has been closed.

    def restore(self) -> None:
        """Set the mode that it had: a Wine that is killed does not."""
        try:
            if self._mode:
                self._termios.tcsetattr(self._file, self._termios.TCSANOW, self._mode)
        except self._termios.error:
            pass  # It has been closed.
