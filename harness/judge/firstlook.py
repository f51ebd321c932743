"""The first look at a program: what its first start shows is known to all tests.

What it does otherwise than documented is a finding. Where it can still be used (under another name
of the object, with more than one key), the tests go on with what it really does; where it cannot,
they do not wait for what is known not to come.
"""
from __future__ import annotations

from dataclasses import replace
from typing import List, Optional, Set, Tuple

from harness.driver.codes import exit_code
from harness.driver.contract import BUF_SIZE, Words, encode
from harness.driver.errors import Expired, HarnessError, Win32Error
from harness.driver.host import Host
from harness.driver.meeting import Scene
from harness.driver.objects import Mapping
from harness.driver.pair import Facts, Half, Pair
from harness.driver.programs import ENTER, ESCAPE, LETTER, Box, Key, Launch, Program
from harness.driver.waiting import ANSWERED, wait_for
from harness.judge import expectations as judge
from harness.judge.findings import READER, WRITER, board, expect
from harness.judge.trace import Trace

PAGE = 4096
DLL_NOT_FOUND = 0xC0000135  #: STATUS_DLL_NOT_FOUND, as an exit code.
CRASH = 0x80000000  #: Exit codes from here on are those of exceptions.
SEC_COMMIT = 0x8000000  #: In the paging file; a section over a file has SEC_FILE instead.


def sections(host: Host) -> Set[str]:
    """The names of the file mapping objects that exist, as a program would give them."""
    session = host.token().session
    found = set()
    for path, prefix in ((r"\BaseNamedObjects", "Global\\"),
                         (rf"\Sessions\{session}\BaseNamedObjects", "Local\\")):
        try:
            entries = host.directory(path)
        except Win32Error:
            continue  # In session 0 both are the same.
        found |= {prefix + name for name, kind in entries if kind == "Section"}
    return found


