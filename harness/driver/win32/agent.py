"""The connection to agent.exe: one function call, one answer, always with a deadline.

agent/agent.c has the other side. functions.py knows the functions; this module does not."""
from __future__ import annotations

import collections
import queue
import struct
import subprocess
import threading
import time
from typing import Any, Callable, Deque, List, Optional, Sequence, Tuple, Union

from harness.driver.errors import HostLost
from harness.driver.waiting import AGENT_END, AGENT_GRACE, AGENT_START

#: As in agent/agent.c: the most bytes that a call's arguments may point to.
MOST_BYTES = 1 << 20
GREETING, REQUEST, ARGUMENT, ANSWER = (struct.Struct(form) for form in
                                       ("<5Q", "<QII", "<QQ", "<QII"))

#: What an argument can point to; all but bytes is read back.
Buffer = Union[bytes, bytearray]
Argument = Union[int, Buffer]


class Agent:
    """A running agent.exe, driven over its standard input and output.

    `process` is that process, a Popen or the like, with both streams as pipes. `timeline` has the
    last calls for failure messages: the time of each in monotonic seconds, and a function that
    returns its line. `lost` says why the agent is useless. `pointer` is the size of a pointer; the
    functions to call first are at `get_proc_address`, `load_library`, `drain` and `ignore`."""

    def __init__(self, process: Any) -> None:
        self.process = process
        self.timeline: Deque[Tuple[float, Callable[[], str]]] = collections.deque(maxlen=2000)
        self.lost: Optional[str] = None
        self._answers: "queue.SimpleQueue[bytes]" = queue.SimpleQueue()
        # A thread, because Windows has no wait for a pipe with a deadline.
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        try:
            (self.pointer, self.get_proc_address, self.load_library, self.drain,
             self.ignore) = GREETING.unpack(self._next(AGENT_START, lambda: "its start"))
        except BaseException:
            self.close()
            raise

    def _listen(self) -> None:
        size = GREETING.size
        while True:
            answer = self.process.stdout.read(size)
            if len(answer) == ANSWER.size == size:
                more = ANSWER.unpack(answer)[2]
                answer += self.process.stdout.read(more) if more <= MOST_BYTES else b""
            if len(answer) < size:
                self._answers.put(b"")
                return
            self._answers.put(answer)
            size = ANSWER.size

    def _next(self, seconds: float, line: Callable[[], str]) -> bytes:
        try:
            answer = self._answers.get(timeout=seconds)
        except queue.Empty:
            self.lost = f"the agent did not answer at: {line()}"
            raise HostLost(self.lost) from None
        except BaseException:
            # The answer may still come, and must not be taken for the next call's. Cleanup must not
            # hide the interruption by another exception: callers suppress HostLost there.
            self.lost = f"the agent was interrupted at: {line()}"
            raise
        if not answer:
            self.lost = f"the agent ended at: {line()}"
            raise HostLost(self.lost)
        return answer

    def call(self, function: int, arguments: Sequence[Argument], line: Callable[[], str],
             seconds: float = 0.0) -> Tuple[int, int]:
        """Call the function at that address. Return its result, as 64 bits, and the last error.

        The function may take `seconds`. `line` returns the text of the call, for failure messages.
        The function's output replaces the content of each buffer but bytes. Raises HostLost if the
        agent has ended or does not answer."""
        if self.lost:
            raise HostLost(self.lost)
        block = bytearray()
        numbers = []
        for argument in arguments:
            if isinstance(argument, int):
                numbers.append(ARGUMENT.pack(argument & (1 << 64) - 1, 0))
            else:
                block += bytes(-len(block) % 16)
                numbers.append(ARGUMENT.pack(len(block), 1))
                block += argument
        try:
            self.process.stdin.write(b"".join(
                (REQUEST.pack(function, len(numbers), len(block)), *numbers, block)))
            self.process.stdin.flush()
        except OSError:
            pass  # It has ended; the missing answer will show it.
        self.timeline.append((time.monotonic(), line))
        answer = self._next(seconds + AGENT_GRACE, line)
        result, error, size = ANSWER.unpack_from(answer)
        place = ANSWER.size
        for argument in arguments:
            if not isinstance(argument, int):
                place += -(place - ANSWER.size) % 16
                if not isinstance(argument, bytes):
                    argument[:] = answer[place:place + len(argument)]
                place += len(argument)
        return result, error

    def story(self, last: int = 100) -> str:
        """Return the last calls, one line each, with the seconds since the first call."""
        lines: List[Tuple[float, str]] = []
        start = self.timeline[0][0] if self.timeline else 0.0
        for moment, line in self.timeline:
            # Polling repeats the same calls; keep the last time of each.
            text = line()
            lines[-4:] = [before for before in lines[-4:] if before[1] != text]
            lines.append((moment, text))
        return "\n".join(f"{moment - start:8.3f}  {text}" for moment, text in lines[-last:])

    def close(self, seconds: float = AGENT_END) -> None:
        """Close the agent's input, which ends it; kill it if it still runs after `seconds`."""
        self.lost = self.lost or "the agent was closed"
        try:
            self.process.stdin.close()
        except OSError:
            pass  # It ended before; its unsent input does not matter.
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(seconds)
        self._listener.join(seconds)
        if not self._listener.is_alive():
            self.process.stdout.close()
