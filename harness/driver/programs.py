"""Programs under test, as started in a host, and their message boxes."""
from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Callable, List, NamedTuple, Optional, Tuple, TypeVar

from harness.driver.errors import Expired, HarnessError, HostLost, Win32Error
from harness.driver.waiting import AGENT_START, BOX, DEADLINE, Countdown, deadlines, wait_for
from harness.driver.win32 import boxes as message_boxes
from harness.driver.win32.boxes import Box, Button
from harness.driver.win32.calls import PAUSES, Call
from harness.driver.win32.console import LETTER, Consoles, Key
from harness.driver.win32.constants import escaped
from harness.driver.win32.processes import Process
from harness.driver.win32.tracing import Trace

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Exit:
    """How a program ended: its exit code, and the bytes that it wrote to its standard streams.

    `out` and `err` hold at most the first 64 KiB; `out_total` and `err_total` count all bytes so
    far. Unless both streams are `over`, a child may still write to them."""

    code: int
    out: bytes
    err: bytes
    out_total: int
    err_total: int
    over: bool = True


@dataclass(frozen=True)
class Launch:
    """How to start a program.

    `new_console`: in its own console instead of the shared one. `limited_token`: with a token that
    lacks SeCreateGlobalPrivilege. `trace`: with the tracer, so that `calls` works. `hold`: traced,
    and held before and after each call. `fail`: traced; call `nth` of that function (named without
    A or W) is not made but fails with the last error `error` and returns `result`."""

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