class Look:
    """A first look at one half of a pair, with its calls where `traced`."""

    def __init__(self, host: Host, half: Half, words: Words, traced: bool) -> None:
        self.host, self.half, self.words = host, half, words
        self.traced = traced and not half.untraced
        self.scene = Scene(host, Pair(half, half, words))
        self.launch = Launch(trace=self.traced, new_console=True)
        self.before = sections(host)

    def _broken(self, otherwise: str) -> Tuple[str, ...]:
        """The claims that are broken by now, or that one."""
        found = {finding.claim for finding in board.record.findings} - {"B4", "R7"}
        return tuple(sorted(found or {otherwise}))

    def _compare(self, half: str, program: Program) -> bool:
        """Compare its calls, if they are known; of one that has crashed or has not gone on, only
        the beginning. Whether that has found anything."""
        known = len(board.record.findings)
        if self.traced:
            trace = Trace(self.half, half, program.calls(), self.words)
            ended, outcome = program.status()
            if ended and outcome.code < CRASH:
                trace.compare()
            else:
                trace.begins()
        return len(board.record.findings) > known

    def _new_section(self) -> Optional[str]:
        new = sorted(sections(self.host) - self.before)
        return self.words.name if self.words.name in new else new[0] if new else None

    def _needs_its_dlls(self, program: Program) -> None:
        """Raise HarnessError where the system could not start it for want of a DLL."""
        if program.status()[1].code == DLL_NOT_FOUND:
            raise HarnessError(f"{self.half.file} cannot be started here: one of its DLLs is not "
                               "installed. If it was built with Visual C++, install the Visual C++ "
                               "Redistributable, or link with /MT")

    # The writer --------------------------------------------------------------------------

    def writer(self) -> Facts:
        """Start the writer with the name free: its object, message, wait and end."""
        writer = self.scene.writer(self.launch)
        try:
            name = wait_for(self._new_section, "an object", writer.describe, over=writer.ended)
        except Expired:
            name = ""
        self._needs_its_dlls(writer)
        facts = self._without_object(writer) if not name else self._with_object(writer, name)
        self.host.sweep()
        return facts

    def _without_object(self, writer: Program) -> Facts:
        """No object can be seen. Its calls tell why; without them, how it ended does."""
        if not writer.ended() and self.traced:
            # Whether it ends says nothing of one that never came to its wait.
            writer.press()
            try:
                writer.wait()
            except Expired:
                pass
        found = self._compare(WRITER, writer)
        ended, outcome = writer.status()
        part = judge.has_failed(outcome)
        if found and ended and not outcome.code and not part:
            judge.expect_success(writer, "W7", "at its end")
        elif not found and ended and not part and not outcome.code:
            expect("W6", "whether it waits for a key", True, False)
        elif not found:
            expect({"view": "W3"}.get(part, "W1"), "whether it makes its object and view", True,
                   writer.describe())
        because = self._broken("W1")
        # One that only does not wait makes an object all the same.
        if because == ("W6",) or set(because) <= {"W6", "W7", "B4"}:
            return Facts(self.words.name, no_wait=because)
        return Facts(self.words.name, no_object=because)

    def _with_object(self, writer: Program, name: str) -> Facts:
        if not self.traced:
            expect("B3", "name of the object", self.words.name, name, WRITER)
        facts = Facts(name)
        try:
            mapping = self.host.open(name).map()
        except Win32Error as problem:
            if writer.ended():
                return self._without_object(writer)
            expect("W1", "whether its object can be opened and mapped", True, str(problem))
            return replace(facts, no_object=self._broken("W1"))
        expect("W1", "size of the object, and whether it is in the paging file", (PAGE, True),
               (mapping.section()[0], mapping.section()[1] == SEC_COMMIT))
        written = self._message(writer, mapping)
        mapping.close()
        if not written:
            # A view that is none, or its own, lets nobody see what is written.
            if not self._compare(WRITER, writer):
                expect("W5", "message in the object", "there", _what(writer))
            if writer.ended():
                return replace(facts, no_wait=self._broken("W5"))
        if not expect("W6", "whether it waits for a key", True, not writer.ended()):
            self._compare(WRITER, writer)
            judge.expect_success(writer, "W7", "at its end")
            return replace(facts, no_wait=self._broken("W6"))
        keys, ended = self._keys(writer, name)
        self._compare(WRITER, writer)
        if not keys:
            return replace(facts, keys=(), no_wait=() if written else self._broken("W5"),
                           no_end=self._broken("W6"))
        no_wait = () if written else self._broken("W5")
        if keys == (LETTER,) and "W6" in self._broken("W7"):
            no_wait = ("W6",)  # It ended with the key, but not because of it.
        return replace(facts, keys=keys, no_wait=no_wait,
                       no_end=() if ended else self._broken("W7"))

    def _message(self, writer: Program, mapping: Mapping) -> bool:
        """Whether it writes anything; and what (W5)."""
        charset = self.half.charset
        message = encode(self.words.message, charset)
        try:
            wait_for(lambda: any(mapping.read(PAGE)), "a message", writer.describe,
                     over=writer.ended)
        except Expired:
            return False
        # It may be seen in the middle of its copying; one that is right is soon whole.
        try:
            wait_for(lambda: mapping.read(len(message)) == message, "the message", str, ANSWERED)
        except Expired:
            pass
        page = mapping.read(PAGE)
        expect("W5", "bytes that the writer wrote", message, page.rstrip(b"\0")
               + bytes(len(page.rstrip(b"\0")) % 2 if charset == "unicode" else 0))
        return True

    def _keys(self, writer: Program, name: str) -> Tuple[Tuple[Key, ...], bool]:
        """The keys that make it go on, and whether it then ends. One must be enough (W6)."""
        screen = writer.screen()
        pressed: List[Key] = []
        for key in (LETTER, ENTER, LETTER, ESCAPE):
            writer.press(key)
            pressed.append(key)
            try:
                writer.wait() if key is LETTER and len(pressed) == 1 else writer.wait(ANSWERED)
            except Expired:
                if not self.host.exists(name) or self._has_read(writer):
                    break  # It has gone on, and does not end.
                continue
            break
        ended = writer.ended()
        went_on = ended or not self.host.exists(name) or self._has_read(writer)
        expect("W6", "keys that make it go on", "one, the letter x",
               "one, the letter x" if went_on and len(pressed) == 1 else
               f"{len(pressed)}: {', '.join(map(key_name, pressed))}" if went_on else
               "none of: x, Enter, x, Escape")
        if not went_on:
            return (), False
        if ended:
            outcome = judge.expect_success(writer, "W7", "after its key was pressed")
            if outcome and not outcome.out_total:
                expect("W6", "what its console shows, and the row and column of the cursor",
                       screen, writer.screen())
        else:
            expect("W7", "after its key was pressed", "it ends", "it still runs", hangs=True)
        return tuple(pressed), ended

    def _has_read(self, writer: Program) -> bool:
        """Whether the last call that it has made is one that has read a key, if that is known."""
        calls = writer.calls()[-1:] if self.traced else []
        return any(call.name == "_getch" and call.result is not None for call in calls)

    # The reader --------------------------------------------------------------------------

    def reader(self) -> Facts:
        """Start the reader with a message in the object: its message box and end."""
        facts = Facts(self.words.name)
        for name in (self.words.name, None):
            if name is None:
                name = self._asked_for()
                if not name:
                    break
                facts = Facts(name)
            self.host.create(name, BUF_SIZE).map().write(
                encode(self.words.message, self.half.charset))
            reader = self.scene.reader(self.launch)
            self._last = reader
            boxes = reader.boxes(10.0)
            self._needs_its_dlls(reader)
            if not boxes and judge.has_failed(reader.status()[1]) == "object" \
                    and name == self.words.name:
                continue
            facts = self._with_boxes(reader, facts, bool(boxes))
            self.host.sweep()
            return facts
        self._compare(READER, self._last)
        expect("B3", "name of the object", self.words.name, "another one", READER)
        self.host.sweep()
        return replace(facts, no_object=self._broken("B3"))

    def _asked_for(self) -> Optional[str]:
        """The other name that it has asked for, if its calls are known."""
        if not self.traced:
            return None
        for call in self._last.calls():
            text = getattr(call.arguments[-1], "text", None) if call.arguments else None
            if call.function == "OpenFileMapping" and text and text != self.words.name:
                return str(text)
        return None

    def _with_boxes(self, reader: Program, facts: Facts, shown: bool) -> Facts:
        if not shown:
            self._compare(READER, reader)
            ended, outcome = reader.status()
            part = judge.has_failed(outcome)
            if part == "view" and not board.record.findings:
                expect("R3", "whether it gets a view", True, reader.describe())
            elif part == "object" and not board.record.findings:
                expect("R1", "whether it gets the object", True, reader.describe())
            elif not part:
                expect("R5", "number of message boxes that are open", 1, 0, hangs=True)
                judge.expect_success(reader, "R6", "without a message box")
            because = self._broken("R5")
            return replace(facts, **({"no_object": because} if part else {"no_wait": because}))
        mixed = any(finding.claim == "B2" for finding in board.record.findings)
        text = self.words.message
        box = judge.expect_box(reader, text, self.words.title) if not mixed else reader.boxes()[0]
        if not box:
            reader.terminate()
            self._compare(READER, reader)
            return replace(facts, no_wait=self._broken("R5"))
        reader.answer(box)
        other = self._another(reader, box)
        if other:
            expect("R5", "number of message boxes, one after the other", 1, "more than one")
            reader.answer(other)
        end = judge.expect_success(reader, "R6", "after its message box was answered")
        self._compare(READER, reader)
        return facts if end else replace(facts, no_end=self._broken("R6"))

    @staticmethod
    def _another(reader: Program, first: Box) -> Optional[Box]:
        """A second box that opens instead of an end; the first one may take a while to close."""
        try:
            return wait_for(lambda: next((box for box in reader.boxes(0.0)
                                          if box.window != first.window), None),
                            "a second box", str, over=reader.ended)
        except Expired:
            return None


def _what(program: Program) -> str:
    """That nothing was written, and how the program ended if it did."""
    ended, outcome = program.status()
    return "nothing" + (f"; it ended with {exit_code(outcome.code)}" if ended else "")


def key_name(key: Key) -> str:
    """A key as a person calls it."""
    return {LETTER: "x", ENTER: "Enter", ESCAPE: "Escape"}[key]
