"""The writer's first run, with its name free: its object, its message, its wait and its end."""
from __future__ import annotations

import time
from typing import List, Tuple

from harness.claims.first_run import ROOM
from harness.claims.writers_message import WritersMessage
from harness.claims.writers_object import STAYS
from harness.judge.counting import KEY, LINE, bare
from harness.judge.checks import Mine, See, check
from harness.judge.claims import WRITER
from harness.judge.patience import ASKS, KEYS, MORE, STEP
from harness.judge.running import AT_ITS_END, Running
from harness.judge.starter import Starter
from harness.judge.verdict import HARMLESS
from harness.judge.words import quoted

#: The keys that are pressed in turn until it goes on.
TRIED = ("x", "Enter", "x", "Enter", "Escape", "q")


class WriterRun(WritersMessage):
    """The first run of a writer, from its wait on."""

    def waits(self) -> None:
        """Check that it waits for a key (W6), and that its object still exists (W7)."""
        run, see = self.run, self.see
        began = time.monotonic()
        run.until(lambda: self.calls.waits or self.calls.rests > STEP,
                  STEP if run.program.traced else MORE)
        if run.is_slow(time.monotonic() - began):
            self.known.known.note(f"{run.role}.slow")
        run.end(0.1)
        if self.mapping:
            # From here on only the writer has the object open.
            self.mapping.close()
        if not see("W6.waits", "whether it waits for a key", True, not run.program.ended()):
            run.judge_end("at its end")
            see.stop("W6")
        if self.name and see("W7.stays", STAYS, True, self.host.exists(self.name)):
            self.known.give("wait")

    def _judge_wait(self, one_key: bool) -> None:
        """Check the one function that it calls to wait (W6). If `one_key` was enough without any
        visible call, its own code did not make that call; a thread that ends with it may have."""
        waits = self.calls.waits
        if not waits and one_key:
            self.see.unable("no call of its own shows how it waits for its key")
            return
        self.see("W6.function", "functions that it calls to wait for a key", ["_getch"],
                 ["_getch" if bare(call.name) in KEY else call.name for call in waits],
                 call=waits[-1] if waits else None)

    def goes_on(self) -> None:
        """Check that it goes on after any one key, without Enter and without echo (W6)."""
        run, see = self.run, self.see
        there = bool(self.name) and self.host.exists(self.name)

        def has_gone_on() -> bool:
            # A wait after it has given something back belongs to W7.
            calls = self.calls
            return run.program.ended() or there and not self.host.exists(self.name) or bool(
                calls.order[1:] or calls.has_gone_on() and not calls.asks())

        screen, began = self.judge_console(), time.monotonic()
        pressed: List[str] = []
        waits = self.calls.waits
        # It may wait for a line, which its calls show, or may not.
        soon = STEP if waits or not run.program.traced else ASKS
        if waits and all(bare(call.name) in LINE for call in waits):
            soon = MORE
        for name in TRIED:
            known = len(self.calls.waits)
            pressed.append(name)
            run.program.press(KEYS[name])
            run.until(lambda: has_gone_on() or len(self.calls.waits) > known,
                      MORE if pressed[1:] else soon)
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
        if pressed == ["x"] and not run.crashed:
            see("W6.key", "whether it reads the key that makes it go on", True,
                not run.program.unread(KEYS["x"]))
        self._pressed = began if pressed == ["x"] else time.monotonic()
        self._slow = pressed == ["x"] and run.is_slow(took) and not waits
        if pressed == ["x"] and run.is_slow(took):
            self.known.known.note(f"{run.role}.slow")
        self.known.give("keys", pressed)

    def _anew(self) -> Running:
        """Start it again, with what it needs to reach its wait."""
        if self.existing:
            self.start.object(ROOM)
        return self.start()

    def _judge_echo(self, screen: Tuple[str, int, int], pressed: List[str]) -> None:
        """Check that console and cursor are as they were in `screen` (W6), but for what it writes
        there itself (B4)."""
        after = self.run.program.screen()
        if pressed == ["x"]:
            old, new = (" ".join(one[0].split()) for one in (screen, after))
            added = new[len(old):].strip() if new.startswith(old) else new
            echo = added.startswith("x")
            self.see("W6.echo", "what the console shows when a key is pressed", "nothing new",
                     quoted(added) if echo else "nothing new")
            if after != screen and not echo:
                self.run.end(MORE)
                if not self.run.crashed:
                    self.run.judge_written(added, after)

    def _once_more(self) -> float:
        """Return the seconds that another run takes from its key to its end."""
        run = self._anew()
        run.until(lambda: not self.name or self.host.exists(self.name))
        if run.program.traced:
            run.until(lambda: run.calls and run.calls.waits)
        else:
            run.end(self._took)  # It may have slept before its wait.
        run.press(["x"])
        began = time.monotonic()
        run.end()
        return time.monotonic() - began

    def ends(self) -> None:
        """Check that it unmaps, closes and exits with 0 (W7), silently (B4)."""
        if self.run.judge_end(AT_ITS_END):
            self._took = time.monotonic() - self._pressed
            self.known.give("console", self.run.program.screen())
            # It may end after some time, without a key.
            if self._slow and self._anew().end(self._took + ASKS):
                self.see("W6.waits", "whether it waits for a key", True, False)
                self.see.stop("W6")
            self._judge_haste(self._took)
            self.known.give("end")
            if not self.existing and not set(self.see.broken) - HARMLESS:
                self.known.give("right")


@check("B2.letters", "B3.name", "B4.silent", "W1.created", "W1.function", "W1.arguments", "W1.page",
       "W3.function", "W3.arguments", "W5.message", "W6.question", "W6.waits", "W6.function",
       "W6.key", "W6.echo", "W7.stays", "W7.end", "W7.exit", "W7.order", about=WRITER,
       needs="starts", gives="calls asks others object existing page view writes wait console keys "
                             "prints end right")
def test_the_writers_first_run(start: Starter, see: See, known: Mine) -> None:
    """It creates one page in the paging file, writes the message, waits for a key, unmaps and
    closes, and exits with 0."""
    run = WriterRun(start, see, known)
    with run.judged_so_far():
        run.gets_object()
        run.opens()
        run.writes()
    run.waits()
    run.goes_on()
    run.ends()
