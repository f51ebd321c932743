"""The harness's side of supervisor.py: a folder and processes that cannot outlive the harness."""
from __future__ import annotations

import array
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Dict, List, NamedTuple, Optional

from harness.driver.errors import HarnessError, WineFailed
from harness.driver.waiting import SUPERVISOR as LIMIT
from harness.driver.waiting import WINEBOOT

PROGRAM = Path(__file__).with_name("supervisor.py")


class SupervisedProcess:
    """A vital process of the supervisor's, as an Agent needs it: `stdin`, `stdout` and `pid`."""

    def __init__(self, pid: int, stdin: IO[bytes], stdout: IO[bytes]) -> None:
        self.pid = pid
        self.stdin: Optional[IO[bytes]] = stdin
        self.stdout: Optional[IO[bytes]] = stdout

    def wait(self, timeout: float) -> int:
        """It is gone already: it is waited for only after its supervisor has been."""
        return 0

    def kill(self) -> None:
        """Never needed, since `wait` never fails."""


class AwaitedProcess:
    """A process of the supervisor's whose end matters to nobody else; `status` reports it."""

    def __init__(self, pid: int, status: IO[bytes]) -> None:
        self.pid = pid
        self._status = status
        self._code: Optional[int] = None

    def wait(self, seconds: float) -> int:
        """Its exit code, or minus the signal that ended it. Raises subprocess.TimeoutExpired."""
        if self._code is None:
            if not select.select([self._status], [], [], seconds)[0]:
                raise subprocess.TimeoutExpired(str(self.pid), seconds)
            status = int(self._status.read() or signal.SIGKILL)
            self._status.close()
            number = status & 0x7F
            self._code = -number if number else status >> 8
        return self._code

    def kill(self) -> None:
        """End it at once."""
        if self._code is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            self.wait(LIMIT)


class Supervisor:
    """A new supervisor with its `folder`, which stays after it if `keep` is true. Raises
    HarnessError where no folder can be made."""

    def __init__(self, keep: bool) -> None:
        self.keep = keep
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
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

    def _answer(self, seconds: float = LIMIT) -> bytes:
        self._line.settimeout(seconds)
        try:
            return self._line.recv(1 << 18)
        except socket.timeout:
            self.process.kill()
            raise HarnessError("the supervisor of the run's folder did not answer in "
                               f"{seconds:g} s")
        except OSError:
            return b""  # It has been killed.

    def _ask(self, seconds: float = LIMIT, files: List[int] = [], **wanted: Any) -> Dict[str, Any]:
        """Send a message, with open files: the answer. Raises HarnessError, WineFailed, OSError."""
        try:
            self._line.sendmsg([json.dumps(wanted).encode()],
                               [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", files))])
            message = self._answer(seconds)
        except OSError:
            message = b""
        answer: Dict[str, Any] = json.loads(message or '{"failed": "the supervisor was killed"}')
        if answer.get("errno"):
            raise OSError(answer["errno"], answer["failed"])
        if "failed" in answer:
            raise (WineFailed if answer.get("wine") else HarnessError)(answer["failed"])
        return answer

    def open(self, choices: NamedTuple) -> Dict[str, Any]:
        """Make a PrivateWine (of these Choices) in the folder: its `environment`, and why it is
        `unsafe`. Raises HarnessError, WineFailed and OSError."""
        return self._ask(2 * WINEBOOT, open=choices)

    def _start(self, command: List[str], environment: Dict[str, str], files: List[int],
               vital: bool) -> int:
        try:
            return int(self._ask(files=files, command=command, environment=environment,
                                 vital=vital)["pid"])
        except (HarnessError, OSError) as problem:
            raise HarnessError(f"{command[0]} could not be started: {problem}")

    def pipe(self, command: List[str], environment: Dict[str, str], log: Path) -> SupervisedProcess:
        """Start a command in the folder with pipes to its standard input and from its standard
        output, which gets an empty line at its end. Raises HarnessError."""
        (theirs_in, ours_in), (ours_out, theirs_out) = os.pipe(), os.pipe()
        stdin, stdout = open(ours_in, "wb"), open(ours_out, "rb")
        with open(theirs_in, "rb"), open(theirs_out, "wb"), open(log, "ab") as errors:
            files = [theirs_in, theirs_out, errors.fileno()]
            return SupervisedProcess(self._start(command, environment, files, True), stdin, stdout)

    def start(self, command: List[str], environment: Dict[str, str], file: int) -> AwaitedProcess:
        """Start a command in the folder, whose three standard streams are that open file. Raises
        HarnessError."""
        ours, theirs = os.pipe()
        with open(theirs, "wb"):
            return AwaitedProcess(self._start(command, environment, [file] * 3 + [theirs], False),
                                  open(ours, "rb"))

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
