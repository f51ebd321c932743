"""What a program writes: a pipe that a thread of the agent reads to its end."""
from __future__ import annotations

from typing import NamedTuple

from harness.driver.waiting import GRACE
from harness.driver.win32.functions import Win32

#: How many bytes of a stream are kept; agent/agent.c says it too, as KEPT.
KEPT = 65536


class Written(NamedTuple):
    """What has come so far: the first 64 KiB, the number of all bytes, whether it is at its end."""

    data: bytes
    total: int
    over: bool


class Stream:
    """A pipe for one stream of a program. `write_end` is the handle that the program inherits; it
    is to be closed here once the program has it. However much comes, the program never blocks."""

    def __init__(self, win32: Win32) -> None:
        self.win32 = win32
        self._given_up = False  # Somebody else has it open, for whose end nobody waits.
        read_end, write_end = win32.out("HANDLE"), win32.out("HANDLE")
        security = win32.layout("SECURITY_ATTRIBUTES")
        win32.CreatePipe(read_end, write_end, bytes(security.pack(length=security.size, inherit=1)),
                         KEPT)
        self.write_end, self._pipe = write_end.get(), read_end.get()
        self._layout = win32.layout("STREAM")
        self._memory = win32.allocate(self._layout.size + 2 * KEPT)
        win32.write(self._memory, bytes(self._layout.pack(pipe=self._pipe)))
        self._thread = win32.CreateThread(None, 0, win32.agent.greeting.drain, self._memory, 0,
                                          None)

    def close_write_end(self) -> None:
        """Leave the pipe to the program: with its last handle the stream is over."""
        handle, self.write_end = self.write_end, 0
        if handle:
            self.win32.CloseHandle(handle)

    def _over(self, seconds: float) -> bool:
        return self.win32.wait(self._thread, seconds=seconds) is not None

    def written(self, ended: bool) -> Written:
        """What has come so far. If the program has `ended`, the rest of its output is waited for,
        unless another process has the stream open."""
        over = self._over(GRACE if ended and not self._given_up else 0.0)
        self._given_up = ended and not over
        head = self.win32.read(self._memory, self._layout.size)
        kept = self._layout.get(head, "kept")
        data = self.win32.read(self._memory + self._layout.size, kept) if kept else b""
        return Written(data, self._layout.get(head, "total"), over)

    def close(self) -> bool:
        """Free it; whether it was over. If not, the agent's thread goes on with it."""
        self.close_write_end()
        if not self._over(GRACE):
            return False
        self.win32.CloseHandle(self._thread)
        self.win32.CloseHandle(self._pipe)
        self.win32.free(self._memory)
        return True
