"""The common part of both programs' first runs: starts a program without any knowledge of it, and
answers the questions that it asks before it gets its object.

Its calls, its object and its end show what a program did. Its output is checked, but decides
nothing else."""
from __future__ import annotations

import time
from contextlib import contextmanager
from typing import Callable, Dict, Generator, List, NoReturn, Set, Tuple

from harness.driver.contract import MAP_FAILED, encode
from harness.driver.errors import Win32Error
from harness.driver.host import Host
from harness.driver.programs import Exit
from harness.driver.win32.console import ENTER
from harness.driver.win32.objects import Mapping
from harness.judge.calls import Calls
from harness.judge.checks import Mine, See
from harness.judge.claims import WRITER
from harness.judge.executable import names_in
from harness.judge.failing import judge_failure
from harness.judge.patience import ASKS, MORE, STEP
from harness.judge.running import EMPTY, Running
from harness.judge.starter import Starter

PAGE = 4096
SLOW = 0.5  #: Seconds by which a slow program exceeds the time of several small ones.
ANSWERS = 3  #: The number of questions that are answered.
GRANULARITY = 0x10000  #: The offset of a view is a multiple of this, in bytes.
TINY = 32  #: The size in bytes of an object that is smaller than any view, except one of size 0.
ROOM = 2 * GRANULARITY  #: The size in bytes of an object with room for a view at an offset.
CANDIDATES = 3  #: The number of names from its file that are tried.
KEY = "a key"  #: A question that shows only in what follows.
TOO_LONG = "it takes too long until it asks for an object"
HIDDEN = "its calls cannot be seen: it does not make them through its table of imports"


def may_have_an_object(outcome: Exit) -> bool:
    """Return whether a program says that it got no view, or that no error occurred: then nothing
    shows that it got no object."""
    return outcome.out.startswith(MAP_FAILED.partition("{")[0].encode()) or b"(0)" in outcome.out


