"""A running program, and waits for what it does, with time limits."""
from __future__ import annotations

import time
from typing import Callable, List, Optional

from harness.driver.errors import CallsLost, Expired
from harness.driver.host import Host
from harness.driver.pair import Half
from harness.driver.programs import Exit, Program
from harness.driver.win32.calls import Call
from harness.driver.win32.console import ENTER, ESCAPE, LETTER, Key
from harness.driver.waiting import DEADLINE, deadlines, wait_for
from harness.judge.calls import Calls
from harness.judge.checks import PACE, Mine, See
from harness.judge.words import doing

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
#: Exit codes of exceptions: the system's, and 0xE… of C++ and .NET.
CRASHES = range(0x80000000, 0xF0000000)


class Waiting:
    """A program of a pair that runs in a host, and that can be waited for."""

    def __init__(self, host: Host, half: Half, known: Mine, see: See, program: Program) -> None:
        self.host, self.half, self.role, self.words = host, half, known.role, known.words
        self.known, self.see, self.program = known, see, program
        self.asked = b""  #: The printed text of a question that was answered.
        self.pressed_early = False  #: Whether its key was pressed before it was seen to wait.

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

        if last == wanted:
            return last  # Nothing shows whether it paused.
        self.until(settled)
        known.note(noted, str(pause))
        if pause > MORE:
            known.note(f"{self.role}.slow")
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

    @property
    def waiting(self) -> Optional[Call]:
        """Return the call in which it visibly waits, if any."""
        calls = self.calls
        return calls.waiting if calls else None

    def rest(self) -> float:
        """Return the seconds for which it visibly waits now; 0.0 if that is more than a step."""
        calls = self.calls
        return calls.rests if calls and calls.rests < STEP else 0.0

    def doing(self) -> str:
        """Describe what it is doing."""
        return doing(self.program, self.waiting)

    def press(self, keys: List[str]) -> None:
        """Press the keys with these names."""
        for name in keys:
            self.program.press(KEYS[name])

    def is_slow(self, seconds: float) -> bool:
        """Return whether a program that waits for nothing would not take so long, on this machine
        as it was at first and as it is now."""
        return seconds > HASTE + HASTES * self.known.known.pace \
            and seconds > HASTE + HASTES * self.host.pace()
