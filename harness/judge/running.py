"""A running program with what the checks need: waits with time limits, and shared checks."""
from __future__ import annotations

import time
from typing import Callable, List, Optional

from harness.driver.errors import CallsLost, Expired, HarnessError
from harness.driver.host import Host
from harness.driver.pair import Half
from harness.driver.programs import Exit, Program
from harness.driver.win32.boxes import Box
from harness.driver.win32.calls import Call
from harness.driver.win32.console import ENTER, ESCAPE, LETTER, Key
from harness.driver.waiting import DEADLINE, deadlines, wait_for
from harness.judge.calls import Calls
from harness.judge.checks import PACE, Mine, See
from harness.judge.claims import WRITER
from harness.judge.words import doing, printed, quoted, text_of

KEYS = {"x": LETTER, "Enter": ENTER, "Escape": ESCAPE, "q": Key(0x51, ord("q"))}
#: The time limit of a step, as a multiple of the time that a small program then takes from start to
#: end (TIMES). Once a wait for a program was in vain, its other runs get AGAIN seconds, and then a
#: smaller multiple (TIMES_AGAIN).
TIMES, TIMES_AGAIN, AGAIN = 20.0, 10.0, 1.0
#: How often a busy machine extends the time limit.
PATIENCE = 3
#: Seconds: for a step of a program, scaled to this machine by `deadlines`; after which a program
#: without an object may be waiting for input; and to see that a program does nothing more.
STEP, ASKS, MORE = DEADLINE, 1.0, 0.3
#: A program that waits for nothing ends within so many seconds and small programs' times.
HASTE, HASTES = 0.5, 5.0
#: Seconds for which a program that writes in several steps may pause: if its calls show no pause,
#: and if they do or cannot be seen.
QUIET, QUIETER = 1.5, 3.0
DLL_NOT_FOUND = 0xC0000135  #: STATUS_DLL_NOT_FOUND, as an exit code.
#: Exit codes of exceptions: the system's, and 0xE… of C++ and .NET.
CRASHES = range(0x80000000, 0xF0000000)
EMPTY = ("", 0, 0)  #: A console's screen without text.
WAITS, AT_ITS_END = "what it waits for before its end", "after its key was pressed"


def is_error(code: int) -> bool:
    """Return whether that is the exit code of a program that reports an error, not of a crash."""
    return bool(code) and code not in CRASHES


class Running:
    """A program of a pair that runs in a host."""

    def __init__(self, host: Host, half: Half, known: Mine, see: See, program: Program) -> None:
        self.host, self.half, self.role, self.words = host, half, known.role, known.words
        self.known, self.see, self.program = known, see, program
        self.asked = b""  #: The printed text of a question that was answered.
        self.lasted = 0.0  #: Seconds from its start to its end, once that was seen.
        self._began = time.monotonic()

    @property
    def calls(self) -> Optional[Calls]:
        """Return its calls so far, or None if they cannot be seen."""
        if not self.program.traced:
            return None
        try:
            return Calls(self.program.calls(pauses=True), self.role, self.words.name,
                         self.half.own_runtime)
        except CallsLost:
            self.program.traced = False
            self.see.unable("it makes more calls than the tracer can record")
            return None

    def end(self, seconds: float = STEP) -> Optional[Exit]:
        """Return how it ended, or None if it still runs after that many seconds."""
        self.until(self.program.ended, seconds)
        ended, outcome = self.program.status()
        return outcome if ended else None

    def kill(self) -> None:
        """End it as a crash would."""
        self.program.terminate()
        self.end()

    def until(self, look: Callable[[], object], seconds: float = STEP,
              since: Optional[float] = None) -> bool:
        """Wait until `look` holds, the program ends or time is up: `seconds` from now, or from an
        earlier moment. Return whether `look` holds."""
        try:
            return self._until(look, seconds, since)
        finally:
            if not self.lasted and self.program.ended():
                self.lasted = time.monotonic() - self._began

    def _until(self, look: Callable[[], object], seconds: float, since: Optional[float]) -> bool:
        hung, began = self.known.known.noted(f"{self.role}.hung"), since or time.monotonic()
        left = AGAIN if hung and seconds == STEP else seconds
        if since:
            left = min(left, deadlines.step) - (time.monotonic() - since) / deadlines.scale
        for _ in range(PATIENCE):
            try:
                wait_for(look, "something", str, left, self.program.ended)
                return True
            except Expired:
                if self.program.ended() or seconds < ASKS:
                    return False
            # On a busy machine, the small program that is timed now is just as slow.
            least = self.host.pace() * (
                seconds / PACE if seconds != STEP else TIMES_AGAIN if hung else TIMES)
            left = least - (time.monotonic() - began) / deadlines.scale
            if left <= 0.0:
                break
        if seconds == STEP:
            self.known.known.note(f"{self.role}.hung")
        return bool(look())

    def settles(self, read: Callable[[], bytes], wanted: bytes) -> bytes:
        """Return what `read` returns once it is `wanted`, or the program waits for input, or it
        stays the same for longer than a pause."""
        known, noted = self.known.known, f"{self.role}.pause"
        before = known.noted(noted)
        last, since, pause = read(), time.monotonic(), float(before or 0)

        def settled() -> bool:
            nonlocal last, since, pause
            seen, calls = read(), self.calls
            if seen != last:
                pause = max(pause, time.monotonic() - since)
                last, since = seen, time.monotonic()
            quiet = QUIETER if (calls.rests if calls else before is None) else QUIET
            return seen == wanted or bool(calls and calls.asks()) \
                or time.monotonic() - since > max(quiet, 1.5 * pause)

        self.until(settled)
        known.note(noted, str(pause))
        return last

    @property
    def crashed(self) -> bool:
        """Return whether an exception has ended it."""
        return self.program.status()[1].code in CRASHES

    @property
    def output(self) -> Exit:
        """Return its output so far, without a question that it is known to ask first."""
        seen = self.program.status()[1]
        out = seen.out[len(self.asked):] if seen.out.startswith(self.asked) else seen.out
        return Exit(seen.code, out, seen.err, seen.out_total, seen.err_total, seen.over)

    def doing(self) -> str:
        """Describe what it is doing."""
        return doing(self.program, self.waiting)

    @property
    def waiting(self) -> Optional[Call]:
        """Return the call in which it visibly waits, if any."""
        calls = self.calls
        return calls.waiting if calls else None

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

    def judge_written(self, text: str) -> None:
        """Report that it has written that text to its console, or only moved the cursor (B4)."""
        self.see("B4.silent", "what it writes to its console", quoted(""),
                 quoted(text) if text else "nothing but a move of the cursor", self.role, said=text)

    def judge_end(self, what: str) -> Optional[Exit]:
        """Wait for its end, and check that it comes, the exit code and the order of the last calls
        (W7 or R6), and that nothing was printed (B4)."""
        claim = "W7" if self.role == WRITER else "R6"
        self.until(lambda: self.calls and self.calls.asks())
        ended, calls = self.end(MORE), self.calls
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

    def is_slow(self, seconds: float) -> bool:
        """Return whether a program that waits for nothing would not take so long, on this machine
        as it was at first and as it is now."""
        return seconds > HASTE + HASTES * self.known.known.pace \
            and seconds > HASTE + HASTES * self.host.pace()

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

    def press(self, keys: List[str]) -> None:
        """Press the keys with these names."""
        for name in keys:
            self.program.press(KEYS[name])
