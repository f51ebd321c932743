"""A program at work: what checks ask of it besides what any program can tell."""
from __future__ import annotations

import time
from typing import Callable, List, Optional, Tuple

from harness.driver.win32.codes import exit_code
from harness.driver.errors import CallsLost, Expired, HarnessError
from harness.driver.host import Host
from harness.driver.pair import Half
from harness.driver.programs import Exit, Program
from harness.driver.win32.boxes import Box
from harness.driver.win32.console import ENTER, ESCAPE, LETTER, SPACE, Key
from harness.driver.waiting import DEADLINE, deadlines, wait_for
from harness.judge.calls import Calls, bare
from harness.judge.checks import Mine, See
from harness.judge.claims import WRITER
from harness.judge.words import printed, quoted, text_of

KEYS = {"x": LETTER, "Enter": ENTER, "Escape": ESCAPE, "Space": SPACE, "q": Key(0x51, ord("q"))}
#: A step is waited for until it has taken so many times as long as a small program takes at that
#: moment from its start to its end; and, once a program was seen not to come to one, so many times
#: in its other runs, which are first waited for so many seconds.
TIMES, TIMES_AGAIN, AGAIN = 20.0, 10.0, 1.0
#: How often more time is given because the machine has become busy.
PATIENCE = 3
#: Seconds: for a step of a program, which `deadlines` fits to this machine; and for what only shows
#: that it does not do more.
STEP, MORE = DEADLINE, 0.3
DLL_NOT_FOUND = 0xC0000135  #: STATUS_DLL_NOT_FOUND, as an exit code.
#: Exit codes of exceptions: those of the system, and 0xE… of C++ and .NET.
CRASHES = range(0x80000000, 0xF0000000)


