"""Waiting for a condition instead of for a time."""
from __future__ import annotations

import time
from typing import Callable, Optional, TypeVar

from .patience import DEADLINE, patience

Seen = TypeVar("Seen")


def wait_for(look: Callable[[], Optional[Seen]], what: str, seen: Callable[[], str] = str,
             seconds: float = DEADLINE) -> Seen:
    """Call `look` until it returns something true, and return that.

    Raises Expired after `seconds`, saying `what` was awaited and what `seen` then tells.
    """
    seconds = patience.allowed(seconds)
    end = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > end:
            raise patience.expired(f"{what} was expected within {seconds:g} s; "
                                   f"seen instead: {seen()}")
        time.sleep(0.0005)
