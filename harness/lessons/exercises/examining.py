"""Runs a student's program in a check, and raises findings that the student can understand."""
from __future__ import annotations

import os.path
import time
from contextlib import suppress
from typing import Callable, Iterator, List, NoReturn, Optional, Type

from harness.driver.contract import decode
from harness.driver.errors import CallsLost, Expired
from harness.driver.programs import Launch, Place
from harness.driver.waiting import DEADLINE, deadlines, wait_for
from harness.driver.win32.boxes import Box
from harness.driver.win32.calls import Call, Text
from harness.driver.win32.console import ENTER, ESCAPE, Key
from harness.driver.win32.objects import Mapping
from harness.judge.counting import BOX, INPUT, OBJECT, VIEW
from harness.judge.sources import line_of
from harness.judge.results import Seen
from harness.judge.words import clean, doing, quoted, text_of, words as in_words
from harness.lessons.exercises.setting import KINDS, Event, Examination, Found, Mutex, Wrong

#: The wait functions of Win32, with the index of the argument that is the time in milliseconds.
WAITS = {"WaitForSingleObject": 1, "WaitForSingleObjectEx": 1, "WaitForMultipleObjects": 3,
         "WaitForMultipleObjectsEx": 3, "SignalObjectAndWait": 2}
INFINITE = 0xFFFFFFFF
#: The functions that create or open an object.
CREATES = {Mapping: OBJECT,
           Event: ("CreateEvent", "CreateEventEx", "OpenEvent"),
           Mutex: ("CreateMutex", "CreateMutexEx", "OpenMutex")}
AS_BEFORE = "keep what the exercise does not mention as it is in the documented program"
#: The number of steps that lets a held program run to its end.
FREE = 1 << 30


def milliseconds(call: Call) -> int:
    """Return the time limit of that wait in milliseconds."""
    time_limit = call.arguments[WAITS[call.function]]
    assert isinstance(time_limit, int)
    return time_limit


def is_many(call: Call) -> bool:
    """Return whether that wait is for more than one object."""
    count = call.arguments[0]
    return call.function.startswith("WaitForMultiple") and isinstance(count, int) and count > 1


