"""What a writer's first run shows of its object and its view although its calls cannot be seen: how
it ends, and what it does over other objects."""
from __future__ import annotations

from typing import Callable, NoReturn, Optional, Tuple

from harness.claims.first_run import GRANULARITY, PAGE, ROOM, FirstRun, may_have_an_object
from harness.driver.errors import Win32Error
from harness.driver.programs import Exit
from harness.driver.win32.objects import Mapping
from harness.judge.checks import Mine, See
from harness.judge.claims import WRITER
from harness.judge.patience import ASKS, MORE, STEP
from harness.judge.running import Running
from harness.judge.starter import Starter, filled

NO_VIEW = ("W3.gets", "whether it gets a view and writes its message")


def said(run: Running) -> Tuple[bytes, bytes, int]:
    """Return what a program has printed, and the number of its message boxes: it may report an
    error there."""
    outcome = run.program.status()[1]
    return outcome.out, outcome.err, len(run.boxes())


class UnseenWriter(FirstRun):
    """The first run of a writer. `name` is the name of the object; `mapping` is the object while
    the check keeps it open; `existing` says that it existed before the writer."""

    def __init__(self, start: Starter, see: See, known: Mine) -> None:
        super().__init__(start, see, known)
        self.name, self.existing = "", False
        self.mapping: Optional[Mapping] = None

    def _answers_blindly(self, came: Callable[[], object]) -> bool:
        name = "" if self.run.program.traced else self._writes_into_another()
        if not name:
            return super()._answers_blindly(came)
        if not came():  # It was not just slow.
            self.over_existing(name)
        return False

    def over_existing(self, name: str) -> bool:
        """Start it again over an existing object of that name, where it may get further than with
        its own. Return whether this is possible, and was not done before."""
        if self.existing or not name:
            return False
        if self.mapping:
            self.mapping.close()
        self.run.kill()
        try:
            self.mapping = self.host.create(name, ROOM).map()
        except Win32Error:
            return False  # No object can have that name.
        self.existing = True
        self._restart()
        self.name = name
        self.run.until(lambda: self._content() or self.calls.asks() or self.calls.failed,
                       STEP if self.run.program.traced else ASKS)
        self.known.give("existing")
        return True

    def _writes_whatever_it_gets(self) -> bool:
        """Return whether it writes into an existing object of the documented name, with which it
        then runs. It may have got no view of its own object, or it looks at no result and does not
        wait: then its own cannot be seen in time."""
        name = self.start.words.name
        if not self.over_existing(name) or not self.run.until(self._content, ASKS):
            return False
        self.see.unable("nothing shows whether it creates its object")
        self.known.give("object", name)
        return True

    def _asks_for(self) -> str:
        """Return the name that it asks for, or "": it ends differently if that name is taken. Its
        object was gone too soon to be seen, or it got none."""
        outcome, wanted = self.run.program.status()[1], self.start.words.name
        if not self.repeats_its_end():
            return ""
        for name in [wanted, *self.other_names()]:
            try:
                taken = self.host.occupy(name, "event")
            except Win32Error:
                continue  # No object can have that name.
            again = self.start.first(new_console=True).end()
            taken.close()
            if again and again != outcome:
                return name
        return ""

    def _impossible_name(self) -> str:
        """Return a name from its file that no object can have, or ""."""
        for name in self.other_names():
            try:
                self.host.create(name, PAGE).close()
            except Win32Error:
                return name
        return ""

    def _judge_what_was_gone(self, name: str) -> None:
        """Check a writer that has ended by what it does over an existing object of its name."""
        see, outcome, did = self.see, self.run.program.status()[1], self.run.doing()
        # Then it does create an object, but may get no view of it.
        seen = bool(self.name) or may_have_an_object(outcome)
        see("B3.name", "name of the object", self.start.words.name, name, WRITER)
        self.known.give("object", name)
        self.over_existing(name)
        assert self.mapping
        self.run.until(self._content, ASKS)
        wrote = any(self.mapping.read(PAGE))
        # What it writes elsewhere shows a view that only a larger object has.
        waits = outcome.code and not self._content()
        if (wrote or waits) and self.run.end(STEP if wrote else MORE) != outcome:
            see(*NO_VIEW if seen else ("W1.created", "whether it creates its object"), True, did)
        elif not wrote and self._content():
            see(*NO_VIEW, True, did)
        elif not wrote:
            self._judge_what_wrote_nothing(outcome, did)

    def _judge_what_wrote_nothing(self, outcome: Exit, did: str) -> NoReturn:
        """Check a writer that wrote nothing and has ended, over an existing object too. If it ends
        differently if it cannot map a view, it had one before, and did not wait."""
        see, ended, crashed = self.see, self.run.end(), self.run.crashed
        if self.mapping:
            self.mapping.close()
        tiny = self.too_small(self.name)
        again = self.start.first(new_console=True).end()
        tiny.close()
        if not crashed and ended == outcome and again and again != outcome:
            if not self._changes_another():
                see("W5.message", "message in the object", "there", f"nothing; {did}")
            see("W6.waits", "whether it waits for a key", True, False)
            see("W7.exit", "exit code at its end", 0, outcome.code)
        elif crashed or outcome.code and outcome.out_total:
            see(*NO_VIEW, True, did)
            see.stop()
        see.stop(why="nothing shows whether it gets a view")

    def _changes_another(self) -> bool:
        """Return whether it changes an existing object full of another byte: it may have taken its
        message away at its end."""
        mapping = self.host.create(self.name, PAGE).map()
        before = filled(mapping)
        self.start.first(new_console=True).end()
        after = mapping.read(PAGE)
        mapping.close()
        return after != before

    def _writes_into_another(self) -> str:
        """Return the name of an existing object that the writer writes its message into before it
        waits, or "": its own object of that name is gone too soon to be seen."""
        for name in [self.start.words.name, *self.other_names()]:
            try:
                mapping = self.host.create(name, PAGE).map()
            except Win32Error:
                continue  # No object can have that name.
            again = self.start.first(new_console=True)
            again.until(lambda: any(mapping.read(PAGE)), 2.0)
            found = any(mapping.read(PAGE)) and not again.program.ended()
            again.kill()
            mapping.close()
            if found:
                return name
        return ""

    def _content(self) -> bytes:
        """Return the page of its object up to the last nonzero byte. If the object existed before,
        take the first nonzero page at which a view can begin."""
        if not self.mapping:
            return b""
        pages = (self.mapping.read(PAGE, place).rstrip(b"\0")
                 for place in range(0, self.mapping.region if self.existing else 1, GRANULARITY))
        return next(filter(None, pages), b"")
