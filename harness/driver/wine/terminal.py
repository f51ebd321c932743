"""A program at a Unix terminal, as a person has it who starts it with Wine in a shell."""
from __future__ import annotations

import os
import pty
import re
import termios
from typing import Tuple, Union

import pexpect
from pexpect import fdpexpect

from harness.driver.pair import Half, split
from harness.driver.waiting import DEADLINE
from harness.driver.wine.host import WineHost


#: What sets the title of the terminal's window.
TITLE = re.compile(rb"\x1b\][012];[^\x07\x1b]*(\x07|\x1b\\)")


class Terminal:
    """A program that runs at a pseudo-terminal of its own in the host."""

    def __init__(self, host: WineHost, program: Half) -> None:
        ours, theirs = pty.openpty()
        # Not with pexpect.spawn: it forks, which a process with threads had better not do.
        self._program = host.supervisor.start(
            host.command(program.file) + split(program.command)[1:], host.environment, [theirs] * 3)
        os.close(theirs)
        self._terminal = fdpexpect.fdspawn(ours, timeout=DEADLINE)

    def ready(self) -> bool:
        """Whether the console has taken over the terminal (before, it is the terminal itself
        that shows what is typed, whatever the program does), or the program has ended."""
        echo = termios.tcgetattr(self._terminal.child_fd)[3] & termios.ECHO
        return self.ended() or not echo

    def type(self, keys: str) -> None:
        """Type the keys, and nothing else."""
        self._terminal.send(keys)

    def outcome(self) -> Tuple[bytes, Union[int, str]]:
        """What the terminal showed until the program ended, and its exit code; or that it goes
        on, although the deadline has passed."""
        came = self._terminal.expect([pexpect.EOF, pexpect.TIMEOUT])
        code = self._program.wait(0 if came else DEADLINE)
        return self._shown(), "still running" if code is None else code

    def _shown(self) -> bytes:
        """What it showed; the title of a window is not on the screen."""
        return TITLE.sub(b"", self._terminal.before)

    def ended(self) -> bool:
        """Whether the program has ended."""
        return self._program.wait(0) is not None

    def describe(self) -> str:
        """Whether the program runs."""
        return "the program has ended" if self.ended() else "the program runs"

    def close(self) -> None:
        """End the program, if it has not ended."""
        self._program.kill()
        self._terminal.close()
