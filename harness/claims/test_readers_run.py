"""The reader's first run, with a message in the object: what it opens and shows, and its end."""
from __future__ import annotations

import re
import time
from typing import Optional

from harness.claims.first_run import HIDDEN, may_have_an_object
from harness.claims.readers_object import ReadersObject
from harness.driver.contract import OPEN_FAILED
from harness.driver.programs import Exit
from harness.driver.win32.boxes import Box
from harness.driver.win32.console import ENTER
from harness.judge.calling import judge_box_call, judge_view
from harness.judge.checks import Mine, See, check
from harness.judge.claims import READER
from harness.judge.patience import MORE
from harness.judge.running import is_error
from harness.judge.starter import Starter
from harness.judge.verdict import HARMLESS

HOLDS = "whether it still has the object open while it shows its message box"


class ReaderRun(ReadersObject):
    """The first run of a reader, from its message box on."""

    def shows(self) -> Optional[Box]:
        """Check that it maps a view (R3) and shows the text in the object in one message box (R5).
        Return the box."""
        run, see = self.run, self.see

        def decided() -> bool:
            return bool(run.boxes() or self.calls.asks() or self.calls.failed)

        run.until(decided)
        if self.calls.asks() and not run.until(run.boxes, MORE):
            asked = self.calls.all[-1]
            self.questions.append(asked.name)
            see("R6.end", "what it waits for before it shows its message box", [], [asked.name],
                call=asked)
            self.known.give("asks", ["", len(self.questions)])
            run.program.press(ENTER)
            run.until(lambda: run.boxes() or self.calls.failed)
        boxes = run.boxes()
        if boxes and run.program.traced and not self.calls.waits:
            self.untraced(HIDDEN)
        judge_view(run)
        if self.calls.failed and (run.end(MORE) or not self.calls.views[1:]):
            if not see.broken:
                see("R3.gets", "whether it gets a view", True, self.calls.failed)
            return self._shows_in_a_larger()
        if not run.program.traced and self._gets_no_view():
            return self.shows()
        boxes = run.boxes()
        ended, outcome = run.program.status()
        if not boxes and ended and self.calls.objects and not self.calls.views:
            see.stop(*see.broken)  # What it lacks follows from that.
        if not boxes and not run.program.traced and self._finds_out(ended, outcome):
            return self._shows_in_a_larger()
        if not self.roomy and (boxes or self.calls.views and self.calls.views[0].result):
            self.known.give("view")
        if not boxes:
            self._shows_nothing()
        judge_box_call(run)
        if not self.known.has("letters") or "B2" in see.broken:
            see.unable("its message box has the text of the other character set")
            return boxes[0]
        return run.shows(self.start.words.message) or boxes[0]

    def _shows_in_a_larger(self) -> Optional[Box]:
        """Start it again over a larger object, in case its view needs that. Return its box."""
        if self.roomy or "R3" not in self.see.broken:
            self.see.stop(*self.see.broken)
        self.roomy = True
        self._again(self.name)
        return self.shows()

    def _gets_no_view(self) -> bool:
        """Return whether a program without visible calls has failed because it got no view: over a
        larger object, with which it then runs, it shows the message."""
        did, code, boxes = self.run.doing(), self.run.program.status()[1].code, self.run.boxes()
        empty = any(not box.text for box in boxes)
        if self.roomy or self._shows_message() or not (
                empty or self._reports_a_failure() if boxes else is_error(code)):
            return False
        self.roomy = True
        self._again(self.name)
        if self._shows_message():
            self.known.give("object", self.name)
            self.see("R3.gets", "whether it gets a view and shows its message", True, did)
            return True
        self.roomy = False
        if boxes and not empty:
            self.see.stop(why="its message box may report a failure")
        self._again(self.name)
        return False

    def _finds_out(self, ended: bool, outcome: Exit) -> bool:
        """Return whether a program without visible calls or a message box failed because it got no
        view. If it ends in the same way without the object, it asked for none, or for another one.
        """
        if not ended and (outcome.out_total or outcome.err_total or self._holds()):
            return False
        if self.mapping:
            self.mapping.close()
        if self.start.first(new_console=True).end() != (outcome if ended else None):
            self.known.give("object", self.name)
        elif outcome.out.strip() == OPEN_FAILED.format(2).strip().encode():
            self.see("B3.name", "name of the object", self.name, "another one", READER)
            self.see.stop("B3")
        elif ended and is_error(outcome.code) and not self.has_name():
            self.see.stop(why="nothing shows which object it asks for")
        elif may_have_an_object(outcome):
            self.see.stop(why="nothing shows whether it opens the object")
        elif not ended or outcome.code:
            self.see("R1.opened", "whether it opens the object", True, self.run.doing())
            self.see.stop("R1")
        if not outcome.code or ended and not self._fails_so_without_a_view(outcome):
            return False
        self.see("R3.gets", "whether it gets a view and shows its message", True, self.run.doing())
        return True

    def _fails_so_without_a_view(self, outcome: Exit) -> bool:
        """Return whether it ends in this way, but for numbers, if it can map no view. If it says
        nothing at all, nothing shows what it lacks."""
        tiny = self.too_small(self.name)
        again = self.start.first(new_console=True)
        again.until(again.boxes)
        ended, fails = again.program.status()
        tiny.close()
        one, other = ((end.code, *(re.sub(rb"\d+", b"", text) for text in (end.out, end.err)))
                      for end in (fails, outcome))
        same = ended and one == other
        if same and is_error(outcome.code) and not outcome.out_total + outcome.err_total:
            self.see.stop(why="nothing shows whether it gets a view")
        return same

    def _shows_nothing(self) -> None:
        """Report what a reader does instead of showing a message box."""
        run, see = self.run, self.see
        ended, crashed = run.program.ended(), run.crashed
        if not crashed:
            run.judge_silence(ended)
        if not (crashed and {"R1", "R3"} & set(see.broken)):
            see("R5.box", "number of message boxes that are open", 1, f"0; {run.doing()}")
        if crashed:
            see.stop(*see.broken)
        if not ended and run.program.close_windows():
            run.judge_end("after its window was closed")  # It showed a window instead of a box.
            see.stop("R5")
        if not ended:
            see("R6.end", "without a message box", "it ends", run.doing(), call=run.waiting)
            run.program.press(ENTER)
            if not run.end(MORE):
                see.stop("R5")
        run.judge_end("without a message box")
        see.stop("R5")

    def ends(self, box: Box) -> None:
        """Check that it unmaps, closes and exits with 0 (R6), silently (B4)."""
        run, see = self.run, self.see
        self.judge_console()
        holds = self._holds()
        began = time.monotonic()
        if run.answers(box):
            began = time.monotonic()
            if run.until(run.boxes, MORE):
                see.stop("R5")  # The answer that it waits for is unknown.
        if self.known.has("letters") and not {"B2", "R5"} & set(see.broken) and not self.roomy:
            self.known.give("box")
        if run.judge_end("after its message box was answered"):
            took = time.monotonic() - began
            if not run.crashed:
                self.judge_console()
            self._judge_haste(took)
            self.known.give("end")
        if holds:
            see("R6.holds", HOLDS, True, True)
        elif not run.program.traced:
            self._has_closed_it(box)
        if not set(see.broken) - HARMLESS:
            self.known.give("right")

    def _once_more(self) -> float:
        """Return the seconds that another run takes from its message box to its end."""
        run = self.start()
        run.until(run.boxes)
        boxes = run.boxes()
        if boxes:
            run.program.answer(boxes[0])
        began = time.monotonic()
        run.end()
        return time.monotonic() - began

    def _has_closed_it(self, box: Box) -> None:
        """Find out why a reader at its box has no handle to the object: if it shows the text in
        the memory, it has closed it too early (R6); otherwise it may never have opened it (R5)."""
        if self._shows_instead() not in (None, box.text):
            self.see("R6.holds", HOLDS, True, False)


@check("B2.letters", "B3.name", "B4.silent", "R1.opened", "R1.function", "R1.arguments",
       "R3.function", "R3.arguments", "R5.box", "R5.text", "R5.title", "R5.buttons", "R5.function",
       "R6.end", "R6.exit", "R6.order", "R6.holds", about=READER, needs="starts",
       gives="calls asks others object view box prints end right")
def test_the_readers_first_run(start: Starter, see: See, known: Mine) -> None:
    """It opens the object, shows the message in one message box, unmaps and closes, and exits with
    0."""
    run = ReaderRun(start, see, known)
    with run.judged_so_far():
        run.gets_object()
        box = run.shows()
    if box:
        if not run.run.program.traced and run.has_it():
            see("R1.opened", "whether it opens the object", True, True)
            see("B3.name", "name of the object", start.words.name, run.name, READER)
        run.ends(box)
