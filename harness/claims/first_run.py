"""What the first runs of both programs share: they start one without any knowledge of it, and
answer a question that it asks before it has come to anything.

What a program did is known from its calls, its object and its end; what it printed is judged, and
decides nothing else."""
from __future__ import annotations

import time
from typing import Callable, Dict, List, Set, Tuple

from harness.driver.contract import encode
from harness.driver.errors import Win32Error
from harness.driver.host import Host
from harness.driver.win32.console import ENTER
from harness.judge.calls import Calls
from harness.judge.checks import Mine, See
from harness.judge.claims import WRITER
from harness.judge.executable import names_in
from harness.judge.running import MORE, STEP, Running
from harness.judge.starter import Starter
from harness.judge.words import quoted

PAGE = 4096
#: A program that has come to nothing after so many seconds may be asking for something.
ASKS = 1.0
#: So many seconds longer than several small programs, and a program is slow.
SLOW = 0.5
#: As many questions are answered.
ANSWERS = 3
GRANULARITY = 0x10000  #: A view begins at a multiple of so many bytes.
TINY = 32  #: Fewer bytes than any view of more than nothing has.
ROOM = 2 * GRANULARITY  #: As many bytes have room for a view of a later part.
#: As many names that are in its file are tried.
CANDIDATES = 3
HIDDEN = "its calls cannot be seen: it does not make them through its table of imports"


def sections(host: Host) -> Dict[str, Set[str]]:
    """The file mapping objects that exist: each with the names that a program may know it by."""
    found: Dict[str, Set[str]] = {}
    for path, prefixes in ((r"\BaseNamedObjects", ["Global\\"]),
                           (rf"\Sessions\{host.token().session}\BaseNamedObjects",
                            ["Local\\", ""])):
        try:
            entries = host.directory(path)
        except Win32Error:
            continue  # In session 0 both are the same.
        found.update({prefixes[0] + name: {prefix + name for prefix in prefixes}
                      for name, kind in entries if kind == "Section"})
    return found


