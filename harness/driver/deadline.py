"""Waiting for a condition instead of for a time."""
from __future__ import annotations

import time
from typing import Callable, Optional, TypeVar

from .patience import DEADLINE, patience

Seen = TypeVar("Seen")


def never() -> bool:
    """The `over` of a wait that only its deadline ends."""
    return False


def wait_for(look: Callable[[], Optional[Seen]], what: str, seen: Callable[[], str] = str,
             seconds: float = DEADLINE, over: Callable[[], bool] = never) -> Seen:
    """Call `look` until it returns something true, and return that.

    Raises Expired after `seconds`, or once `over` says that it is in vain, with `what` was
    awaited and what `seen` then tells.
    """
    seconds = patience.allowed(seconds)
    start = time.monotonic()
    end = start + seconds
    while True:
        # Asked before the look, so that what came last still counts.
        late = over() or time.monotonic() > end
        found = look()
        if found:
            return found
        if late:
            raise patience.expired(f"{what} was expected within {seconds:g} s; "
                                   f"seen instead: {seen()}", seconds)
        # The longer it takes, the less often it is looked at: on a busy machine, who wakes up every
        # half a millisecond takes the processor from what it waits for.
        time.sleep(max(0.0005, (time.monotonic() - start) / 30))
