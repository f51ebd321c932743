"""The supervisor of a host or a test, and its vital processes."""
from __future__ import annotations

import os
import socket
import subprocess
import sys
from typing import IO, Dict, Optional, Sequence

from harness.driver.errors import HarnessError
from harness.driver.wine.connection import NO_PROCESS, Connection
from harness.driver.wine.folders import GRACE

PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "supervisor.py")


class SupervisedProcess:
    """A vital process of the supervisor's, as an Agent needs it: `stdin`, `stdout` and `pid`."""

    def __init__(self, pid: int, stdin: IO[bytes], stdout: IO[bytes]) -> None:
        self.pid = pid
        self.stdin: Optional[IO[bytes]] = stdin
        self.stdout: Optional[IO[bytes]] = stdout

    def wait(self, timeout: float) -> int:
        """Return at once: its supervisor has ended before, and so has it."""
        return 0

    def kill(self) -> None:
        """Do nothing, since `wait` never fails."""


class Supervisor(Connection):
    """A new supervisor of one host or test, in a new Python: its caller may have threads, which
    fork does not copy. In its own session, Ctrl-C in the terminal does not reach it. Raises
    HarnessError if no folder can be made, or no process started."""

    def __init__(self, keep: bool) -> None:
        line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-I", "-S", PROGRAM], stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        except OSError as problem:
            line.close()
            raise HarnessError(NO_PROCESS.format(problem))
        finally:
            theirs.close()
        super().__init__(line)
        self.begin(keep, GRACE)

    def pipe(self, command: Sequence[str], environment: Dict[str, str],
             log: str) -> SupervisedProcess:
        """Start a vital command in the folder, with pipes to its standard input and from its
        standard output. Raises HarnessError."""
        (theirs_in, ours_in), (ours_out, theirs_out) = os.pipe(), os.pipe()
        stdin, stdout = open(ours_in, "wb"), open(ours_out, "rb")
        with open(theirs_in, "rb"), open(theirs_out, "wb"), open(log, "ab") as errors:
            os.fchmod(errors.fileno(), 0o600)  # The umask may forbid to read it.
            files = [theirs_in, theirs_out, errors.fileno()]
            return SupervisedProcess(self.launch(command, files, environment=environment),
                                     stdin, stdout)

    @property
    def dead(self) -> bool:
        """Return whether it is gone, with all of its processes."""
        return self.process.poll() is not None

    def close(self) -> None:
        super().close()
        self.process.wait()
