"""The reader's first run, with a message in the object: what it opens and shows, and its end."""
from __future__ import annotations

import time
from typing import Optional

from harness.claims.first_run import HIDDEN, ROOM, FirstRun
from harness.driver.contract import BUF_SIZE, OPEN_FAILED, encode
from harness.driver.errors import Win32Error
from harness.driver.programs import Exit
from harness.driver.win32.objects import Mapping
from harness.driver.win32.boxes import Box
from harness.driver.win32.console import ENTER
from harness.judge.checks import Mine, See, check
from harness.judge.claims import READER
from harness.judge.running import CRASHES, MORE
from harness.judge.starter import Starter
from harness.judge.verdict import HARMLESS
from harness.judge.words import quoted

ANOTHER = "Another message."
GRANULARITY = 0x10000  #: A view begins at a multiple of so many bytes.


class ReaderRun(FirstRun):
    """The first run of a reader; `mapping` is the object that it is to open, and `roomy` whether
    that is larger than documented."""

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
        """Whether its calls or its message box show that it has asked for an object."""
        objects = self.calls.objects
        return bool(objects and objects[0].result is not None or self.run.boxes())

    def gets_object(self) -> None:
        """R1, B3: it opens the object, by one call, and under the documented name."""
        run, see = self.run, self.see
        came = self.comes(self._opens)
        run.needs_its_dlls()
        if not came and not run.program.traced and run.program.ended():
            came = self._asks_for_another()
        self.judge_questions()
        shown = run.boxes()
        if run.program.traced and shown and not self.calls.objects and self._holds():
            self.untraced(HIDDEN)
        asked = self.calls.object_name
        if asked and asked != self.name and not self.calls.objects[0].result:
            see("B3.name", "name of the object", self.name, asked, READER, self.calls.objects[0])
            self._again(asked, "B3")
        run.judge_object(needs_name=came or run.program.ended())
        if self.calls.objects and not self.calls.objects[0].result:
            if not see.broken:
                see("R1.opened", "whether it gets the object", True, self.calls.failed)
            see.stop(*see.broken)
        if self.questions and not came and not run.program.ended():
            see.stop("R6")  # Nobody knows what it wants to be told.
        if run.program.traced and not self.calls.objects:
            see("R1.opened", "whether it opens the object", True, run.doing())
            if not shown:
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
        """Whether it does otherwise once there is an object of another name that is in its file:
        then it asks for that one (B3), with which it now runs."""
        outcome = self.run.program.status()[1]
        if not self.repeats_its_end():
            return False
        for name in self.other_names():
            try:
                mapping = self._made(self.start, name)
            except Win32Error:  # Nobody can have an object of that name.
                if self.has_name():
                    continue
                self.see("B3.name", "name of the object", self.name, name, READER)
                self.see.stop()
            again = self.start.first(new_console=True)
            again.until(again.boxes)
            if again.boxes() or again.program.status() != (True, outcome):
                self.see("B3.name", "name of the object", self.name, name, READER)
                self.name, self.mapping, self.run.program = name, mapping, again.program
                return self._opens()
            mapping.close()
        return False

    def _again(self, name: str, broken: str) -> None:
        """Start it once more, with the object under that name, because of a broken claim."""
        self.name = name
        if self.mapping:
            self.mapping.close()
        self.run.program.terminate()
        self.run.end()
        try:
            self.mapping = self._made(self.start, name)
        except Win32Error:
            self.run.judge_object()
            self.see.stop(broken)  # Nobody can have an object of that name.
        self._restart()
        self.run.until(self._opens)

    def shows(self) -> Optional[Box]:
        """R3, R5: the text that is in the object, in one message box."""
        run, see = self.run, self.see

        def decided() -> bool:
            return bool(run.boxes() or self.calls.asks() or self.calls.failed)

        run.until(decided)
        if self.calls.asks():
            run.until(run.boxes, MORE)
        boxes = run.boxes()
        if boxes and run.program.traced and not self.calls.waits:
            self.untraced(HIDDEN)
        run.judge_view()
        if self.calls.failed and (run.end(MORE) or not self.calls.views[1:]):
            if not see.broken:
                see("R3.gets", "whether it gets a view", True, self.calls.failed)
            return self._shows_in_a_larger()
        ended, outcome = run.program.status()
        if not boxes and not run.program.traced and self._finds_out(ended, outcome):
            return self._shows_in_a_larger()
        if boxes or self.calls.views and self.calls.views[0].result:
            self.known.give("view")
        if not boxes:
            self._shows_nothing()
        run.judge_box_call()
        if not self.known.has("letters") or "B2" in see.broken:
            see.unable("its message box has the text of the other character set")
            return boxes[0]
        return run.shows(self.start.words.message) or boxes[0]

    def _shows_in_a_larger(self) -> Optional[Box]:
        """What it shows where there is more than a page for a view that it did not get."""
        if self.roomy or "R3" not in self.see.broken:
            self.see.stop(*self.see.broken)
        self.roomy = True
        self._again(self.name, "R3")
        return self.shows()

    def _finds_out(self, ended: bool, outcome: Exit) -> bool:
        """No call and no box says what it has opened. Without the object it ends in the same way if
        it has asked for none, or for another one; else it failed for want of a view. Whether it
        did."""
        if not ended and (outcome.out_total or outcome.err_total or self._holds()):
            return False
        if self.mapping:
            self.mapping.close()
        if ended and self.start.first(new_console=True).end() != outcome:
            self.known.give("object", self.name)
        elif outcome.out.strip() == OPEN_FAILED.format(2).strip().encode():
            self.see("B3.name", "name of the object", self.name, "another one", READER)
            self.see.stop("B3")
        elif ended and outcome.code and outcome.code not in CRASHES and not self.has_name():
            self.see.unable("nothing shows which object it asks for")
            self.see.stop()
        elif not ended or outcome.code:
            self.see("R1.opened", "whether it opens the object", True, self.run.doing())
            self.see.stop("R1")
        if outcome.code:
            self.see("R3.gets", "whether it gets a view and shows its message", True,
                     self.run.doing())
        return bool(outcome.code)

    def _shows_nothing(self) -> None:
        """Say what a reader does that shows no message box."""
        run, see = self.run, self.see
        ended, crashed = run.program.ended(), run.crashed
        if not crashed:
            run.judge_silence(ended)
        if not (crashed and {"R1", "R3"} & set(see.broken)):
            see("R5.box", "number of message boxes that are open", 1, f"0; {run.doing()}")
        if crashed:
            see.stop(*see.broken)
        if not ended and run.program.close_windows():
            run.judge_end("after its window was closed")  # It showed that instead of a box.
            see.stop("R5")
        if not ended:
            see("R6.end", "without a message box", "it ends", run.doing(),
                call=self.calls.all[-1] if self.calls.asks() else None)
            run.program.press(ENTER)
            if not run.end(MORE):
                see.stop("R5")
        run.judge_end("without a message box")
        see.stop("R5")

    def ends(self, box: Box) -> None:
        """R6, B4: it gives back the view and the handle, and ends with 0, silently."""
        run, see = self.run, self.see
        self.judge_console()
        holds = self._holds()
        run.program.answer(box)
        if self._another(box):
            see("R5.box", "number of message boxes, one after the other", 1, "more than one")
            if run.until(run.boxes, MORE):
                see.stop("R5")  # Nobody knows what it wants to be told.
        if self.known.has("letters") and not {"B2", "R5"} & set(see.broken) and not self.roomy:
            self.known.give("box")
        began = time.monotonic()
        if run.judge_end("after its message box was answered"):
            self._judge_haste(time.monotonic() - began)
            self.known.give("end")
        if not holds and not see.broken and not run.program.traced:
            self._has_closed_it()
        if not set(see.broken) - HARMLESS:
            self.known.give("right")

    def _holds(self) -> bool:
        """Whether another process than the check has the object open."""
        return bool(self.mapping and self.mapping.handles() > 1)

    def _another(self, first: Box) -> bool:
        """Whether a second box opens instead of an end; it is then answered."""
        program = self.run.program
        self.run.until(lambda: [box for box in program.boxes() if box.window != first.window])
        others = [box for box in program.boxes() if box.window != first.window]
        for box in others:
            program.answer(box)
        return bool(others)

    def _once_more(self) -> float:
        """How long another run takes from its message box to its end, in seconds."""
        run = self.start()
        run.until(run.boxes)
        boxes = run.boxes()
        if boxes:
            run.program.answer(boxes[0])
        began = time.monotonic()
        run.end()
        return time.monotonic() - began

    def _shows_instead(self) -> Optional[str]:
        """The text that another run shows while another message is in the object; None where it
        shows none."""
        assert self.mapping
        self.mapping.write(encode(ANOTHER + "\0", self.start.half.charset))
        again = self.start.first(new_console=True)
        again.until(again.boxes)
        return next((box.text or "" for box in again.boxes()), None)

    def _has_closed_it(self) -> None:
        """Find out why a reader at its box has no handle to the object: one that shows what is in
        the memory has closed it too early (R6), any other may never have opened it (R5)."""
        if self._shows_instead() == ANOTHER:
            self.see("R6.holds", "whether it still has the object open while it shows its message "
                     "box", True, False)


@check("B2.letters", "B3.name", "B4.silent", "R1.opened", "R1.function", "R1.arguments",
       "R3.function", "R3.arguments", "R5.box", "R5.text", "R5.title", "R5.buttons", "R5.function",
       "R6.end", "R6.exit", "R6.order", about=READER, needs="starts",
       gives="calls asks object view box prints end right")
def test_the_readers_first_run(start: Starter, see: See, known: Mine) -> None:
    """It opens the object, shows the message in one message box, unmaps and closes, and exits with
    0."""
    run = ReaderRun(start, see, known)
    run.gets_object()
    known.give("asks", ["", 0])
    box = run.shows()
    known.give("calls", run.run.program.traced)
    if box:
        if not run.run.program.traced:
            see("R1.opened", "whether it opens the object", True, True)
            see("B3.name", "name of the object", start.words.name, run.name, READER)
        run.ends(box)
