"""A running program with the checks that all its runs share."""
from __future__ import annotations

from typing import Callable, List, Optional, Tuple

from harness.driver.errors import HarnessError
from harness.driver.programs import Exit
from harness.driver.win32.boxes import Box
from harness.judge.claims import WRITER
from harness.judge.patience import CRASHES, MORE, STEP, Waiting
from harness.judge.words import printed, quoted, text_of

DLL_NOT_FOUND = 0xC0000135  #: STATUS_DLL_NOT_FOUND, as an exit code.
LINES = range(1, 4)  #: The number of empty lines that may have been written.
Screen = Tuple[str, int, int]
EMPTY = ("", 0, 0)  #: A console's screen without text.
WAITS, AT_ITS_END = "what it waits for before its end", "after its key was pressed"


def is_error(code: int) -> bool:
    """Return whether that is the exit code of a program that reports an error, not of a crash."""
    return bool(code) and code not in CRASHES


class Running(Waiting):
    """A program of a pair that runs in a host."""

    def needs_its_dlls(self) -> None:
        """Raise HarnessError if the system could not start it because a DLL is missing."""
        if self.program.status()[1].code == DLL_NOT_FOUND:
            raise HarnessError(f"{self.half.file} cannot be started here: one of its DLLs is not "
                               "installed. If it was built with Visual C++, install the Visual C++ "
                               "Redistributable, or link with /MT")

    def judge_silence(self, ended: bool) -> None:
        """Check that a run with object and view printed nothing (B4). Unless it has `ended`, it may
        still print something; a crash loses what it has not printed yet."""
        seen = self.program.status()[1]
        self.known.give("prints", seen.out.decode("latin-1"))
        if ended and not self.crashed or seen.out_total or seen.err_total:
            self.see("B4.silent", "output of a run that succeeds", quoted(""), printed(seen),
                     self.role, said=text_of(seen.out or seen.err))

    def judge_written(self, text: str, screen: Screen) -> None:
        """Report that it has written that text to its console, or only line ends (B4): its `screen`
        has changed. It may have moved the cursor elsewhere itself."""
        if text or screen[1] in LINES and not screen[2]:
            self.see("B4.silent", "what it writes to its console", quoted(""),
                     quoted(text) if text else "line ends", self.role, said=text)
        else:
            self.see.unable("nothing shows whether it has written to its console")

    def judge_end(self, what: str) -> Optional[Exit]:
        """Wait for its end, and check that it comes, the exit code and the order of the last calls
        (W7 or R6), and that nothing was printed (B4)."""
        claim = "W7" if self.role == WRITER else "R6"
        self.until(lambda: self.waiting)
        ended, calls = self.end(MORE + self.rest()), self.calls
        if ended and calls and calls.failed and not calls.waits:
            return ended  # It failed to get its object or its view.
        self.judge_silence(bool(ended))
        if not self.see(f"{claim}.end", what, "it ends", "it ends" if ended else self.doing(),
                        call=self.waiting):
            self.press(["Enter", "Escape", "q"])  # If this ends it, it prints its buffer.
            if self.end(MORE):
                self.judge_silence(True)
            return None
        assert ended
        self.see(f"{claim}.exit", f"exit code {what}", 0, ended.code)
        if calls and calls.views and calls.views[0].result:
            self.see(f"{claim}.order", f"order of {calls.what}, UnmapViewOfFile and CloseHandle",
                     [calls.what] * (calls.what in calls.order)
                     + ["UnmapViewOfFile(pBuf)", "CloseHandle(hMapFile)"], calls.order_at_end,
                     call=[*calls.pauses, calls.all[-1]][0])
        return ended

    def judge_haste(self, fact: str, seconds: float, again: Callable[[], float]) -> None:
        """Check that it waited for nothing else before its end, which took `seconds`. If that is
        slow, `again` times another run: the machine may have been busy. Once is enough, and so is a
        call that waited."""
        noted, calls = f"{self.role}.{fact}.slow", self.calls
        if calls and calls.pauses or self.known.known.noted(noted) or not self.is_slow(seconds):
            return
        seconds = min(seconds, again())
        if not self.see(fact, WAITS, "nothing", f"something else, for {seconds:.1f} s"
                        if self.is_slow(seconds) else "nothing"):
            self.known.known.note(noted)

    def boxes(self) -> List[Box]:
        """Return its open message boxes that can already be read."""
        return [box for box in self.program.boxes() if not box.hangs]

    def box(self, seconds: float = STEP) -> Optional[Box]:
        """Wait for its one message box, and check all but the text (R5). Return it, or None."""
        self.until(self.boxes, seconds)
        boxes = self.boxes()
        if not self.see("R5.box", "number of message boxes that are open", 1,
                        len(boxes) or f"0; {self.doing()}"):
            return None
        box = boxes[0]
        self.see("R5.title", "title of the message box", quoted(self.words.title),
                 quoted(box.title))
        self.see("R5.buttons", "buttons, icon and owner of the message box", ["OK"],
                 [button.label for button in box.buttons] + ["an icon"] * box.icon
                 + ["an owner"] * bool(box.owner))
        return box

    def shows(self, text: str, seconds: float = STEP) -> Optional[Box]:
        """Do the same, and check that the box has this text."""
        box = self.box(seconds)
        if box:
            self.see("R5.text", "text of the message box, which must be that in the memory",
                     quoted(text), quoted(box.text or ""))
        return box

    def answers(self, box: Box) -> bool:
        """Answer its message box, and check that no other one follows (R5); answer that, too.
        Return whether one does."""
        def others() -> List[Box]:
            return [one for one in self.program.boxes() if one.window != box.window]

        self.program.answer(box)
        self.until(others)
        more = others()
        if more:
            self.see("R5.box", "number of message boxes, one after the other", 1, "more than one")
        for one in more:
            self.program.answer(one)
        return bool(more)

    def shows_and_ends(self, text: str) -> None:
        """Check its message box, answer it, and check its end."""
        box = self.shows(text)
        if box:
            if self.answers(box) and self.until(self.boxes, MORE):
                return  # The answer that it waits for is unknown.
            if self.known.has("end"):
                self.judge_end("after its message box was answered")
            else:
                self.end(MORE)
