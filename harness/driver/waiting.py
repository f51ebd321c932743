"""Waits for a condition with a deadline: the one table of deadlines, and `wait_for`.

Every wait ends with what was expected and what was seen instead. The seconds below are those of an
ordinary machine; --deadline scales them all.
"""
from __future__ import annotations

import time
from typing import Callable, Optional, TypeVar

from harness.driver.errors import Expired

#: How long one step of a program may take before it counts as a hang, in seconds.
DEADLINE = 10.0
#: The same for a message box: where the desktop's process has just ended, or is to start first,
#: Wine waits 10 s for it.
BOX = 30.0
#: The same for somebody else's program, as a multiple of what a small program has just taken on
#: this machine from its start to its message box, and the least of it in seconds.
STEP_TIMES, STEP_LEAST = 20.0, 4.0
#: Longer than any wait takes from one look to the next, in seconds. A busy machine has let all
#: processes of a Wine wait for a processor for 8 s, while others ran.
STALL = 2.5
#: How long the agent may take to start, or to start a program: a virus checker looks at it first.
AGENT_START = 30.0
#: How long the agent may take for an answer beyond the wait that it was asked for. It needs
#: milliseconds; the rest is for a busy machine, whose kernel has let a process wait for a processor
#: for 8 s while others ran.
AGENT_GRACE = 20.0
#: How long a program's end may take, its last output, and windows that do not answer.
GRACE = 2.0
#: How long an agent may take to end after the end of its input.
AGENT_END = 10.0
#: How long the supervisor may take to start a process, or to end all of them.
SUPERVISOR = 30.0
#: How long the Wine server may take until it listens.
WINE_SERVER = 10.0
#: How long `wineboot -i` may take to fill a prefix.
WINEBOOT = 120.0
#: How long an X display may take to answer.
DISPLAY = 3.0
#: How long a test may take, and its set-up and its tear-down as well. Every single wait in it is
#: shorter and knows more about what went wrong.
TEST = 60.0
#: How long a run that was told to stop may take to end before it is ended by force.
RUN_END = 30.0

Seen = TypeVar("Seen")


class Deadlines:
    """The deadlines of this process. `scale` makes all of them longer or shorter; `step` is the
    longest that a step of a program may take, in seconds before scaling."""

    def __init__(self) -> None:
        self.scale = 1.0
        self.step = float("inf")

    def allowed(self, seconds: float) -> float:
        """What these seconds are in this run."""
        return min(seconds, self.step) * self.scale

    def measured(self, seconds: float) -> None:
        """Fit the longest step to this machine; `seconds` is what a small program has taken."""
        self.step = min(DEADLINE, max(STEP_LEAST, STEP_TIMES * seconds))


deadlines = Deadlines()


class Countdown:
    """So many seconds from now on, which are not scaled. Whoever waits asks again and again; time
    in which it could not is not counted, since what it waits for could not go on either."""

    def __init__(self, seconds: float) -> None:
        self._asked = time.monotonic()
        self._end = self._asked + seconds

    def left(self) -> float:
        """The seconds that are left, 0 at least."""
        now = time.monotonic()
        if now - self._asked > STALL:
            self._end += now - self._asked
        self._asked = now
        return max(0.0, self._end - now)

    def over(self) -> bool:
        """Whether none is left."""
        return not self.left()


def never() -> bool:
    """The `over` of a wait that only its deadline ends."""
    return False


def wait_for(look: Callable[[], Optional[Seen]], what: str, seen: Callable[[], str] = str,
             seconds: float = DEADLINE, over: Callable[[], bool] = never) -> Seen:
    """Call `look` until it returns something true, and return that.

    Raises Expired after `seconds`, or as soon as `over` says that it is in vain, with `what` was
    expected and what `seen` returns then.
    """
    seconds = deadlines.allowed(seconds)
    start, countdown = time.monotonic(), Countdown(seconds)
    while True:
        # Asked before the look, so that what came last still counts.
        late = over() or countdown.over()
        found = look()
        if found:
            return found
        if late:
            raise Expired(f"{what} was expected within {seconds:g} s; seen instead: {seen()}")
        # Naps grow with the wait: on a busy machine, a process that wakes up every half a
        # millisecond takes the processor from what it waits for.
        time.sleep(max(0.0005, (time.monotonic() - start) / 30))
