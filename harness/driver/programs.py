"""Programs under test, as started in a host, and their message boxes."""
from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Callable, List, NamedTuple, Optional, Tuple, TypeVar

from harness.driver.errors import Expired, HarnessError, HostLost, Win32Error
from harness.driver.waiting import AGENT_START, BOX, DEADLINE, deadlines
from harness.driver.win32 import boxes as message_boxes
from harness.driver.win32.boxes import Box, Button
from harness.driver.win32.calls import Call
from harness.driver.win32.console import LETTER, Key
from harness.driver.win32.constants import escaped
from harness.driver.win32.processes import Processes
from harness.driver.win32.tracing import Fault, Trace

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Exit:
    """How a program ended: exit code, and the bytes that it wrote to its two streams.

    `out` and `err` hold at most the first 64 KiB; `out_total` and `err_total` count all bytes so
    far. More may follow unless both streams are `over`: a child may have them open.
    """

    code: int
    out: bytes
    err: bytes
    out_total: int
    err_total: int
    over: bool = True


@dataclass(frozen=True)
class Launch:
    """How a program is started.

    `new_console`: in a console of its own, and not in the one that all programs share.
    `limited_token`: with a token that lacks SeCreateGlobalPrivilege. `trace`: with the tracer in
    it, so that `calls` works. `hold`: traced, and held before and after each call. `fail`: traced,
    and call `nth` of that function (named without A or W) is not made, but fails with the last
    error `error` and returns `result`.
    """

    new_console: bool = False
    limited_token: bool = False
    trace: bool = False
    hold: bool = False
    fail: Optional[str] = None
    error: int = 0
    nth: int = 1
    result: int = 0


TRACED = Launch(trace=True)
HELD = Launch(trace=True, hold=True)


class Place(NamedTuple):
    """Where a program started with `hold` is: whether it is held or has ended (or runs), how many
    stops it has made, and its last call. The first stop is at its start; each call makes two."""

    held: bool
    ended: bool
    stops: int
    call: Optional[Call]


