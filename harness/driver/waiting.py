"""Waits for a condition with a deadline: all deadlines, and `wait_for`.

Every failed wait says what was expected and what was seen. The deadlines, in seconds, are for an
ordinary machine; --deadline scales them all."""
from __future__ import annotations

import time

from harness.driver.errors import Expired

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable, Optional, TypeVar
    Seen = TypeVar("Seen")

#: Deadlines, in seconds. A step of a program that takes longer counts as a hang.
DEADLINE = 10.0
#: The same for a message box: Wine waits 10 s for the desktop's process to start.
BOX = 30.0
#: The same for a submitted program: a multiple of the time that a small program has just taken on
#: this machine from its start to its message box, and the minimum in seconds.
STEP_TIMES, STEP_LEAST = 20.0, 4.0
#: More than any wait needs between two checks. On a busy machine, all processes of a Wine have
#: waited 8 s for a processor.
STALL = 2.5
#: For the agent to start, or to start a program, which a virus scanner checks first.
AGENT_START = 30.0
#: For an answer of the agent, besides the wait that was requested. It needs milliseconds; the rest
#: is for a busy machine, where processes have waited 8 s for a processor.
AGENT_GRACE = 20.0
#: For the end of a program, its last output, and windows that do not answer.
GRACE = 2.0
#: For an agent to end after the end of its input.
AGENT_END = 10.0
#: For the supervisor to start a process, or to end all of them.
SUPERVISOR = 30.0
#: For the Wine server to listen.
WINE_SERVER = 10.0
#: For `wineboot -i` to fill a prefix.
WINEBOOT = 120.0
#: For an X display to answer.
DISPLAY = 3.0
#: For a test, and for its setup and its teardown. Every single wait in it is shorter, and its
#: message says more.
TEST = 60.0
#: For a run to end after it was told to stop; then it is ended by force.
RUN_END = 30.0


class Deadlines:
    """The deadlines of this process. `scale` multiplies all of them; `step` limits the time for a
    step of a program, in seconds before scaling."""

    def __init__(self) -> None:
        self.scale = 1.0
        self.step = float("inf")

    def allowed(self, seconds: float) -> float:
        """Return the deadline of this run for these seconds."""
        return min(seconds, self.step) * self.scale

    def measured(self, seconds: float) -> None:
        """Adapt the longest step to this machine; a small program has just taken `seconds`."""
        self.step = min(DEADLINE, max(STEP_LEAST, STEP_TIMES * seconds))


deadlines = Deadlines()


class Countdown:
    """Counts these seconds down, unscaled. The caller asks again and again; a time in which it
    could not ask does not count, since what it waits for could not run either."""

    def __init__(self, seconds: float) -> None:
        self._began = self._asked = time.monotonic()
        self._end = self._asked + seconds

    def left(self) -> float:
        """Return the remaining seconds, at least 0."""
        now = time.monotonic()
        if now - self._asked > STALL:
            self._end += now - self._asked
        self._asked = now
        return max(0.0, self._end - now)

    def over(self) -> bool:
        """Return whether the time is over."""
        return not self.left()

    def pause(self) -> float:
        """Return how many seconds to sleep before the next look, which become more. If a wait took
        all of a processor, Linux has let Wine's desktop process wait for it for half a minute."""
        return max(0.0005, (time.monotonic() - self._began) / 30)


def wait_for(look: Callable[[], Optional[Seen]], what: str, seen: Callable[[], str] = str,
             seconds: float = DEADLINE, over: Callable[[], bool] = lambda: False) -> Seen:
    """Call `look` until it returns a true value, and return that.

    Raises Expired after `seconds`, or as soon as `over` says that waiting is pointless. Its message
    has `what` was expected and what `seen` returns then."""
    seconds = deadlines.allowed(seconds)
    countdown = Countdown(seconds)
    while True:
        # Check this before the last look, so that a late result still counts.
        late = over() or countdown.over()
        found = look()
        if found:
            return found
        if late:
            raise Expired(f"{what} was expected within {seconds:g} s; seen instead: {seen()}")
        time.sleep(countdown.pause())
