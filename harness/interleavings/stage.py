"""Runs an order on the real programs, and compares each step with the model."""
from __future__ import annotations

from typing import List, NamedTuple, Optional, Tuple

from harness.driver.calls import Call
from harness.driver.contract import BUF_SIZE, NAME
from harness.driver.errors import HarnessError
from harness.driver.host import Host
from harness.driver.pair import product
from harness.driver.programs import Box, HELD, Place, Program
from harness.driver.waiting import DEADLINE

from harness.interleavings.model import Lifetime, Seen, World, last_handle
from harness.interleavings.orders import Order, word
from harness.interleavings.steps import Step

PROGRAMS = {"w": "first_process", "r": "second_process"}


class Taken(NamedTuple):
    """A step that was taken: by whom, what was predicted and what was seen, and the model's world
    after it."""

    actor: str
    step: Step
    predicted: Seen
    seen: Seen
    after: World


Story = Tuple[Taken, ...]


class Disagreement(Exception):
    """A step did something else than the model says. `story` ends with that step."""

    def __init__(self, order: Order, story: Story) -> None:
        last = story[-1]
        differences = [f"{field} predicted {expected!r}, seen {seen!r}" for field, expected, seen
                       in zip(Seen._fields, last.predicted, last.seen) if expected != seen]
        super().__init__(f"order {word(order)}, step {len(story)}, {last.actor}.{last.step.name}: "
                         + "; ".join(differences))
        self.story = story


class Drift(Exception):
    """A program did not take the step that was its turn: it stands somewhere else."""


class _Actor:
    """A real program, held at its stops, and the stops that it has been let go through."""

    def __init__(self, host: Host, name: str, arch: str, charset: str) -> None:
        half = product(arch, charset, PROGRAMS[name[0]])
        self.program: Program = host.start(name, half.line(host), arch, HELD)
        self.gone: List[str] = []
        self.box: Optional[Box] = None

    def _go(self, stops: int, seconds: float = DEADLINE) -> Place:
        """Let it make so many more stops; where it is then. The first stop is its start."""
        return self.program.go(1 + len(self.gone) + stops, seconds)

    def drift(self, where: str) -> Drift:
        """What to raise when it is not there."""
        return Drift(f"expected: {where}; but {self.program.describe()}, having gone through "
                     f"{', '.join(self.gone) or 'nothing'}")

    def ready(self) -> None:
        """Wait until it is held at its start. Raises HarnessError where it is not: nothing of the
        program has run yet, so this says nothing about it."""
        if not self._go(0).held:
            raise HarnessError(f"not held at its start: {self.program.describe()}")

    def take(self, step: Step) -> Seen:
        """Let it take the step, which it must, and tell what its call did."""
        if step.presses == "key":
            self.program.press()
        elif step.presses:
            assert self.box
            self.program.answer(self.box)
        if not step.stops:
            return self._end()
        place = self._go(len(step.stops))
        self.gone += step.stops
        call = place.call or Call("no call", ())
        here = call.function + " returns" * (call.result is not None)
        if not place.held or place.stops != 1 + len(self.gone) or here != step.stops[-1]:
            raise self.drift(f"held where {step.stops[-1]}, not at «{here}»")
        if step.shows:
            self._go(1, 0)
            self.box = self.program.box()
            return Seen(box=self.box.text)
        if call.result is None:
            return Seen()
        # Only a failure, and the creation of an object, leave a last error that is promised.
        told = not call.result or call.function == "CreateFileMapping"
        return Seen(succeeded=bool(call.result), error=call.error if told else None)

    def _end(self) -> Seen:
        """Let it run to its end; it must have made exactly the calls of its steps."""
        if not self._go(1).ended:
            raise self.drift("its end")
        made = [stop for call in self.program.calls()
                for stop in (call.function, call.function + " returns")]
        if made != self.gone:
            raise self.drift(f"its end, without other calls than these: {', '.join(made)}")
        end = self.program.wait()
        return Seen(end=(end.code, (end.out + end.err).decode("ascii", "replace")))


def look(host: Host, seen: Seen) -> Seen:
    """Add what a stranger can see now of the object that has the name."""
    mapping = host.find(NAME)
    if not mapping:
        return seen
    try:
        return seen._replace(handles=mapping.handles() - 1, data=mapping.map().read(BUF_SIZE))
    finally:
        mapping.close()


def play(host: Host, start: World, order: Order, arch: str = "x86_64",
         lifetime: Lifetime = last_handle) -> Story:
    """Run the order on real programs of that architecture, each step against the model.

    Raises Disagreement at the first step that the model did not foresee, Drift where a program
    does not take its step, Expired where it hangs, HarnessError or Win32Error where a program
    could not be started under its debugger. The programs are ended in any case.
    """
    story: List[Taken] = []
    try:
        actors = {name: _Actor(host, name, arch, process.charset)
                  for name, process in start.processes}
        for actor in actors.values():
            actor.ready()
        for name in order:
            step = start.next(name)
            assert step
            start, predicted = start.take(name, lifetime)
            seen = look(host, actors[name].take(step))
            story.append(Taken(name, step, predicted, seen, start))
            if seen != predicted:
                raise Disagreement(order, tuple(story))
        return tuple(story)
    finally:
        host.sweep()
