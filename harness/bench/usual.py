"""The usual way to test a pair under Wine, for comparison: a full prefix, a process for every
question, and a sleep between two questions. Wine only."""
from __future__ import annotations

import os
import pty
import subprocess
import time
from pathlib import Path
from typing import List

from harness.driver.errors import Expired
from harness.driver.pair import Pair
from harness.driver.wine.host import WineHost

#: Seconds between two questions: short for what is found in the field.
NAP = 0.05


class UsualWay:
    """Round trips in that way, in a full prefix that is there already."""

    def __init__(self, host: WineHost, pair: Pair, ask: Path) -> None:
        self.host = host
        self.pair = pair
        self.ask_program = ask

    def _start(self, program: Path, terminal: int, *words: str) -> "subprocess.Popen[bytes]":
        return subprocess.Popen([str(self.host.wine.loader), str(program), *words],
                                env=self.host.environment, stdin=terminal,
                                stdout=terminal, stderr=subprocess.DEVNULL)

    def _ask(self, terminal: int, *words: str) -> bool:
        return self._start(self.ask_program, terminal, *words).wait(20) == 0

    def _ask_until(self, terminal: int, question: str) -> None:
        end = time.monotonic() + 20
        while not self._ask(terminal, question):
            if time.monotonic() > end:
                raise Expired(f"the usual way found no {question} within 20 s")
            time.sleep(NAP)

    def round_trip(self) -> None:
        """The writer at a terminal, the reader, its box answered, a key for the writer."""
        master, terminal = pty.openpty()
        started: List["subprocess.Popen[bytes]"] = []
        try:
            started.append(self._start(self.pair.writer.file, terminal))
            self._ask_until(subprocess.DEVNULL, "name")
            started.append(self._start(self.pair.reader.file, subprocess.DEVNULL))
            self._ask_until(subprocess.DEVNULL, "box")
            started[1].wait(20)
            os.write(master, b"x")
            started[0].wait(20)
        finally:
            for process in started:
                if process.poll() is None:
                    process.kill()
            os.close(master)
            os.close(terminal)
