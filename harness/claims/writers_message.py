"""How a writer writes its message in its first run, and what it waits for before that."""
from __future__ import annotations

from typing import Callable, List, Optional

from harness.claims.first_run import HIDDEN, PAGE
from harness.claims.writers_object import WritersObject
from harness.claims.writers_unseen import NO_VIEW, said
from harness.driver.win32.calls import Call
from harness.driver.win32.console import ENTER
from harness.judge.calling import judge_view
from harness.judge.patience import ASKS, MORE
from harness.judge.words import message_words


class WritersMessage(WritersObject):
    """The first run of a writer up to its message."""

    def writes(self) -> None:
        """Check that it gets a view with one call (W3) and writes its message into it (W5)."""
        run, see = self.run, self.see
        if not self.name:  # Without a name, no check can look into its object.
            run.until(lambda: self.calls.waits or self.calls.failed)
            judge_view(run)
            if self.calls.failed:
                see.stop(*see.broken)
            return
        if not self.existing:
            run.until(lambda: self._content() or self.calls.asks() or self.calls.failed)
            if not run.until(self._content, MORE) and self._answers_more():
                return
        if not self._content() and not self.calls.waits and (
                self._answers_blindly_more() if run.program.traced else self._writes_after_enter()):
            return
        content = run.settles(self._content, self.start.message) if self._content() else b""
        if content and run.program.traced and not self.calls.views:
            self.untraced(HIDDEN)
        # It may have refused an existing object before it mapped a view.
        as_documented = not (self.existing and not self.calls.views) and judge_view(run)
        if run.program.ended() and self.calls.objects and not self.calls.views:
            see.stop(*see.broken)  # What it lacks follows from that.
        if self.calls.failed:
            if not see.broken:
                see("W3.gets", "whether it gets a view", True, self.calls.failed)
            self._over_existing_instead()
        elif content:
            charset = self.start.half.charset
            content += bytes(len(content) % 2 if charset == "unicode" else 0)
            see("W5.message", *message_words(self.start.message, content, charset))
            if any(self.mapping.read(PAGE) if self.mapping else b""):
                self.known.give("writes")
                if not self.existing:  # That one may be larger than documented.
                    self.known.give("view")
        elif self.existing:
            see.unable("nothing shows what it writes into its own object")
            if run.program.ended() or "W3" not in see.broken:
                see.stop(*see.broken)
        elif self._given_back():
            pass
        elif self.mapping or not run.program.ended():
            self._wrote_nothing(as_documented)
        elif run.crashed:
            see.stop(*see.broken, why="it crashes before its object can be opened")

    def _over_existing_instead(self) -> None:
        """Check it over an existing object instead: it got no view of its own."""
        if not self.over_existing(self.name):
            self.see.stop(*self.see.broken)
        self.writes()

    def _given_back(self) -> bool:
        """Return whether it gave its object back before the check could open it: too early."""
        return not self.mapping and (not self.run.program.traced or self.calls.order[:1]
                                     not in ([], [self.calls.what]))

    def _answers_more(self) -> bool:
        """Answer questions between the object and the message. Return whether the last one was the
        wait for the key, which it has then reached again: the message comes too late."""
        def inputs() -> List[Call]:
            return self.calls.questions + self.calls.keys

        for _ in range(3):
            asked = inputs()
            # After it has given its object back, a wait is no question before the message.
            if self._content() or not self.calls.asks() or self._given_back():
                return False
            self.run.program.press(ENTER)
            self.run.until(lambda: self._content() or len(inputs()) > len(asked), MORE)
            if self._content():
                return self._wrote_late(asked, lambda: len(inputs()) > len(asked))
            if self.run.program.ended() or self.calls.order[1:]:
                self._comes_to_its_key()  # That was the wait for the key, not a question.
                return False
        return False

    def _comes_to_its_key(self) -> None:
        """Start it again, and wait until it waits for input."""
        name = self.name
        if self.mapping and not self.existing:
            self.mapping.close()
        self._restart()
        self.name = name
        self.run.until(lambda: self.calls.asks() if self.run.program.traced else
                       self.host.exists(name))
        self.opens()

    def _wrote_late(self, asked: List[Call], waits: Callable[[], bool]) -> bool:
        """Check the waits before the message. If none follows it, the last one was the wait for the
        key: the message is too late. Return whether it is."""
        see, run = self.see, self.run
        if run.until(lambda: waits() or self.calls.order[1:], MORE) and waits():
            see("W6.question", "what it waits for before it writes its message", [],
                [call.name for call in asked], call=asked[0])
            self.known.give("asks", ["", len(asked)])
            return False
        self._is_late(asked[-1])
        return True

    def _is_late(self, wait: Optional[Call] = None) -> None:
        """Report that the message comes after the wait for the key, and return to that wait."""
        self.see("W5.message", "message in the object while it waits for its key", "there",
                 "nothing", call=wait)
        judge_view(self.run)
        self._comes_to_its_key()

    def _writes_after_enter(self) -> bool:
        """Press Enter for a program without visible calls. If it then writes and goes on, its
        console shows whether that was a question; otherwise it has reached its wait again. Return
        whether its message comes too late."""
        if self.existing or not self.mapping or self.run.program.ended():
            return False
        reads = self._reads_a_line(self._content)
        if not self._content():
            self._comes_to_its_key()
        elif self.run.end(MORE) or not reads:
            self._is_late()
            return True
        else:
            self.see("W6.question", "what it waits for before it writes its message", [],
                     ["a line of input"])
            self.known.give("asks", ["", len(self.questions) + 1])
        return False

    def _answers_blindly_more(self) -> bool:
        """Press Enter for a program whose calls show no wait. If its console shows that it has read
        a line, it waited for that before it wrote. Return whether that was its wait for the key."""
        run, see = self.run, self.see
        if self._reads_a_line(self._content):
            if self._content() and not run.until(lambda: self.calls.waits) and run.program.ended():
                self._is_late()
                return True
            see("W6.question", "what it waits for before it writes its message", [],
                ["a line of input"])
            if not self._content():
                run.judge_silence(False)
                see.stop("W6")
            self.known.give("asks", ["", len(self.questions) + 1])
        elif self._content():
            see.stop(why="its message comes too late")
        return False

    def _wrote_nothing(self, as_documented: bool) -> None:
        """Report what became of a program whose message did not appear."""
        see, run = self.see, self.run
        ended = run.program.ended()
        if not run.program.traced and ended and not run.program.status()[1].code:
            see.stop(why="nothing shows whether it gets a view")
        elif not run.program.traced and not ended and self._waits_without_a_view():
            pass
        elif not run.program.traced and ended:
            see(*NO_VIEW, True, run.doing())
            self._over_existing_instead()
        elif as_documented or not run.program.traced or self.calls.could_write:
            see("W5.message", "message in the object", "there",
                f"nothing; {run.doing()}" if ended else "nothing")
        if run.crashed:
            see.stop(*see.broken)

    def _waits_without_a_view(self) -> bool:
        """Return whether it does the same, and does not end, if it can map no view: then it may
        have had none of its own. If it writes into a larger object, it had none; if not, and if it
        has said nothing, it writes nothing. If it does not do the same, it has reached its wait
        again."""
        if not self.mapping or self.existing or self.run.end(ASKS):
            return False
        before, did = said(self.run), self.run.doing()
        self.run.kill()
        self.mapping.close()
        tiny = self.too_small(self.name)
        again = self.start.first(new_console=True)
        same = not again.end(ASKS) and said(again) == before
        again.kill()
        tiny.close()
        if not same:
            self._comes_to_its_key()
        elif self.over_existing(self.name) and self._content():
            self.see(*NO_VIEW, True, did)
            self.writes()
        elif any(before):
            self.see.stop(why="nothing shows whether it gets a view")
        else:
            self.see("W5.message", "message in the object", "there", "nothing")
        return same