class Program(Process):
    """A program that an agent has started; `consoles` are the agent's.

    `command` is its Windows command line, `folder` the Windows path of its current directory,
    `tracer` that of tracer.dll for its architecture. `name` is its name in failure messages.
    `deadlines` limit its steps; the harness's own programs have separate ones. `exit_code` returns
    a process's exit code, from its id and the code that the system reports. Raises Win32Error."""

    deadlines = deadlines

    def __init__(self, consoles: Consoles, name: str, command: str, folder: str, tracer: str,
                 launch: Launch, exit_code: Callable[[int, int], int]) -> None:
        self.name = name
        self._exit_code = exit_code
        self.traced = launch.trace
        self._trace: Optional[Trace] = None
        super().__init__(consoles, command, folder, launch.new_console, launch.limited_token)
        try:
            if launch.trace:
                self._trace = self._asked(lambda: Trace(
                    self.win32, self.handle, self.pid, tracer, launch.hold, launch.fail,
                    launch.error, launch.result, launch.nth))
            if not launch.hold:
                self.resume()
        except BaseException:
            with suppress(HostLost):
                self.close()
            raise

    def _asked(self, question: Callable[[], Answer]) -> Answer:
        """Return the answer. After an error in the tracer, the list of calls is useless."""
        try:
            return question()
        except Win32Error as error:
            raise HarnessError(f"calls of {self.name} may be missing: {error}") from error

    def resume(self) -> None:
        """Let it run, and wait for its tracer."""
        super().resume()
        if self._trace:
            self._asked(lambda: self._traced().await_loading(AGENT_START))

    def _traced(self) -> Trace:
        if not self._trace:
            raise HarnessError(f"{self.name} is not traced; start it with Launch(trace=True)")
        return self._trace

    def status(self, seconds: float = 0.0) -> Tuple[bool, Exit]:
        """Wait at most that many seconds for its end. Return whether it has ended, and its output
        so far (the exit code is 0 until it ends)."""
        ended = self.ended(seconds)
        code = self._exit_code(self.pid, self.exit_code()) if ended else 0
        out, out_total, out_over = self.out.written(ended)
        err, err_total, err_over = self.err.written(ended)
        return ended, Exit(code, out, err, out_total, err_total, out_over and err_over)

    def wait(self, seconds: float = DEADLINE) -> Exit:
        """Wait for its end. Raises Expired, with its message boxes and output, if it still runs."""
        seconds = self.deadlines.allowed(seconds)
        ended, outcome = self.status(seconds)
        if not ended:
            raise Expired(f"{self.name} was expected to end within {seconds:g} s, but still runs; "
                          f"{self.describe()}")
        return outcome

    def boxes(self, seconds: float = 0.0) -> List[Box]:
        """Return its open message boxes; wait for the first one. Empty if there is none in time."""
        return message_boxes.boxes(self.win32, self.pid, self.deadlines.allowed(seconds),
                                   self.ended)

    def box(self, seconds: float = BOX) -> Box:
        """Return its one open message box. Raises Expired if it opens none, or more than one."""
        boxes = self.boxes(seconds)
        if len(boxes) != 1:
            seconds = self.deadlines.allowed(seconds)
            raise Expired(f"{self.name} was expected to show one message box within {seconds:g} s, "
                          f"but {self.describe(boxes)}")
        return boxes[0]

    def answer(self, box: Box, button: Optional[Button] = None) -> None:
        """Press a button of its message box, by default the first one."""
        message_boxes.answer(self.win32, self.pid, box.window, (button or box.buttons[0]).id)

    def close_windows(self) -> bool:
        """Ask all of its windows to close, as a user would. Return whether it has any."""
        return message_boxes.close_windows(self.win32, self.pid)

    def press(self, key: Key = LETTER) -> None:
        """Press one key on its console (WriteConsoleInput)."""
        self.joined().press(key)

    def unread(self, key: Key) -> bool:
        """Return whether that key was pressed on its console and is still unread."""
        return self.joined().unread(key)

    def discard_input(self) -> None:
        """Discard what was pressed on its console and is still unread."""
        self.joined().discard_input()

    def screen(self) -> Tuple[str, int, int]:
        """Return the text on its console up to the end of the cursor's row, and the cursor's
        0-based position."""
        return self.joined().screen()

    def calls(self, pauses: bool = False) -> List[Call]:
        """Return the calls that its own code has made so far, in order; those that only wait for a
        time (PAUSES) if asked for. It must have been started traced. Raises CallsLost if some are
        unknown."""
        return [call for call in self._asked(self._traced().calls)
                if pauses or call.name not in PAUSES]

    def called(self, function: str) -> int:
        """Return how often a traced program has called that function (named without A or W)."""
        return sum(call.function == function for call in self.calls())

    def await_call(self, function: str, times: int = 1) -> None:
        """Wait until a traced program has called that function so often. Raises Expired."""
        wait_for(lambda: self.called(function) >= times, f"call {times} of {function}",
                 self.describe)

    def place(self, seconds: float = DEADLINE) -> Place:
        """Wait at most `seconds` for a held program's next stop, and return where it is."""
        trace = self._traced()
        held = self._asked(lambda: trace.is_held(self.deadlines.allowed(seconds)))
        calls = self.calls()
        return Place(bool(held), held is None, self._asked(trace.stops),
                     calls[-1] if calls else None)

    def go(self, to: Optional[int] = None, seconds: float = 0.0) -> Place:
        """Resume a held program to its next stop, or until it has made `to` stops. Return where it
        is then, or at once with 0 seconds."""
        trace = self._traced()
        self._asked(lambda: trace.go(to))
        if trace.to > 1 and self.main_thread:
            self.resume()  # Its start was the first stop.
        return self.place(seconds)

    def go_through(self, function: str) -> None:
        """Resume a held program until that call (its exact name) has returned. Raises Expired if
        the program does not make it in time, however many others it makes."""
        countdown = Countdown(self.deadlines.allowed(DEADLINE))
        place = self.place()
        while not (place.call and place.call.name == function and place.call.result is not None):
            if not place.held or countdown.over():
                raise Expired(f"a call of {function} was expected; {self.describe()}")
            place = self.go(seconds=DEADLINE)

    def describe(self, boxes: Optional[List[Box]] = None) -> str:
        """Describe its visible state in one line, for a failure message."""
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
        """End it and all of its children, and free the agent's resources for it."""
        try:
            super().close()
        finally:
            if self._trace:
                self._trace.close()
