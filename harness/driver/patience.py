"""How long a program may take for one step."""
from __future__ import annotations

from .errors import Expired

#: How long anything may take before it counts as a hang, in seconds.
DEADLINE = 10.0
#: The same for somebody else's program once a step of it has not come: the verdict is spoken by
#: then, and a program that hangs in each of a hundred tests would else cost its author a quarter
#: of an hour. Two seconds were too few for the innocent half on a machine with much else to do.
AFTER_A_HANG = 4.0


class Patience:
    """The deadlines of this process. `scale` makes all of them longer or shorter; `after_a_hang` is
    the longest, in seconds, from the first step on that did not come."""

    def __init__(self) -> None:
        self.scale = 1.0
        self.after_a_hang = self._most = float("inf")

    def allowed(self, seconds: float) -> float:
        """What is made of these seconds."""
        return min(seconds * self.scale, self._most)

    def expired(self, text: str, seconds: float) -> Expired:
        """The exception for a step that did not come in these seconds; `text` says what was
        awaited and seen. Where somebody chose to wait for less than a hang, it is none."""
        if seconds >= self.after_a_hang:
            self._most = self.after_a_hang
        return Expired(text)


patience = Patience()
