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
#: The same for somebody else's program after its first hang. A program that hangs in each of a
#: hundred tests would otherwise take a quarter of an hour. Two seconds were too few for the
#: project's own half on a busy machine.
AFTER_A_HANG = 4.0
#: How long the agent may take to start, or to start a program: a virus checker looks at it first.
AGENT_START = 10.0
#: How long the agent may take for an answer beyond the deadline of the request itself. It takes
#: GRACE_MS (agent/agent.h) at most; the rest is for a busy machine.
AGENT_GRACE = 4.0
#: How long an agent may take to end after the end of its input.
AGENT_END = 5.0
#: How long the supervisor may take to start a process, or to end all of them.
SUPERVISOR = 10.0
#: How long the Wine server may take until it listens.
WINE_SERVER = 10.0
#: How long `wineboot -i` may take to fill a prefix.
WINEBOOT = 120.0
#: How long an X display may take to answer.
DISPLAY = 3.0
#: How long a test may take, and its set-up and its tear-down as well. Every single wait in it is
#: shorter and knows more about what went wrong.
TEST = 15.0
#: How long a run that was told to stop may take to end before it is ended by force.
RUN_END = 15.0

Seen = TypeVar("Seen")


class Deadlines:
    """The deadlines of this process. `scale` makes all of them longer or shorter; `after_a_hang`
    is the longest, in seconds, once a step has not come."""

    def __init__(self) -> None:
        self.scale = 1.0
        self.after_a_hang = self._most = float("inf")

    def allowed(self, seconds: float) -> float:
        """What these seconds are in this run."""
        return min(seconds * self.scale, self._most)

    def expired(self, text: str, seconds: float) -> Expired:
        """The exception for a step that did not come in these seconds; `text` says what was
        expected and seen. A wait shorter than `after_a_hang` was chosen so, and is no hang."""
        if seconds >= self.after_a_hang:
            self._most = self.after_a_hang
        return Expired(text)


deadlines = Deadlines()


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
    start = time.monotonic()
    end = start + seconds
    while True:
        # Asked before the look, so that what came last still counts.
        late = over() or time.monotonic() > end
        found = look()
        if found:
            return found
        if late:
            raise deadlines.expired(f"{what} was expected within {seconds:g} s; "
                                    f"seen instead: {seen()}", seconds)
        # Naps grow with the wait: on a busy machine, a process that wakes up every half a
        # millisecond takes the processor from what it waits for.
        time.sleep(max(0.0005, (time.monotonic() - start) / 30))
