"""A program at a Unix terminal, as a person has it who starts it with Wine in a shell."""
from __future__ import annotations

from typing import Union, Tuple

import pexpect

from harness.driver.pair import Half, split
from harness.driver.waiting import DEADLINE
from harness.driver.wine.host import WineHost


class Terminal:
    """A program that runs at a pseudo-terminal of its own in the host."""

    def __init__(self, host: WineHost, program: Half) -> None:
        loader, *arguments = host.command(program.file) + split(program.command)[1:]
        self._child = pexpect.spawn(loader, arguments, env=host.environment,
                                    cwd=str(host.folder), timeout=DEADLINE)

    def ready(self) -> bool:
        """Whether the console has taken over the terminal (before, it is the terminal itself
        that shows what is typed, whatever the program does), or the program has ended."""
        return self.ended() or not self._child.getecho()

    def type(self, keys: str) -> None:
        """Type the keys, and nothing else."""
        self._child.send(keys)

    def outcome(self) -> Tuple[bytes, Union[int, str]]:
        """What the terminal showed until the program ended, and its exit code; or that it goes
        on, although the deadline has passed."""
        try:
            self._child.expect(pexpect.EOF)
        except pexpect.TIMEOUT:
            return self._child.before, "still running"
        self._child.close()
        return self._child.before, self._child.exitstatus

    def ended(self) -> bool:
        """Whether the program has ended."""
        return not self._child.isalive()

    def describe(self) -> str:
        """Whether the program runs."""
        return "the program has ended" if self.ended() else "the program runs"

    def close(self) -> None:
        """End the program, if it has not ended."""
        self._child.close(force=True)
