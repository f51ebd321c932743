"""The harness's side of supervisor.py: a folder and processes that cannot outlive the harness."""
from __future__ import annotations

import array
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, Dict, List, Optional

from harness.driver.errors import HarnessError
from harness.driver.waiting import SUPERVISOR as LIMIT

PROGRAM = Path(__file__).with_name("supervisor.py")


class SupervisedProcess:
    """A process of the supervisor's, as an Agent needs it: `stdin`, `stdout` and `pid`."""

    def __init__(self, pid: int, stdin: IO[bytes], stdout: IO[bytes]) -> None:
        self.pid = pid
        self.stdin: Optional[IO[bytes]] = stdin
        self.stdout: Optional[IO[bytes]] = stdout

    def wait(self, timeout: float) -> int:
        """It is gone already: it is waited for only after its supervisor has been."""
        return 0

    def kill(self) -> None:
        """Never needed, since `wait` never fails."""

    def close(self) -> None:
        """Close the pipes, which nobody may use any more."""
        for stream in (self.stdin, self.stdout):
            if stream:
                with suppress(OSError):  # What was not sent before its end does not matter.
                    stream.close()


class Supervisor:
    """A new supervisor with its `folder`, which stays after it if `keep` is true. Raises
    HarnessError where no folder can be made."""

    def __init__(self, keep: bool) -> None:
        self.keep = keep
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._line.settimeout(LIMIT)
        # A session of its own keeps a Ctrl-C in the terminal away from it.
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(PROGRAM)] + ["keep"] * keep,
                stdin=theirs.fileno(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                start_new_session=True)
        except OSError as problem:
            self._line.close()
            raise HarnessError(f"no process can be started ({problem}); see whether the limit of "
                               "processes (ulimit -u) or memory is low")
        finally:
            theirs.close()
        answer = self._answer()
        if not answer:
            _, why = self.process.communicate(timeout=LIMIT)
            self._line.close()
            raise HarnessError(f"no temporary folder could be made ({why.decode().strip()}); "
                               "set TMPDIR to a folder that can be written to")
        self.folder = Path(os.fsdecode(answer))

    def _answer(self) -> bytes:
        try:
            return self._line.recv(1 << 16)
        except socket.timeout:
            self.process.kill()
            raise HarnessError(f"the supervisor of the run's folder did not answer in {LIMIT:g} s")
        except OSError:
            return b""  # It has been killed.

    def _start(self, command: List[str], environment: Dict[str, str],
               *streams: IO[bytes]) -> int:
        message = json.dumps({"command": command, "environment": environment}).encode()
        files = array.array("i", [stream.fileno() for stream in streams])
        try:
            self._line.sendmsg([message], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, files)])
            answer = self._answer()
        except OSError as problem:
            answer = str(problem).encode()
        if not answer.isdigit():
            raise HarnessError(f"{command[0]} could not be started: "
                               f"{answer.decode() or 'the supervisor of the run was killed'}")
        return int(answer)

    def pipe(self, command: List[str], environment: Dict[str, str], log: Path) -> SupervisedProcess:
        """Start a command in the folder with pipes to its standard input and from its standard
        output, which gets an empty line at its end. Raises HarnessError."""
        (theirs_in, ours_in), (ours_out, theirs_out) = os.pipe(), os.pipe()
        stdin, stdout = open(ours_in, "wb"), open(ours_out, "rb")
        with open(theirs_in, "rb") as reads, open(theirs_out, "wb") as writes, \
                open(log, "ab") as errors:
            return SupervisedProcess(self._start(command, environment, reads, writes, errors),
                                     stdin, stdout)

    @property
    def dead(self) -> bool:
        """Whether it is gone, and all that it kept with it."""
        return self.process.poll() is not None

    def close(self) -> None:
        """End everything. The folder is removed here if the supervisor was killed."""
        self._line.close()
        try:
            # Its standard error ends with it: waiting for that is quicker than Popen.wait, which
            # looks only now and then.
            self.process.communicate(timeout=LIMIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        assert self.process.stderr
        self.process.stderr.close()
        # If it was killed, a Wine server may still be saving its registry there.
        end = time.monotonic() + LIMIT
        while not self.keep and self.folder.exists() and time.monotonic() < end:
            shutil.rmtree(self.folder, ignore_errors=True)