class FirstRun:
    """The first run of a program. `name` is that of its object, `before` the objects that there
    were before it. `questions` are what it has waited for before it came to its object, each as a
    function or in words."""

    name: str

    def __init__(self, start: Starter, see: See, known: Mine) -> None:
        self.start, self.see, self.known, self.host = start, see, known, start.host
        self.questions: List[str] = []
        self._blindly, self._restarted = True, False
        self.before = sections(start.host)
        self._began = time.monotonic()
        self.run: Running = start.first()

    @property
    def calls(self) -> Calls:
        """Its calls so far; none where they cannot be seen."""
        return self.run.calls or Calls([], self.start.role, "")

    def others(self) -> List[str]:
        """The names of the file mapping objects that it has besides."""
        new = {key for key, names in sections(self.host).items()
               if key not in self.before and self.name not in names}
        return sorted({*self.calls.others, *new})

    def has_name(self) -> bool:
        """Whether the documented name is in its file."""
        data, name = self.start.half.file.read_bytes(), self.start.words.name
        return any(encode(name, charset) in data for charset in ("ansi", "unicode"))

    def other_names(self) -> List[str]:
        """Names in its file that may be that of its object."""
        return names_in(self.start.half.file, self.start.words.name)[:CANDIDATES]

    def repeats_its_end(self) -> bool:
        """Whether it ends once more as it has just ended; if not, what it does changes by itself,
        and another end shows nothing."""
        again = self.start.first(new_console=True)
        if not again.end():
            again.program.press(ENTER)  # The first run may have ended by this key.
        return again.end(MORE) == self.run.program.status()[1]

    def untraced(self, why: str) -> None:
        """From here on its calls say nothing: they are not all there."""
        self.see.unable(why)
        self.run.program.traced = False
        self.known.give("calls", False)

    def comes(self, came: Callable[[], object]) -> bool:
        """Wait until it has come to its object, and answer what it asks before; whether it has."""
        run = self.run
        for _ in range(2 * ANSWERS):
            run.until(lambda: came() or self._asks(), ASKS if self._blindly else STEP)
            asks = self._asks()
            if came() or run.program.ended():
                break
            if asks:
                if len(self.questions) == ANSWERS:
                    break
                self.questions.append(self.calls.all[-1].name)
                self._answer(came)
            elif self._blindly:
                if self._answers_blindly(came):
                    self._restart()
                    self._restarted = True
            elif self._restarted and not self.questions:
                self.questions.append("a key")  # It has not come without one.
                self._answer(came)
            else:
                break
        has_come, took = bool(came()), time.monotonic() - self._began - SLOW
        # A machine that has become busy makes no program slow.
        if has_come and took > 4 * self.known.known.pace and took > 4 * self.host.pace():
            self.known.known.slow(self.start.role)
        return has_come

    def _asks(self) -> bool:
        """Whether it waits for input, and has not asked for an object yet."""
        calls = self.calls
        return calls.asks() and not calls.objects

    def _answer(self, came: Callable[[], object]) -> None:
        """Press Enter, and wait until it was read."""
        run, before = self.run, len(self.calls.questions)
        run.asked = run.program.status()[1].out
        run.program.press(ENTER)
        run.until(lambda: came() or not self.calls.asks() or len(self.calls.questions) > before,
                  ASKS)

    def _answers_blindly(self, came: Callable[[], object]) -> bool:
        """Press Enter for a program whose calls do not say whether it asks for anything. Whether it
        then went on, or ended, although nothing shows that it had asked: it may have slept."""
        run, self._blindly = self.run, False
        said, screen = run.program.status()[1].out, run.program.screen()
        run.program.press(ENTER)
        run.until(came, ASKS)
        if run.program.screen() != screen:
            run.asked = said
            self.questions.append("a line of input")
            self._blindly = len(self.questions) < ANSWERS  # It may ask for more.
            return False
        return bool(came()) or run.program.ended() and self.start.role != WRITER

    def _restart(self) -> None:
        """Start it once more, with no other keys than the answers to its questions."""
        self.run.program.terminate()
        self.run.end()
        self._began = time.monotonic()
        self.run.program = self.start.first(new_console=True).program
        for _ in self.questions:
            self.run.program.press(ENTER)

    @property
    def _haste(self) -> float:
        """How long a program may take that waits for nothing, in seconds."""
        return SLOW + 10 * self.known.known.pace

    def _judge_haste(self, seconds: float) -> None:
        """Judge that nothing else was waited for before its end (W7 or R6): it took so long. A busy
        machine may have been the reason once."""
        if seconds > self._haste:
            again = min(seconds, self._once_more())
            self.see("W7.end" if self.start.role == WRITER else "R6.end",
                     "what it waits for before its end", "nothing",
                     f"something else, for {again:.0f} s" if again > self._haste else "nothing")

    def _once_more(self) -> float:
        """How long another run takes for its end, in seconds."""
        raise NotImplementedError

    def judge_console(self) -> Tuple[str, int, int]:
        """Judge that nothing is on its console (B4), unless that shows the answer to a question;
        what its screen is."""
        screen = self.run.program.screen()
        self.known.give("console", screen)
        text = screen[0].strip()
        if text and not self.questions:
            self.see("B4.silent", "what it writes to its console", quoted(""), quoted(text),
                     self.start.role, said=text)
        return screen

    def judge_questions(self) -> None:
        """Judge that it has not asked for anything (W6 or R6), and have it answered later on."""
        calls = self.calls
        if self.start.role == WRITER or self.questions:
            self.see("W6.question" if self.start.role == WRITER else "R6.end",
                     "what it waits for before it comes to its object", [], self.questions,
                     call=calls.questions[0] if calls.questions else None)
        if self.questions:
            self.known.give("asks", [self.run.asked.decode("latin-1"), len(self.questions)])