class Running:
    """A program of a pair that was started in a host."""

    def __init__(self, host: Host, half: Half, known: Mine, see: See, program: Program) -> None:
        self.host, self.half, self.role, self.words = host, half, known.role, known.words
        self.known, self.see, self.program = known, see, program
        self.asked = b""  #: The words of a question that was answered.

    @property
    def calls(self) -> Optional[Calls]:
        """Its calls so far, or None where they cannot be seen."""
        if not self.program.traced:
            return None
        try:
            return Calls(self.program.calls(), self.role, self.words.name,
                         self.half.own_runtime)
        except CallsLost:
            self.program.traced = False
            self.see.unable("it makes more calls than can be noted")
            return None

    def end(self, seconds: float = STEP) -> Optional[Exit]:
        """How it ended, or None where it goes on for so long."""
        self.until(self.program.ended, seconds)
        ended, outcome = self.program.status()
        return outcome if ended else None

    def until(self, look: Callable[[], object], seconds: float = STEP) -> bool:
        """Wait until `look` is true, or the program has ended, or time is up; whether it is."""
        hung, began = self.known.known.hangs(self.role), time.monotonic()
        left = AGAIN if hung and seconds == STEP else seconds
        for _ in range(PATIENCE):
            try:
                wait_for(look, "something", str, left, self.program.ended)
                return True
            except Expired:
                if self.program.ended() or seconds != STEP:
                    return False
            # A program that could run had as much of the processor as the one that is timed now.
            least = (TIMES_AGAIN if hung else TIMES) * self.host.pace()
            left = least - (time.monotonic() - began) / deadlines.scale
            if left <= 0.0:
                break
        self.known.known.hung(self.role)
        return bool(look())

    def settles(self, read: Callable[[], bytes], wanted: bytes) -> bytes:
        """What `read` returns once that is what is wanted, or stays as it is for a while: it may be
        seen in the middle of its copying."""
        last, since = read(), time.monotonic()

        def settled() -> bool:
            nonlocal last, since
            seen = read()
            if seen != last:
                last, since = seen, time.monotonic()
            return seen == wanted or time.monotonic() - since > MORE

        self.until(settled)
        return last

    @property
    def crashed(self) -> bool:
        """Whether an exception has ended it."""
        ended, outcome = self.program.status()
        return ended and outcome.code in CRASHES

    @property
    def output(self) -> Exit:
        """What it has printed so far, without a question that it is known to ask first."""
        seen = self.program.status()[1]
        out = seen.out[len(self.asked):] if seen.out.startswith(self.asked) else seen.out
        return Exit(seen.code, out, seen.err, seen.out_total, seen.err_total, seen.over)

    def doing(self) -> str:
        """Whether it has ended and how, and what it has printed and shows."""
        ended, seen = self.program.status()
        did = f"it ended with {exit_code(seen.code)}" if ended else "it still runs"
        boxes = [f"a message box says {quoted(box.text or '')}" for box in self.program.boxes()]
        calls = self.calls
        waits = [f"waits in {calls.all[-1].name}"] if calls and calls.asks() else []
        said = [f"has printed {printed(seen)}"] if seen.out_total or seen.err_total else \
            ["has printed nothing"] * (not boxes)
        return ", ".join([did, *waits, *boxes, *said])

    def needs_its_dlls(self) -> None:
        """Raise HarnessError where the system could not start it for want of a DLL."""
        if self.program.status()[1].code == DLL_NOT_FOUND:
            raise HarnessError(f"{self.half.file} cannot be started here: one of its DLLs is not "
                               "installed. If it was built with Visual C++, install the Visual C++ "
                               "Redistributable, or link with /MT")

    @property
    def documented(self) -> Tuple[str, str]:
        """The claim about its getting the object, and the function for it."""
        return ("W1", "CreateFileMapping") if self.role == WRITER else ("R1", "OpenFileMapping")

    def judge_object(self, needs_name: bool = True) -> None:
        """Judge the one call that gets the object: its function, character set and arguments (W1
        or R1), and the name that it gives (B3)."""
        calls, (claim, function) = self.calls, self.documented
        if not calls or not (calls.objects or needs_name):
            return
        last = calls.objects[-1] if calls.objects else None
        if not self.see(f"{claim}.function", "functions that it calls to get the object",
                        [function], [bare(call.name) for call in calls.objects], call=last):
            return
        call = calls.objects[0]
        self._letter(call.name, function)
        self.see("B3.name", "name of the object", self.words.name, calls.object_name, self.role,
                 call)
        self.see(f"{claim}.arguments", *calls.compare(call), call=call)

    def judge_view(self) -> bool:
        """Judge the one call that gets the view; whether it is as documented."""
        calls, claim = self.calls, "W3" if self.role == WRITER else "R3"
        if not calls or not calls.objects or not calls.objects[0].result:
            return False
        last = calls.views[-1] if calls.views else None
        return self.see(f"{claim}.function", "functions that it calls to get the view",
                        ["MapViewOfFile"], [bare(call.name) for call in calls.views],
                        call=last) and self.see(
            f"{claim}.arguments", *calls.compare(calls.views[0]), call=calls.views[0])

    def _letter(self, name: str, function: str) -> None:
        letter = "W" if self.half.charset == "unicode" else "A"
        self.see("B2.letters", f"{function} of the program's character set", function + letter,
                 name, self.role)

    def judge_box_call(self) -> None:
        """Judge the one call that shows the message (R5)."""
        calls = self.calls
        if calls and calls.waits and self.see(
                "R5.function", "functions that it calls to show the message", ["MessageBox"],
                [bare(call.name) for call in calls.waits], call=calls.waits[-1]):
            call = calls.waits[0]
            self._letter(call.name, "MessageBox")
            if call.name.endswith("W") == (self.half.charset == "unicode"):
                self.see("R5.function", "arguments of MessageBox",
                         f'{call.name}(NULL, pBuf, "{self.words.title}", MB_OK)', calls.box(),
                         call=call)

    def judge_silence(self, ended: bool) -> None:
        """Judge what a run has printed that got its object and its view (B4); one that goes on may
        still print something."""
        seen = self.program.status()[1]
        self.known.give("prints", seen.out.decode("latin-1"))
        if ended or seen.out_total or seen.err_total:
            self.see("B4.silent", "output of a run that succeeds", quoted(""), printed(seen),
                     self.role, said=text_of(seen.out or seen.err))

    def judge_end(self, what: str) -> Optional[Exit]:
        """Wait for its end and judge it (W7 or R6): that it comes, its exit code, the order of its
        last calls, and that nothing was printed (B4)."""
        claim = "W7" if self.role == WRITER else "R6"
        self.until(lambda: self.calls and self.calls.asks())
        ended, calls = self.end(MORE), self.calls
        if ended and calls and calls.failed and not calls.waits:
            return ended  # It got no object or no view, and did what it does then.
        self.judge_silence(bool(ended))
        if not self.see(f"{claim}.end", what, "it ends", "it ends" if ended else self.doing(),
                        call=calls.all[-1] if calls and calls.asks() else None):
            self.program.press(ENTER)  # Its buffer is printed if that ends it.
            if self.end(MORE):
                self.judge_silence(True)
            return None
        assert ended
        self.see(f"{claim}.exit", f"exit code {what}", 0, ended.code)
        if calls and calls.views and calls.views[0].result:
            self.see(f"{claim}.order", f"order of {calls.what}, UnmapViewOfFile and CloseHandle",
                     [calls.what] * (calls.what in calls.order)
                     + ["UnmapViewOfFile(pBuf)", "CloseHandle(hMapFile)"], calls.order,
                     call=calls.all[-1])
        return ended

    def boxes(self) -> List[Box]:
        """Its open message boxes, as far as they can be read by now."""
        return [box for box in self.program.boxes() if not box.hangs]

    def box(self, seconds: float = STEP) -> Optional[Box]:
        """Its one message box, judged (R5) but for its text; None where there is none."""
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
        """The same, whose text must be that one."""
        box = self.box(seconds)
        if box:
            self.see("R5.text", "text of the message box, which must be that in the memory",
                     quoted(text), quoted(box.text or ""))
        return box

    def shows_and_ends(self, text: str) -> None:
        """Judge its message box, answer it, and judge its end."""
        box = self.shows(text)
        if box:
            self.program.answer(box)
            if self.known.has("end"):
                self.judge_end("after its message box was answered")
            else:
                self.end(MORE)

    def press(self, keys: List[str]) -> None:
        """Press these keys, by name."""
        for name in keys:
            self.program.press(KEYS[name])
