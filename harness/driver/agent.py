"""The client of agent.exe: one request, one answer, never without a deadline."""
from __future__ import annotations

import itertools
import json
import queue
import re
import subprocess
import threading
import time
from typing import IO, Any, Dict, List, Optional, Protocol, Tuple, Union
from urllib.parse import quote

from harness.driver.errors import HarnessError, HostLost, Win32Error
from harness.driver.waiting import AGENT_END, AGENT_GRACE, AGENT_START

Answer = Dict[str, Any]
Field = Union[str, int, bytes, None]


class Process(Protocol):
    """What an agent needs of its process: pipes, and an end that can be waited for."""

    pid: int
    stdin: Optional[IO[bytes]]
    stdout: Optional[IO[bytes]]

    def wait(self, timeout: float) -> int:
        """Its exit code. Raises subprocess.TimeoutExpired after `timeout` seconds."""

    def kill(self) -> None:
        """End it at once."""


def _encoded(value: Union[str, int, bytes]) -> str:
    if isinstance(value, bytes):
        return value.hex()
    return quote(value, safe="") if isinstance(value, str) else str(int(value))


class Agent:
    """One running agent.exe, over its standard input and output: agent/wire.h and answer.h say in
    which form, agent/protocol.h what may be asked.

    `process` is that process, with both streams as pipes. `timeline` holds every request with
    its answer and the monotonic time in seconds, for failure messages.
    """

    def __init__(self, process: Process) -> None:
        self.process = process
        self.timeline: List[Tuple[float, str, str]] = []
        self.lost: Optional[str] = None
        self._ids = itertools.count(1)
        self._answers: "queue.Queue[bytes]" = queue.Queue()
        # A thread, because a pipe cannot be waited on with a deadline on Windows.
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self._answers.put(line)
        self._answers.put(b"")

    def request(self, verb: str, seconds: float = 0.0, grace: Optional[float] = None,
                **fields: Field) -> Answer:
        """Send one request and return the members of its answer.

        `seconds` is how long the agent itself may wait for what is asked; it has `grace` more for
        the answer, AGENT_GRACE unless said otherwise. A field that is None is left out, True is 1,
        bytes are sent in hexadecimal. Raises Win32Error where the agent's call failed, HostLost
        where it ended, stayed silent or answered something else, HarnessError where it refused.
        """
        number = next(self._ids)
        words = [verb] + ([f"ms={int(seconds * 1000)}"] if seconds else [])
        words += [f"{name}={_encoded(value)}" for name, value in fields.items()
                  if value is not None]
        line = " ".join(words)
        if self.lost:
            raise HostLost(self.lost)
        try:
            assert self.process.stdin
            self.process.stdin.write(f"{number} {line}\n".encode())
            self.process.stdin.flush()
            reply = self._answers.get(timeout=seconds + (AGENT_GRACE if grace is None else grace))
        except OSError:
            reply = b""
        except queue.Empty:
            reply = b"(silence)"
        except BaseException:
            # The answer may still come, and must not be taken for that to another request.
            self.lost = f"the agent was interrupted at: {line}"
            self.timeline.append((time.monotonic(), line, "(interrupted)"))
            raise
        # Without its id, so that repeated questions can be told from others.
        told = re.sub(r'^{"id":\d+,?', "{", reply.decode("ascii", "replace").strip())
        self.timeline.append((time.monotonic(), line, told or "(the end of the agent)"))
        try:
            answer: Answer = json.loads(reply)
        except ValueError:
            what = "did not answer" if reply == b"(silence)" else "ended"
            self.lost = f"the agent {what} at: {line}"
            raise HostLost(self.lost) from None
        if answer.get("id") != number:
            self.lost = f"the agent answered another request than: {line}"
            raise HostLost(self.lost)
        if "refused" in answer:
            word = f" ({answer['word']})" if "word" in answer else ""
            raise HarnessError(f"the agent refused {line[:400]!r}: {answer['refused']}{word}")
        if "failed" in answer:
            raise Win32Error(answer["failed"], answer["error"])
        return answer

    def greet(self) -> None:
        """Wait until it has started. Raises HostLost if it does not."""
        self.request("whoami", grace=AGENT_START)

    def story(self, last: int = 40) -> str:
        """The last requests and answers, one line each, with seconds since the first of them."""
        told: List[Tuple[float, str, str]] = []
        start = self.timeline[0][0] if self.timeline else 0.0
        for step in self.timeline:
            # Polling asks the same two questions many times over; the last time is telling.
            told[-2:] = [before for before in told[-2:] if before[1:] != step[1:]] + [step]
        return "\n".join(f"{moment - start:8.3f}  {request}  →  {answer[:400]}"
                         for moment, request, answer in told[-last:])

    def close(self, seconds: float = AGENT_END) -> None:
        """End the agent by the end of its input; kill it if it is not gone in time."""
        self.lost = self.lost or "the agent was closed"
        try:
            assert self.process.stdin
            self.process.stdin.close()
        except OSError:
            pass  # It ended before; its unsent input does not matter.
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(seconds)
        self._listener.join(seconds)
        assert self.process.stdout
        if not self._listener.is_alive():
            self.process.stdout.close()
