"""A run's own Wine."""
from __future__ import annotations

from typing import Sequence, Tuple

from harness.driver.wine.installation import find_wine
from harness.driver.wine.private import Choices
from harness.driver.wine.supervised import Supervisor
from harness.run.program import Kind, Place


def choices(kind: Kind, wine: Tuple[str, ...], services: bool) -> Choices:
    """Return the properties of such a Wine."""
    managed = True
    if kind.display == "x11":
        from harness.driver.wine.display import is_managed  # Here, as few need it.
        managed = is_managed()
    return Choices(wine, *kind[1:], services, debug=True, managed=managed)


def wine_of(kind: Kind) -> Tuple[str, ...]:
    """Return its loader, server and version. Raises HarnessError if none is installed."""
    wine = find_wine(kind.wine)
    return (str(wine.loader), str(wine.server), wine.version)


class OwnPlace(Place):
    """A Wine for one run. Raises HarnessError if none is installed."""

    def __init__(self, kind: Kind) -> None:
        self.wine = wine_of(kind)
        self._choices = choices(kind, self.wine, services=False)

    def enter(self, interrupts: Sequence[int]) -> Supervisor:
        supervisor = Supervisor(self._choices.keep, forked=True, interrupts=interrupts)
        try:
            self.folder = supervisor.folder
            answer = supervisor.open(self._choices)
            self.environment, self.unsafe = answer["environment"], answer["unsafe"]
            return supervisor
        except BaseException:
            supervisor.close()
            raise
