"""Starts harness.run as its users do, in a separate environment."""
from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import Dict, Iterator, List

from harness.driver.paths import ROOT
from harness.driver.waiting import wait_for
from harness.selftests.inner_runs import InnerRuns

RUN = [sys.executable, str(ROOT / "harness" / "run")]
MINGW = "x86_64-w64-mingw32-gcc"
#: Share a Wine among the programs of this run only.
SHARE = ["--share", f"inner-{os.getpid()}"]


class Runner:
    """Runs programs of that folder in the environment of `inner`, and checks what remains."""

    def __init__(self, programs: Path, inner: InnerRuns) -> None:
        self.programs = programs
        self.inner = inner

    def command(self, *words: str) -> List[str]:
        """Return the command for options, a program of the folder, and its arguments."""
        return RUN + [str(self.programs / word) if word.endswith(".exe") else word
                      for word in words]

    def start_to_end(self, *words: str, stdin: bytes = b"", environment: Dict[str, str] = {}
                     ) -> "subprocess.CompletedProcess[bytes]":
        """Run to the end; other runs may go on."""
        return subprocess.run(self.command(*words), input=stdin, capture_output=True, timeout=100,
                              cwd=self.programs, env={**self.inner.environment, **environment})

    def run(self, *words: str, stdin: bytes = b"", **environment: str
            ) -> "subprocess.CompletedProcess[bytes]":
        """Run to the end, and assert that nothing remains."""
        done = self.start_to_end(*words, stdin=stdin, environment=environment)
        assert not self.inner.left()
        return done

    @contextmanager
    def running(self, line: str, *words: str) -> "Iterator[subprocess.Popen[bytes]]":
        """Yield the process after its first line, which must be `line`; terminate it at the end."""
        with subprocess.Popen(self.command(*words), stdin=subprocess.DEVNULL, cwd=self.programs,
                              stdout=subprocess.PIPE, env=self.inner.environment,
                              start_new_session=True) as process:
            try:
                assert process.stdout and process.stdout.readline().decode().strip() == line
                yield process
            finally:
                process.terminate()  # It may have ended.

    def nothing_left(self) -> None:
        """Wait until nothing remains."""
        wait_for(lambda: not self.inner.left(), "the end of everything",
                 lambda: "\n".join(self.inner.left()))
