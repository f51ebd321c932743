"""The writer's first run, with its name free: what it makes, writes and waits for, and its end."""
from __future__ import annotations

import time
from typing import Callable, List, Tuple

from harness.claims.first_run import ASKS, HIDDEN, ROOM
from harness.claims.writers_object import STAYS, WritersObject
from harness.driver.win32.calls import Call
from harness.driver.win32.console import ENTER
from harness.judge.calls import KEY, LINE, bare
from harness.judge.checks import Mine, See, check
from harness.judge.claims import WRITER
from harness.judge.running import KEYS, MORE, STEP, Running
from harness.judge.starter import Starter
from harness.judge.verdict import HARMLESS
from harness.judge.words import message_words, quoted

#: The keys that are tried, one after the other.
TRIED = ("x", "Enter", "x", "Enter", "Escape", "q")


class WriterRun(WritersObject):
    """The first run of a writer, from its message on."""

    def writes(self) -> None:
        """W3, W5: into a view that it gets by one call."""
        run, see = self.run, self.see
        if not self.name:  # Nobody else can see what it does with its object.
            run.until(lambda: self.calls.waits or self.calls.failed)
            run.judge_view()
            return
        if not self.existing:
            run.until(lambda: self._content() or self.calls.asks() or self.calls.failed)
        if not self._content() and not run.until(self._content, MORE) and self._answers_more():
            return
        if not self._content() and run.program.traced and not self.calls.waits:
            self._answers_blindly_more()
        content = run.settles(self._content, self.start.message) if self._content() else b""
        if content and run.program.traced and not self.calls.views:
            self.untraced(HIDDEN)
        as_documented = run.judge_view()
        if self.calls.failed:
            if not see.broken:
                see("W3.gets", "whether it gets a view", True, self.calls.failed)
            self._over_existing_instead()
        elif content:
            charset = self.start.half.charset
            content += bytes(len(content) % 2 if charset == "unicode" else 0)
            if see("W5.message", *message_words(self.start.message, content, charset)):
                self.known.give("message")
            self.known.give("writes")
        elif self.existing:
            see.unable("nothing shows what it writes into an object of its own")
            if run.program.ended():
                see.stop(*see.broken)
        elif run.crashed or (self.mapping or not run.program.ended()) and not self._given_back():
            self._wrote_nothing(as_documented)

    def _over_existing_instead(self) -> None:
        """What it did not come to for want of a view may be seen over an object that exists."""
        if not self.over_existing(self.name):
            self.see.stop(*self.see.broken)
        self.writes()

    def _given_back(self) -> bool:
        """Whether its object was gone before anybody could open it: it gave it back too early."""
        return not self.mapping and (not self.run.program.traced or self.calls.order[:1]
                                     not in ([], [self.calls.what]))

    def _answers_more(self) -> bool:
        """Answer questions that stand between the object and the message. Whether the last of them
        was the wait for the key, at which it then is again: the message comes too late."""
        def inputs() -> List[Call]:
            return self.calls.questions + self.calls.keys

        for _ in range(3):
            asked = inputs()
            # What it waits for when it has given its object back is no question before the message.
            if self._content() or not self.calls.asks() or self._given_back():
                return False
            self.run.program.press(ENTER)
            self.run.until(lambda: self._content() or len(inputs()) > len(asked), MORE)
            if self._content():
                return self._wrote_late(asked, lambda: len(inputs()) > len(asked))
            if self.run.program.ended():
                self._comes_to_its_key()  # That was no question, but the wait for the key.
                return False
        return False

    def _comes_to_its_key(self) -> None:
        """Start it once more, up to where it waits for input."""
        name = self.name
        if self.mapping and not self.existing:
            self.mapping.close()
        self._restart()
        self.name = name
        self.run.until(lambda: self.calls.asks())
        self.opens()

    def _wrote_late(self, asked: List[Call], waits: Callable[[], bool]) -> bool:
        """Judge waits before the message. Where none follows, the last of them was that for the
        key, and the message comes too late; whether it does."""
        see, run = self.see, self.run
        if run.until(lambda: waits() or self.calls.order[1:], MORE) and waits():
            see("W6.question", "what it waits for before it writes its message", [],
                [call.name for call in asked], call=asked[0])
            self.known.give("asks", ["", len(asked)])
            return False
        see("W5.message", "message in the object while it waits for its key", "there", "nothing",
            call=asked[-1])
        run.judge_view()
        self._comes_to_its_key()
        return True

    def _answers_blindly_more(self) -> None:
        """Press Enter for a program that is at no wait that its calls would show: what it then
        writes was waited for, if its console shows that it has read a line."""
        run, see = self.run, self.see
        screen = run.program.screen()
        run.program.press(ENTER)
        run.until(self._content, ASKS)
        if run.program.screen() != screen:
            see("W6.question", "what it waits for before it writes its message", [],
                ["a line of input"])
            if not self._content():
                see.stop("W6")
            self.known.give("asks", ["", len(self.questions) + 1])
        elif self._content():
            see.unable("its message comes too late")
            see.stop()

    def _wrote_nothing(self, as_documented: bool) -> None:
        """Say what became of a program whose message nobody has seen."""
        see, run = self.see, self.run
        ended = run.program.ended()
        if not run.program.traced and ended and not run.program.status()[1].code:
            see.unable("nothing shows whether it gets a view")
        elif not run.program.traced and ended:
            see("W3.gets", "whether it gets a view and writes its message", True, run.doing())
            self._over_existing_instead()
        elif as_documented or not run.program.traced:
            see("W5.message", "message in the object", "there",
                f"nothing; {run.doing()}" if ended else "nothing")
        if run.crashed:
            see.stop(*see.broken)

    def waits(self) -> None:
        """W6, W7: for a key, with the object, the view and the handle as they are."""
        run, see = self.run, self.see
        run.until(lambda: self.calls.waits, STEP if run.program.traced else MORE)
        run.end(0.1)
        if self.mapping:
            # From here on the object is the writer's alone.
            self.mapping.close()
        if not see("W6.waits", "whether it waits for a key", True, not run.program.ended()):
            run.judge_end("at its end")
            see.stop("W6")
        if self.name and see("W7.stays", STAYS, True, self.host.exists(self.name)):
            self.known.give("wait")

    def _judge_wait(self, one_key: bool) -> None:
        """W6: the one function that it calls to wait. Where `one_key` was enough and no call was
        seen, that was no call of the program's own code, as in a thread that ends with it."""
        waits = self.calls.waits
        if not waits and one_key:
            self.see.unable("no call of its own shows how it waits for its key")
            return
        self.see("W6.function", "functions that it calls to wait for a key", ["_getch"],
                 ["_getch" if bare(call.name) in KEY else call.name for call in waits],
                 call=waits[-1] if waits else None)

    def goes_on(self) -> None:
        """W6: with any one key, without Enter and without an echo."""
        run, see = self.run, self.see
        there = bool(self.name) and self.host.exists(self.name)

        def has_gone_on() -> bool:
            # What it waits for after it has given something back is another matter (W7).
            calls = self.calls
            return run.program.ended() or there and not self.host.exists(self.name) or bool(
                calls.order[1:] or calls.has_gone_on() and not calls.asks())

        screen, began = self.judge_console(), time.monotonic()
        pressed: List[str] = []
        waits = self.calls.waits
        slow = run.program.traced and all(bare(call.name) in LINE for call in waits)
        for name in TRIED:
            known = len(self.calls.waits)
            pressed.append(name)
            run.program.press(KEYS[name])
            run.until(lambda: has_gone_on() or len(self.calls.waits) > known,
                      MORE if slow or pressed[1:] else STEP)
            if has_gone_on():
                break
        went, took = has_gone_on(), time.monotonic() - began
        self._judge_echo(screen, pressed)
        if run.program.traced:
            self._judge_wait(went and pressed == ["x"])
        see("W6.key", "keys that make it go on", "x", ", then ".join(pressed) if went else
            f"none of {', '.join(dict.fromkeys(pressed))}")
        if not went:
            run.judge_silence(False)
            see.stop("W6")
        if pressed == ["x"]:
            see("W6.key", "whether it reads the key that makes it go on", True,
                not run.program.unread(KEYS["x"]))
        if pressed == ["x"] and not waits and took > self._haste and self._ends_by_itself(took):
            see("W6.waits", "whether it waits for a key", True, False)
            see.stop("W6")
        self.known.give("keys", pressed)

    def _ends_by_itself(self, seconds: float) -> bool:
        """Whether another run, in which no key is pressed, ends after about so many seconds."""
        return bool(self._anew().end(seconds + self._haste))

    def _anew(self) -> Running:
        """Start it once more, with what it needs for its wait."""
        if self.existing:
            self.start.object(ROOM)
        return self.start()

    def _judge_echo(self, screen: Tuple[str, int, int], pressed: List[str]) -> None:
        """W6: what its console shows is the same, and the cursor is where it was."""
        after = self.run.program.screen()
        if pressed == ["x"]:
            old, new = (" ".join(one[0].split()) for one in (screen, after))
            self.see("W6.echo", "what the console shows when a key is pressed", "nothing new",
                     "nothing new" if after == screen else
                     quoted(new[len(old):]) if new != old else "the cursor moves")

    def _once_more(self) -> float:
        """How long another run takes from its key to its end, in seconds."""
        run = self._anew()
        run.until(lambda: not self.name or self.host.exists(self.name))
        run.until(lambda: run.calls and run.calls.waits)
        run.press(["x"])
        began = time.monotonic()
        run.end()
        return time.monotonic() - began

    def ends(self) -> None:
        """W7, B4: it gives back the view and the handle, and ends with 0, silently."""
        began = time.monotonic()
        if self.run.judge_end("after its key was pressed"):
            self._judge_haste(time.monotonic() - began)
            self.known.give("end")
            if not set(self.see.broken) - HARMLESS:
                self.known.give("right")


@check("B2.letters", "B3.name", "B4.silent", "W1.created", "W1.function", "W1.arguments", "W1.page",
       "W3.function", "W3.arguments", "W5.message", "W6.question", "W6.waits", "W6.function",
       "W6.key", "W6.echo", "W7.stays", "W7.end", "W7.exit", "W7.order", about=WRITER,
       needs="starts",
       gives="calls asks object existing page message writes wait console keys prints end right")
def test_the_writers_first_run(start: Starter, see: See, known: Mine) -> None:
    """It makes one page in the paging file, writes the message, waits for a key, unmaps and closes,
    and exits with 0."""
    run = WriterRun(start, see, known)
    run.gets_object()
    run.opens()
    run.writes()
    known.give("calls", run.run.program.traced)
    known.give("asks", ["", 0])
    run.waits()
    run.goes_on()
    run.ends()
