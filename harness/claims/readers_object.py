"""How a reader gets its object in its first run: which object it opens, and by which name."""
from __future__ import annotations

from typing import Optional, Tuple

from harness.claims.first_run import GRANULARITY, HIDDEN, ROOM, TOO_LONG, FirstRun
from harness.driver.contract import BUF_SIZE, encode
from harness.driver.errors import Win32Error
from harness.driver.win32.objects import Mapping
from harness.judge.calling import judge_object
from harness.judge.checks import Mine, See
from harness.judge.claims import READER
from harness.judge.patience import ASKS, MORE, STEP
from harness.judge.running import is_error
from harness.judge.starter import Starter
from harness.judge.words import quoted

ANOTHER = "Another message."


class ReadersObject(FirstRun):
    """The first run of a reader up to its object. `mapping` is the object for it to open; `roomy`
    says that it is larger than documented."""

    def __init__(self, start: Starter, see: See, known: Mine) -> None:
        self.name, self.roomy = start.words.name, False
        self.mapping: Optional[Mapping] = self._made(start, self.name)
        super().__init__(start, see, known)

    def _made(self, start: Starter, name: str) -> Mapping:
        mapping = start.host.create(name, ROOM if self.roomy else BUF_SIZE).map()
        for place in range(0, mapping.region, GRANULARITY):
            mapping.write(start.message, place)
        return mapping

    def _opens(self) -> bool:
        """Return whether its calls or its message box show that it has asked for an object."""
        objects = self.calls.objects
        return bool(objects and objects[0].result is not None or self.run.boxes())

    def gets_object(self) -> None:
        """Check that it opens the object with one call (R1), by the documented name (B3)."""
        run, see = self.run, self.see
        came = self.comes(self._opens)
        run.needs_its_dlls()
        if not run.program.traced and came:
            self._judge_its_own()
        elif not run.program.traced:
            came = self._asks_for_another()
        self.judge_questions()
        shown = run.boxes()
        if run.program.traced and shown and not self.calls.objects and self._holds():
            self.untraced(HIDDEN)
        asked = self.calls.object_name
        if asked and asked != self.name:
            see("B3.name", "name of the object", self.name, asked, READER, self.calls.objects[0])
            self._again(asked)
        judge_object(run, needs_name=came or run.program.ended())
        if self.calls.objects and not self.calls.objects[0].result:
            if not see.broken:
                see("R1.opened", "whether it gets the object", True, self.calls.failed)
            see.stop(*see.broken)
        if self.questions and not came and not run.program.ended():
            run.judge_silence(False)
            see.stop("R6")  # The answer that it waits for is unknown.
        if run.program.traced and not self.calls.objects:
            if self.calls.rests:
                see.stop(why=TOO_LONG)
            see("R1.opened", "whether it opens the object", True, run.doing())
            if not shown or self._ends_badly():
                see.stop("R1")
            shown_instead = self._shows_instead()
            if shown_instead is not None:
                see("R5.text", "text of the message box, which must be that in the memory",
                    quoted(ANOTHER), quoted(shown_instead))
            return
        if run.program.traced:
            see("R1.opened", "whether it opens the object", True, True)
            see("B3.name", "name of the object", self.start.words.name, self.calls.object_name,
                READER, self.calls.objects[0])
        if came:
            self.known.give("object", self.name)

    def _asks_for_another(self) -> bool:
        """Return whether it behaves differently once an object has another name from its file: then
        it asks for that name (B3), and now runs with it."""
        ended, outcome = self.run.program.status()
        if ended and not self.repeats_its_end():
            return False
        for name in self.other_names():
            try:
                mapping = self._made(self.start, name)
            except Win32Error:  # No object can have that name.
                if self.has_name():
                    continue
                self.has_impossible(name)
            again = self.start.first(new_console=True)
            again.until(again.boxes, STEP if ended else ASKS)
            if again.boxes() or ended and again.program.status() != (True, outcome):
                self.see("B3.name", "name of the object", self.name, name, READER)
                self.name, self.mapping, self.run.program = name, mapping, again.program
                return self._opens()
            mapping.close()
        return False

    def _judge_its_own(self) -> None:
        """Check a reader that shows a message box without opening the object: it may have created
        another one, or say that it found none (B3). It then runs with that."""
        wanted = self.name
        if self.has_it():
            return
        for name in sorted(self.new_objects()) or self.other_names():
            try:
                self.host.create(name, BUF_SIZE).close()
            except Win32Error:  # No object can have that name.
                if self.has_name() or not self._ends_badly():
                    continue
                self.has_impossible(name)
            self._again(name)
            if self._holds():
                self.see("B3.name", "name of the object", wanted, name, READER)
                return
        self._again(wanted)

    def has_it(self) -> bool:
        """Return whether it has the object open, or shows the message, which is nowhere else."""
        return self._holds() or self._shows_message()

    def _shows_message(self) -> bool:
        return any(self.start.words.message in (box.text or "") for box in self.run.boxes())

    def _reports_a_failure(self) -> bool:
        """Return whether its message box may report an error: it also shows one and ends as badly
        if it can map no view. Starts it again."""
        text, code = self._another_run()
        if not is_error(code):
            return False
        self.run.kill()
        if self.mapping:
            self.mapping.close()
        tiny = self.too_small(self.name)
        fails = self._another_run()
        tiny.close()
        self._again(self.name)
        return (text is None, code) == (fails[0] is None, fails[1])

    def _again(self, name: str) -> None:
        """Start it again, with the object under that name."""
        self.name = name
        if self.mapping:
            self.mapping.close()
        self.run.kill()
        try:
            self.mapping = self._made(self.start, name)
        except Win32Error:
            self._restart()
            self.run.until(self._opens)
            judge_object(self.run)
            self.has_impossible(name)
        self._restart()
        self.run.until(self._opens)

    def _holds(self) -> bool:
        """Return whether a process besides the check has the object open."""
        return bool(self.mapping and self.mapping.handles() > 1)

    def _shows_instead(self) -> Optional[str]:
        """Return the text that another run shows while the object has another message, or None."""
        assert self.mapping
        self.mapping.write(encode(ANOTHER + "\0", self.start.half.charset))
        return self._another_run()[0]

    def _another_run(self) -> Tuple[Optional[str], int]:
        """Return the text of the message box of another run, or None, and its exit code, or 0."""
        again = self.start.first(new_console=True)
        again.until(again.boxes)
        boxes = again.boxes()
        for box in boxes:
            again.program.answer(box)
        ended = again.end(MORE)
        again.kill()
        return boxes[0].text or "" if boxes else None, ended.code if ended else 0

    def _ends_badly(self) -> bool:
        """Return whether it ends with an error after its message box, which may then report one."""
        return is_error(self._another_run()[1])