class Run:
    """One run of the program, traced. See Launch for the other arguments."""

    def __init__(self, exam: Examination, hold: bool = False, fail: Optional[str] = None,
                 result: int = 0, new_console: bool = False) -> None:
        self.exam = exam
        self.program = exam.host.start(
            exam.role, exam.half.line(exam.host), exam.half.arch,
            Launch(new_console, trace=True, hold=hold, fail=fail, result=result))

    # Findings -------------------------------------------------------------------------------

    def wrong(self, what: str, expected: object, seen: object, hint: str,
              call: Optional[Call] = None) -> NoReturn:
        """Raise Wrong: the program does something unexpected, in `call` (default: its last)."""
        if not call and self.program.traced:
            with suppress(CallsLost):
                call = next(iter(self.program.calls()[::-1]), None)
        line = line_of(self.exam.half.file, call.returns_to, self.exam.folder) if call else None
        raise Wrong(Seen(self.exam.task, self.exam.role, False, *map(clean, (
            what, in_words(expected), in_words(seen), *(line or ())))), hint)

    def agree(self, what: str, expected: object, seen: object, hint: str,
              call: Optional[Call] = None) -> None:
        """Raise Wrong unless both values are equal."""
        if expected == seen:
            return
        if isinstance(expected, bytes) and isinstance(seen, bytes):
            first = len(os.path.commonprefix([expected, seen]))
            expected, seen = (f"byte {first} and following: {data[first:first + 8].hex(' ')}"
                              for data in (expected, seen))
        self.wrong(what, expected, seen, hint, call)

    def doing(self) -> str:
        """Describe what the program is doing."""
        return doing(self.program, self.blocked())

    # Looking --------------------------------------------------------------------------------

    def calls(self, *functions: str) -> List[Call]:
        """Return its calls so far of these functions (named without A or W), or all its calls."""
        try:
            return [call for call in self.program.calls()
                    if not functions or call.function in functions]
        except CallsLost:
            self.program.traced = False
            self.wrong("its calls", "some dozens", "more than can be recorded",
                       "wait with a single call, not with a loop of calls")

    def first(self, *functions: str) -> Optional[Call]:
        """Return the first call of these functions, or None."""
        return next(iter(self.calls(*functions)), None)

    def wait_calls(self) -> List[Call]:
        """Return its waits for an event or a mutex; a wait for several objects may include one."""
        made = [call.result for call in self.calls(
            *(function for functions in CREATES.values() for function in functions))]
        return [call for call in self.calls(*WAITS)
                if "Multiple" in call.function or call.arguments[0] in made]

    def blocked(self, *functions: str) -> Optional[Call]:
        """Return the last call of these functions (default: of all) if it has not returned."""
        calls = self.calls(*functions) if self.program.traced else []
        return calls[-1] if calls and calls[-1].result is None else None

    def names(self, *functions: str) -> str:
        """Return the names passed to these functions, or say that none of them was called."""
        found = [argument.text or "NULL" for call in self.calls(*functions)
                 for argument in call.arguments if isinstance(argument, Text)]
        return ", ".join(dict.fromkeys(found)) or f"no call of {functions[0]}"

    def until(self, look: Callable[[], object], expected: str, hint: str) -> None:
        """Wait until `look` is true. Raises Wrong if the program ends first or takes too long."""
        try:
            wait_for(look, expected, str, DEADLINE, self.program.ended)
        except Expired:
            self.wrong("what it does", expected, self.doing(), hint)

    def rests(self, keys: int = 0) -> None:
        """Wait until it waits for a key, after more than `keys` calls of functions that read one.
        Not every such function is traced, so a program also counts as waiting if it mapped a view
        and then makes no call for half the deadline."""
        last, since = -1, time.monotonic()

        def resting() -> bool:
            nonlocal last, since
            count = len(self.calls())
            if count != last:
                last, since = count, time.monotonic()
            calls = len(self.calls(*INPUT))
            return calls > keys and bool(self.blocked(*INPUT)) or calls == 0 and bool(
                self.calls(*VIEW)) and time.monotonic() - since > deadlines.allowed(DEADLINE) / 2

        self.until(resting, "it waits for a key", AS_BEFORE)

    def steps(self) -> Iterator[Place]:
        """Step a held program from call to call until it ends, takes too long, or is about to wait
        for a key or show a message box. It stays held where the caller stops iterating."""
        while True:
            place = self.program.place()
            if not place.held:
                return
            yield place
            if self.blocked(*INPUT, *BOX):
                return
            self.program.go()

    def holds_at(self, *functions: str) -> Optional[Call]:
        """Step a held program to its first call of these functions. Return that call, or None."""
        return next((place.call for place in self.steps() if place.call
                     and place.call.result is None and place.call.function in functions), None)

    def mapped(self) -> Mapping:
        """Step a held program until it has mapped a view. Return its object, mapped here too."""
        if not any(call.result for _ in self.steps() for call in self.calls(*VIEW)):
            self.wrong("what it does", "it maps a view of the object", self.doing(), AS_BEFORE)
        return self.created(Mapping).map()

    def keeps(self, mapping: Mapping) -> None:
        """Close `mapping`, and check that the waiting program keeps a handle of its own."""
        mapping.close()
        if not self.exam.host.exists(self.exam.words.name):
            self.wrong("the object while it waits for its key", "can be opened",
                       "no longer exists", AS_BEFORE)

    def misnamed(self, kind: Type[Found]) -> NoReturn:
        """Raise Wrong: the object has another name."""
        self.wrong(f"name of the {KINDS[kind]}", self.exam.names[kind], self.names(*CREATES[kind]),
                   "read which name it has, and who creates it", self.first(*CREATES[kind]))

    def created(self, kind: Type[Found]) -> Found:
        """Return the object that the program has created."""
        found = self.exam.find(kind)
        if not found:
            self.misnamed(kind)
        return found

    # Acting ---------------------------------------------------------------------------------

    def free(self) -> None:
        """Stop holding the program."""
        self.program.go(FREE)

    def type(self, letter: str) -> int:
        """Press the key of a letter. Return how many calls have read a key before that."""
        keys = len(self.calls(*INPUT))
        self.program.press(Key(ord(letter.upper()), ord(letter)))
        return keys

    def shows(self, text: bytes, hint: str) -> Box:
        """Wait for a message box with that text, like the documented reader's, and return it."""
        try:
            self.until(self.program.boxes, "it shows a message box", hint)
        except Wrong:
            if self.calls(*OBJECT) and self.exam.words.name not in self.names(*OBJECT):
                self.misnamed(Mapping)
            raise
        box, shown = self.program.boxes()[0], quoted(decode(text, self.exam.half.charset))
        call = self.first(*BOX)
        self.agree("text of the message box", shown, quoted(box.text or ""), hint, call)
        self.agree("title and buttons of the message box", f"{quoted(self.exam.words.title)}, OK",
                   ", ".join([quoted(box.title), *(button.label for button in box.buttons)]),
                   AS_BEFORE, call)
        return box

    def answers(self, box: Box) -> None:
        """Answer its message box and check that it exits with 0."""
        self.program.answer(box)
        self.ends(0)

    def quits(self, escape: bool = False) -> None:
        """Press its key and check that it exits with 0."""
        self.program.press(ESCAPE if escape else ENTER)
        self.ends(0)

    def ends(self, code: int, line: str = "", hint: str = "return 0 at the end") -> None:
        """Check that it exits with that code without another message box, and printed `line`."""
        expected = f'it prints "{line}" and exits with {code}' if line else f"it exits with {code}"
        self.until(lambda: self.program.ended() or self.program.boxes(), expected, hint)
        ended, outcome = self.program.status()
        lines = text_of(outcome.out).splitlines()
        if not ended or outcome.code != code or line and line not in lines:
            self.wrong("how it ends", expected, self.doing(), hint)
