"""Runs a program under Wine at a Unix terminal, as a user does from a shell."""
from __future__ import annotations

import os
import pty
import re
import signal
import termios
from contextlib import suppress
from typing import Tuple, Union

import pexpect
from pexpect import fdpexpect

from harness.driver.pair import Half, split
from harness.driver.waiting import DEADLINE
from harness.driver.wine.host import WineHost


#: The escape sequence that sets the title of the terminal's window.
TITLE = re.compile(rb"\x1b\][012];[^\x07\x1b]*(\x07|\x1b\\)")


class Terminal:
    """A program in the host at its own pseudo-terminal."""

    def __init__(self, host: WineHost, program: Half) -> None:
        ours, theirs = pty.openpty()
        # Not with pexpect.spawn: it forks, which is unsafe in a process with threads.
        self._supervisor = host.supervisor
        self._program = host.supervisor.start(
            host.command(program.file) + split(program.command)[1:], host.environment, [theirs] * 3)
        os.close(theirs)
        self._terminal = fdpexpect.fdspawn(ours, timeout=DEADLINE)

    def ready(self) -> bool:
        """Return whether the console has taken over the terminal (before that, the terminal itself
        echoes the keys, whatever the program does), or the program has ended."""
        echo = termios.tcgetattr(self._terminal.child_fd)[3] & termios.ECHO
        return self.ended() or not echo

    def type(self, keys: str) -> None:
        """Type only these keys."""
        self._terminal.send(keys)

    def outcome(self) -> Tuple[bytes, Union[int, str]]:
        """Return the terminal's output until the program ended, and the exit code, or "still
        running" after the deadline."""
        came = self._terminal.expect([pexpect.EOF, pexpect.TIMEOUT])
        report = self._supervisor.report(self._program, 0 if came else DEADLINE)
        # Minus the signal that ended it, or its exit code.
        status = -1 if report is None else report.get("status", signal.SIGKILL)
        code = "still running" if report is None else -(status & 0x7F) or status >> 8
        # Window titles are not on the screen.
        return TITLE.sub(b"", self._terminal.before), code

    def ended(self) -> bool:
        """Return whether the program has ended."""
        return self._supervisor.report(self._program, 0) is not None

    def describe(self) -> str:
        """Say whether the program runs."""
        return "the program has ended" if self.ended() else "the program runs"

    def close(self) -> None:
        """End the program, if it still runs."""
        if not self.ended():
            with suppress(ProcessLookupError):
                os.kill(self._program, signal.SIGKILL)
            self._supervisor.report(self._program, DEADLINE)
        self._terminal.close()