def sections(host: Host) -> Dict[str, Set[str]]:
    """Return the existing file mapping objects, each with the names that a program may use."""
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
    """The first run of a program. `name` is the name of its object; `before` are the objects that
    existed earlier; `questions` are its waits for input before its object, each as a function or
    in words."""

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
        """Return its calls so far; none if they cannot be seen."""
        return self.run.calls or Calls([], self.start.role, "")

    def new_objects(self) -> Dict[str, Set[str]]:
        """Return the file mapping objects that were created since its start, as `sections` does."""
        return {key: names for key, names in sections(self.host).items() if key not in self.before}

    def new_others(self) -> Set[str]:
        """Return the names of the new objects, except its own."""
        return {key for key, names in self.new_objects().items() if self.name not in names}

    def others(self) -> List[str]:
        """Return the names of its other file mapping objects."""
        return sorted({*self.calls.others, *self.new_others()})

    @contextmanager
    def judged_so_far(self) -> Generator[None, None, None]:
        """Tell the other checks how to run it, even if its first run stops: how it fails can still
        be checked."""
        try:
            yield
        finally:
            # What asks for no object makes no call that could fail.
            self.known.give("calls", bool(self.calls.objects) and self.run.program.traced)
            self.known.give("asks", ["", 0])
            self.known.give("others", self.others())

    def has_name(self) -> bool:
        """Return whether its file contains the documented name."""
        data, name = self.start.half.file.read_bytes(), self.start.words.name
        return any(encode(name, charset) in data for charset in ("ansi", "unicode"))

    def other_names(self) -> List[str]:
        """Return names in its file that its object may have instead."""
        return names_in(self.start.half.file, self.start.words.name)[:CANDIDATES]

    def has_impossible(self, name: str) -> NoReturn:
        """Check a program that asks for a name that no object can have: that (B3), and how it fails
        (W2 or R2)."""
        self.see("B3.name", "name of the object", self.start.words.name, name, self.start.role)
        self.known.give("prints", "")  # It never succeeds.
        code, writes = "", self.start.role == WRITER
        try:
            self.host.create(name, PAGE) if writes else self.host.open(name)
        except Win32Error as problem:
            code = str(problem.code)
        judge_failure(self.run, "W2" if writes else "R2", code, "with that name", self.start.first)
        self.see.stop("B3")

    def too_small(self, name: str) -> Mapping:
        """Create an object of that name of which no view can be mapped."""
        return self.host.create(name, TINY, file=self.host.folder / "tiny")

    def repeats_its_end(self) -> bool:
        """Return whether another run ends in the same way. If not, its behaviour varies by itself,
        and a different end proves nothing."""
        again = self.start.first(new_console=True)
        if not again.end():
            again.program.press(ENTER)  # The first run may have ended by this key.
        return again.end(MORE) == self.run.program.status()[1]

    def untraced(self, why: str) -> None:
        """Ignore its calls from here on, since some of them were not seen."""
        self.see.unable(why)
        self.run.program.traced = False
        self.known.give("calls", False)

    def comes(self, came: Callable[[], object]) -> bool:
        """Wait until `came` is true, and answer its questions before that. Return whether it is."""
        run = self.run
        for _ in range(2 * ANSWERS):
            # A blind answer that changed nothing may not make the step longer.
            run.until(lambda: came() or self._asks(), ASKS if self._blindly else STEP,
                      None if self._blindly or self.questions else self._began)
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
            elif self._restarted and set(self.questions) <= {KEY} \
                    and len(self.questions) < ANSWERS:
                self.questions.append(KEY)  # Without one it did not get its object.
                self._answer(came)
            else:
                break
        if not came() and set(self.questions) == {KEY}:
            self.questions = []  # It failed without its object, and waited after that.
        has_come, took = bool(came()), time.monotonic() - self._began - SLOW
        # If the machine has become busy, the program is not to blame.
        if has_come and took > 4 * self.known.known.pace and took > 4 * self.host.pace():
            self.known.known.note(f"{self.start.role}.slow")
        return has_come

    def _asks(self) -> bool:
        """Return whether it waits for input before it has asked for an object."""
        calls = self.calls
        return calls.asks() and not calls.objects

    def _answer(self, came: Callable[[], object]) -> None:
        """Press Enter, and wait until the program has read it."""
        run, before = self.run, len(self.calls.questions)
        run.asked = run.program.status()[1].out
        run.program.press(ENTER)
        run.until(lambda: came() or not self.calls.asks() or len(self.calls.questions) > before,
                  ASKS)

    def _reads_a_line(self, came: Callable[[], object]) -> bool:
        """Press Enter, and wait until `came` is true. Return whether the console has changed, which
        shows that it has read a line."""
        screen = self.run.program.screen()
        self.run.program.press(ENTER)
        self.run.until(came, ASKS)
        return self.run.program.screen() != screen

    def _answers_blindly(self, came: Callable[[], object]) -> bool:
        """Press Enter for a program whose calls do not show whether it waits for input. Return
        whether it then went on or ended without a sign that it had waited: it may have slept."""
        run, self._blindly = self.run, False
        said = run.program.status()[1].out
        if self._reads_a_line(came):
            run.asked = said
            self.questions.append("a line of input")
            self._blindly = len(self.questions) < ANSWERS  # It may ask for more.
            return False
        if not came():
            for _ in range(1, ANSWERS):
                run.program.press(ENTER)
            run.until(came, MORE)
        if not came():
            run.program.discard_input()  # A slow one would take it for the key that it waits for.
        return bool(came()) or run.program.ended() and self.start.role != WRITER

    def _restart(self) -> None:
        """Start it again, and press only the keys that answer its questions."""
        self.run.kill()
        self._began = time.monotonic()
        self.run.program = self.start.first(new_console=True).program
        for _ in self.questions:
            self.run.program.press(ENTER)

    def _judge_haste(self, seconds: float) -> None:
        """Check that it waited for nothing else before its end, which took `seconds` (W7 or R6)."""
        self.run.judge_haste("W7.end" if self.start.role == WRITER else "R6.end", seconds,
                             self._once_more)

    def _once_more(self) -> float:
        """Return the seconds that another run takes for its end."""
        raise NotImplementedError

    def judge_console(self) -> Tuple[str, int, int]:
        """Check that its console is empty (B4), unless it shows the answer to a question. Return
        its screen."""
        screen = self.run.program.screen()
        if screen != EMPTY and not self.questions:
            self.run.judge_written(screen[0].strip(), screen)
        return screen

    def judge_questions(self) -> None:
        """Check that it waited for no input so far (W6 or R6); if it did, later runs answer it."""
        calls = self.calls
        if self.start.role == WRITER or self.questions:
            self.see("W6.question" if self.start.role == WRITER else "R6.end",
                     "what it waits for before it gets its object", [], self.questions,
                     call=calls.questions[0] if calls.questions else None)
        if self.questions:
            self.known.give("asks", [self.run.asked.decode("latin-1"), len(self.questions)])
