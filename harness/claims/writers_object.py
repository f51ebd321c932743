"""How a writer gets its object in its first run: which object it creates, and its name."""
from __future__ import annotations

from typing import Optional

from harness.claims.first_run import HIDDEN, PAGE, TOO_LONG, may_have_an_object
from harness.claims.writers_unseen import UnseenWriter, said
from harness.driver.errors import Win32Error
from harness.driver.win32.constants import SEC_COMMIT, SEC_RESERVE
from harness.judge.calling import judge_object
from harness.judge.counting import is_like
from harness.judge.claims import WRITER
from harness.judge.patience import MORE

STAYS = "whether the object exists while it waits for its key"


class WritersObject(UnseenWriter):
    """The first run of a writer up to its object."""

    def _found(self) -> str:
        """Return the name of the new object, as the writer may use it."""
        wanted = self.start.words.name
        if self.host.exists(wanted):  # Faster than listing all names: it may be gone soon.
            return wanted
        return min(self.new_objects(), default="",
                   key=lambda name: (not is_like(name, wanted), name))

    def _appears(self) -> bool:
        """Return whether its object exists, or its calls show that it did."""
        objects = self.calls.objects
        if objects:
            return objects[0].result is not None
        self.name = self.name or self._found()
        return bool(self.name)

    def _restart(self) -> None:
        super()._restart()
        self.name = ""

    def gets_object(self) -> None:
        """Check that it creates its object with one call (W1), by the documented name (B3)."""
        run, see = self.run, self.see
        came, ended = self.comes(self._appears), run.program.ended()
        run.needs_its_dlls()
        self.judge_questions()
        if came and run.program.traced and not self.calls.objects:
            run.until(lambda: bool(self.calls.objects), MORE)
            if not self.calls.objects:
                self.untraced(HIDDEN)
        judge_object(run, needs_name=False)
        objects = self.calls.objects
        if objects:
            self.name = self.calls.object_name or "" if objects[0].result else ""
        elif self.name:
            see("B3.name", "name of the object", self.start.words.name, self.name, WRITER)
        if not self.name and not (objects and objects[0].result):
            # Before it was started again, it did have an object.
            if self.calls.rests or not run.program.traced and (
                    self._restarted or not ended and run.end(MORE)):
                see.stop(why=TOO_LONG)
            self._has_none()
        if not self.existing:
            see("W1.created", "whether it creates its object", True, True)
        if self.name not in ("", self.start.words.name) and self._varies():
            see.stop("B3")
        if self.name:
            self.known.give("object", self.name)

    def _varies(self) -> bool:
        """Return whether another run creates an object of another name."""
        there = self.new_others()
        again = self.start.first(new_console=True)

        def asked() -> Optional[str]:
            return again.calls.object_name if again.calls else None

        again.until(lambda: asked() or self.new_others() - there, MORE)
        varies = asked() not in (None, self.name) or bool(self.new_others() - there)
        again.kill()
        return varies

    def _has_none(self) -> None:
        """Report what became of a writer without an object, and start it over an existing one."""
        run, see, objects, did = self.run, self.see, self.calls.objects, self.run.doing()
        if self.questions and not run.program.ended():
            run.judge_silence(False)
            see.stop("W6")  # The answer that it waits for is unknown.
        if not run.program.traced and (run.program.ended() or any(said(run))):
            name = self._asks_for() if run.program.ended() else ""
            if name:
                self._judge_what_was_gone(name)
                return
            impossible = self._impossible_name()
            if impossible and not self.has_name():
                self.has_impossible(impossible)
            if not run.crashed and (impossible or not self.has_name()):
                see.stop(why="nothing shows which object it creates")
            if self._writes_whatever_it_gets():
                return
            if may_have_an_object(run.output):
                see.stop(why="nothing shows whether it creates its object")
        if not objects or not see.broken:
            see("W1.created", "whether it creates its object", True,
                self.calls.failed or did)
        if not self.over_existing(self.calls.object_name or "") or self.calls.failed:
            see.stop(*see.broken)

    def opens(self) -> None:
        """Check that its object is one page in the paging file (W1), unless it has ended by now."""
        if self.existing or not self.name:
            return
        try:
            self.mapping = self.host.open(self.name).map()
        except Win32Error as problem:
            if problem.code != 2:
                self.see("W1.page", "whether its object can be opened and mapped", True,
                         str(problem))
                self.see.stop("W1")
            if not self.run.program.traced and self.run.end(MORE):
                self._judge_what_was_gone(self.name)
            return
        size, kind = self.mapping.section()
        if self.see("W1.page", "size of the object, and whether it is in the paging file",
                    (PAGE, True), (size, kind == SEC_COMMIT)):
            self.known.give("page")
        if kind & SEC_RESERVE:  # Reserved pages cannot be read.
            self.over_existing(self.name)
