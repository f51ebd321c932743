"""Starts the program that a check is about."""
from __future__ import annotations

from harness.driver.contract import Words, encode
from harness.driver.host import Host
from harness.driver.pair import Half
from harness.driver.programs import Launch
from harness.driver.win32.console import ENTER
from harness.driver.win32.objects import Mapping
from harness.judge.checks import Mine, See
from harness.judge.claims import WRITER
from harness.judge.running import Running


class Starter:
    """start(trace=…, …): starts the program of a check, and answers the questions that it is known
    to ask first. Traces its calls if the run checks them and if that works."""

    def __init__(self, host: Host, half: Half, role: str, words: Words, known: Mine, see: See,
                 calls: bool) -> None:
        self.host, self.half, self.role, self.words = host, half, role, words
        self.known, self.see, self.calls = known, see, calls

    def first(self, **launch: object) -> Running:
        """Start it without any knowledge about it."""
        return self._start(self.calls, **launch)

    def __call__(self, trace: bool = True, **launch: object) -> Running:
        said, times = self.known["asks"]
        if times:  # No other program may read its answers.
            launch["new_console"] = True
        running = self._start(trace and self.traced, **launch)
        running.asked = said.encode("latin-1")
        for _ in range(times):
            running.program.press(ENTER)
        return running

    def _start(self, trace: bool, **launch: object) -> Running:
        name = "the writer" if self.role == WRITER else "the reader"
        # Only an agent of the same architecture can trace a program.
        program = self.host.start(name, self.half.line(self.host),
                                  self.half.arch if trace else "x86_64",
                                  Launch(trace=trace, **launch))  # type: ignore[arg-type]
        return Running(self.host, self.half, self.known, self.see, program)

    @property
    def traced(self) -> bool:
        """Return whether its calls can be seen; wait for the first run, which determines that."""
        return self.calls and self.known["calls"] is True

    @property
    def message(self) -> bytes:
        """Return the bytes of the message."""
        return encode(self.words.message, self.half.charset)

    def object(self, size: int, **how: object) -> Mapping:
        """Create an object with the name that the program uses, and map it."""
        return self.host.create(str(self.known["object"]), size,
                                **how).map()  # type: ignore[arg-type]


FILL = b"\xa5"


def filled(mapping: Mapping, data: bytes = b"", fill: bytes = FILL) -> bytes:
    """Write `data` into the mapped object, and fill the rest of its last page with the byte `fill`.
    Return all bytes written."""
    page = data + fill * (mapping.region - len(data))
    mapping.write(page)
    return page