class Program:
    """A program that was started by an agent, whose `processes` these are.

    `command` is its Windows command line, `folder` the Windows path of its current directory,
    `tracer` that of tracer.dll for its architecture. `name` is what failure messages call it.
    `deadlines` are those of its steps; the harness's own programs, which are not checked, have
    their own. Raises Win32Error where it does not start.
    """

    deadlines = deadlines

    def __init__(self, processes: Processes, name: str, command: str, folder: str, tracer: str,
                 launch: Launch = Launch()) -> None:
        self.name = name
        self.traced = launch.trace
        self.terminated = False
        self._processes = processes
        self._win32 = processes.win32
        self._process = processes.start(command, folder, launch.new_console, launch.limited_token)
        self.pid = self._process.id
        self._trace: Optional[Trace] = None
        try:
            if launch.trace:
                fault = Fault(launch.fail, launch.error, launch.result, launch.nth) \
                    if launch.fail else None
                self._trace = self._asked(lambda: Trace(
                    self._win32, self._process.process, self.pid, tracer, launch.hold, fault))
            if not launch.hold:
                self._resume()
        except BaseException:
            with suppress(HostLost):
                self.close()
            raise

    def _asked(self, question: Callable[[], Answer]) -> Answer:
        """What fails in the tracer says nothing about the program, and makes its calls useless."""
        try:
            return question()
        except Win32Error as error:
            raise HarnessError(f"calls of {self.name} may be missing: {error}") from error

    def _resume(self) -> None:
        self._processes.resume(self._process)
        if self._trace:
            self._asked(lambda: self._traced().await_loading(AGENT_START))

    def _traced(self) -> Trace:
        if not self._trace:
            raise HarnessError(f"{self.name} is not traced; start it with Launch(trace=True)")
        return self._trace

    def status(self) -> Tuple[bool, Exit]:
        """Whether it has ended, and what it has written so far (the code is 0 until it ends)."""
        return self._status(0.0)

    def ended(self) -> bool:
        """Whether it has ended."""
        return self._processes.has_ended(self._process)

    def _status(self, seconds: float) -> Tuple[bool, Exit]:
        ended = self._processes.has_ended(self._process, seconds)
        code = self._processes.exit_code(self._process) if ended else 0
        out, err = (stream.written(ended) for stream in (self._process.out, self._process.err))
        return ended, Exit(code, out.data, err.data, out.total, err.total, out.over and err.over)

    def wait(self, seconds: float = DEADLINE) -> Exit:
        """Wait for its end. Raises Expired, with its boxes and output, when it goes on."""
        seconds = self.deadlines.allowed(seconds)
        ended, outcome = self._status(seconds)
        if not ended:
            raise Expired(f"{self.name} was expected to end within {seconds:g} s, but still runs; "
                          f"{self.describe()}")
        return outcome

    def boxes(self, seconds: float = 0.0) -> List[Box]:
        """Its open message boxes, waiting for the first one; empty if it ends or none comes."""
        return message_boxes.boxes(self._win32, self.pid, self.deadlines.allowed(seconds),
                                   lambda wait: self._processes.has_ended(self._process, wait))

    def box(self, seconds: float = BOX) -> Box:
        """Its one open message box. Raises Expired if it opens none, or more than one."""
        boxes = self.boxes(seconds)
        if len(boxes) != 1:
            seconds = self.deadlines.allowed(seconds)
            raise Expired(f"{self.name} was expected to show one message box within {seconds:g} s, "
                          f"but {self.describe(boxes)}")
        return boxes[0]

    def answer(self, box: Box, button: Optional[Button] = None) -> None:
        """Press a button of its box; the first one unless another is named."""
        message_boxes.answer(self._win32, self.pid, box.window, (button or box.buttons[0]).id)

    def close_windows(self) -> bool:
        """Ask all of its windows to close, as a person would; whether it has any."""
        return message_boxes.close_windows(self._win32, self.pid)

    def press(self, key: Key = LETTER) -> None:
        """Press one key on its console (WriteConsoleInput)."""
        self._processes.consoles.join(self._process.console, self.pid)
        self._processes.consoles.press(key)

    def unread(self, key: Key) -> bool:
        """Whether that key was pressed on its console, and nobody has read it."""
        self._processes.consoles.join(self._process.console, self.pid)
        return self._processes.consoles.unread(key)

    def screen(self) -> Tuple[str, int, int]:
        """The text on its console up to the cursor, and the cursor's row and column from 0."""
        self._processes.consoles.join(self._process.console, self.pid)
        return self._processes.consoles.screen()

    def calls(self) -> List[Call]:
        """The calls that its own code has made so far, in their order; it was started traced.
        Raises CallsLost where some are not known."""
        return self._asked(self._traced().calls)

    def has_called(self, name: str) -> bool:
        """Whether a traced program has called that function (its exact name) so far."""
        return any(call.name == name for call in self.calls())

    def place(self, seconds: float = DEADLINE) -> Place:
        """Where a held program is, once it has come to its next stop, or after `seconds`."""
        trace = self._traced()
        held = self._asked(lambda: trace.is_held(self.deadlines.allowed(seconds)))
        calls = self.calls()
        return Place(bool(held), held is None, self._asked(trace.stops),
                     calls[-1] if calls else None)

    def go(self, to: Optional[int] = None, seconds: float = 0.0) -> Place:
        """Let a held program go on to its next stop, or until it has made `to` stops; where it is
        then. With 0 seconds nobody waits for that."""
        trace = self._traced()
        self._asked(lambda: trace.go(to))
        if trace.to > 1 and self._process.main_thread:
            self._resume()  # Its start was the first stop.
        return self.place(seconds)

    def go_through(self, function: str) -> None:
        """Let a held program go on until that call (its exact name) has returned. Raises Expired
        where the program never makes it."""
        while True:
            place = self.place()
            if not place.held:
                raise Expired(f"a call of {function} was expected; {self.describe()}")
            if place.call and place.call.name == function and place.call.result is not None:
                return
            self.go()

    def terminate(self) -> None:
        """End it as a crash would (TerminateProcess)."""
        self.terminated = True
        self._processes.terminate(self._process)

    def describe(self, boxes: Optional[List[Box]] = None) -> str:
        """What can be seen of it from outside, in one line, for a failure message."""
        ended, seen = self.status()
        boxes = self.boxes() if boxes is None else boxes
        shown = "; ".join("one that does not answer" if box.hangs else
                          f'"{escaped(box.title)}" saying "{escaped(box.text or "")}"'
                          for box in boxes) or "none"
        return (f"{self.name} (process {self.pid}) "
                f"{f'ended with {seen.code}' if ended else 'is running'}; open boxes: {shown}; "
                f"standard output: {seen.out[:400]!r} ({seen.out_total} bytes); "
                f"standard error: {seen.err[:400]!r} ({seen.err_total} bytes)")

    def close(self) -> None:
        """End it and all of its children, and free what the agent holds of it."""
        try:
            self._processes.end(self._process)
        finally:
            if self._trace:
                self._trace.close()
