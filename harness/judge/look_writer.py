"""The first look at a writer: its object, its message, its wait and its end."""
from __future__ import annotations

from dataclasses import replace
from typing import List, Tuple

from harness.driver.contract import encode
from harness.driver.errors import Expired, Win32Error
from harness.driver.pair import Facts
from harness.driver.programs import Program
from harness.driver.waiting import ANSWERED, DEADLINE, wait_for
from harness.driver.win32.codes import exit_code
from harness.driver.win32.console import ENTER, ESCAPE, LETTER, Key
from harness.driver.win32.objects import Mapping
from harness.judge import expectations as judge
from harness.judge.findings import WRITER, expect
from harness.judge.look import PAGE, SEC_COMMIT, SEC_RESERVE, Look, what_it_did

STAYS = "whether the object exists while it waits for its key"


class WriterLook(Look):
    """A first look at the writer of a pair."""

    def facts(self) -> Facts:
        """Start the writer with the name free: its object, message, wait and end."""
        writer = self.scene.writer(self.launch)
        try:
            name = wait_for(self._new_section, "an object", writer.describe,
                            over=lambda: writer.ended() or self._at_its_key(writer))
        except Expired:
            name = ""
        self._needs_its_dlls(writer)
        facts = self._without_object(writer) if not name else self._with_object(writer, name)
        self.host.sweep()
        return facts

    def _without_object(self, writer: Program) -> Facts:
        """No object can be seen. Its calls tell why; without them, how it ended does."""
        if self._at_its_key(writer) and not writer.ended():
            # Whether it ends says nothing of one that never came to its wait.
            writer.press()
            self._ends(writer, DEADLINE)
        found = self._compare(writer)
        ended, outcome = writer.status()
        part = judge.missing_part(outcome)
        if found and ended and not outcome.code and not part:
            judge.expect_success(writer, "W7", "at its end")
        elif not found and ended and not part and not outcome.code:
            expect("W6", "whether it waits for a key", True, False)
        elif not found and not ended and self._writes_into_another():
            expect("W7", STAYS, True, False)
        elif not found:
            expect({"view": "W3"}.get(part, "W1"), "whether it makes its object and view", True,
                   what_it_did(writer))
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
            if self._ends(writer):
                return self._without_object(writer)
            if problem.code == 2:  # It was there, and is no more.
                expect("W7", STAYS, True, False)
                return replace(facts, no_wait=self._broken("W7"))
            expect("W1", "whether its object can be opened and mapped", True, str(problem))
            return replace(facts, no_object=self._broken("W1"))
        size, kind = mapping.section()
        expect("W1", "size of the object, and whether it is in the paging file", (PAGE, True),
               (size, kind == SEC_COMMIT))
        if kind & SEC_RESERVE:
            return replace(facts, no_object=self._broken("W1"))
        written = self._message(writer, mapping)
        mapping.close()
        if not written:
            # A view that is none, or its own, lets nobody see what is written.
            if not self._compare(writer):
                expect("W5", "message in the object", "there", _what(writer))
            if writer.ended():
                return replace(facts, no_wait=self._broken("W5"))
        stays = self._stays(writer, name)
        if not expect("W6", "whether it waits for a key", True, not writer.ended()):
            self._compare(writer)
            judge.expect_success(writer, "W7", "at its end")
            return replace(facts, no_wait=self._broken("W6"))
        expect("W7", STAYS, True, stays)
        keys, ended = self._keys(writer, name)
        self._compare(writer)
        if not keys:
            return replace(facts, keys=(), no_wait=() if written else self._broken("W5"),
                           no_end=self._broken("W6"))
        no_wait = () if written and stays else self._broken("W5")
        if keys == (LETTER,) and "W6" in self._broken("W7"):
            no_wait = ("W6",)  # It ended with the key, but not because of it.
        return replace(facts, keys=keys, no_wait=no_wait,
                       no_end=() if ended else self._broken("W7"))

    def _writes_into_another(self) -> bool:
        """Whether the message of a writer that waits comes into an object that exists already: it
        asks for one of that name, which is gone too soon to be seen where nobody else holds it."""
        mapping = self.host.create(self.words.name, PAGE).map()
        writer = self.scene.writer(self.launch)
        written = judge.await_change(mapping, mapping.read(PAGE), writer)
        mapping.close()
        return written and not writer.ended()

    def _stays(self, writer: Program, name: str) -> bool:
        """Whether the object is still there when the writer has had time to go on to its key; it
        goes with a writer that ends."""
        try:
            wait_for(lambda: not self.host.exists(name), "an end of the object", str, ANSWERED)
        except Expired:
            return True
        return self._ends(writer)

    @staticmethod
    def _ends(writer: Program, seconds: float = ANSWERED) -> bool:
        """Whether it ends by itself, within so many seconds."""
        try:
            writer.wait(seconds)
        except Expired:
            return False
        return True

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
        written = mapping.read(PAGE).rstrip(b"\0")
        written += bytes(len(written) % 2 if charset == "unicode" else 0)
        judge.expect_text(self.words.message, written, charset)
        return True

    def _keys(self, writer: Program, name: str) -> Tuple[Tuple[Key, ...], bool]:
        """The keys that make it go on, and whether it then ends. One must be enough (W6)."""
        screen = writer.screen()
        pressed: List[Key] = []
        # A letter alone cannot be enough where its calls show that it waits for a line.
        patience = DEADLINE
        if self.traced and judge.trace_of(self.scene, writer).wants_enter:
            patience = ANSWERED
        for key in (LETTER, ENTER, LETTER, ESCAPE):
            writer.press(key)
            pressed.append(key)
            try:
                writer.wait(ANSWERED if pressed[1:] else patience)
            except Expired:
                if not self.host.exists(name) or self._has_read(writer):
                    break  # It has gone on, and does not end.
                continue
            break
        ended = writer.ended()
        went_on = ended or not self.host.exists(name) or self._has_read(writer)
        names = ", then ".join(map(key_name, pressed))
        expect("W6", "keys that make it go on", key_name(LETTER),
               names if went_on else f"not even {names}")
        if not went_on:
            return (), False
        if ended:
            outcome = judge.expect_success(writer, "W7", "after its key was pressed")
            if outcome and not outcome.out_total and len(pressed) == 1:
                judge.expect_no_echo(screen, writer.screen())
        else:
            expect("W7", "after its key was pressed", "it ends", "it still runs", hangs=True)
        return tuple(pressed), ended

    def _at_its_key(self, writer: Program) -> bool:
        """Whether it has come to its wait for a key, if that is known."""
        return self.traced and bool(judge.trace_of(self.scene, writer).keys)

    def _has_read(self, writer: Program) -> bool:
        """Whether the last call that it has made is one that has read a key, if that is known."""
        calls = writer.calls()[-1:] if self.traced else []
        return any(call.name == "_getch" and call.result is not None for call in calls)


def _what(program: Program) -> str:
    """That nothing was written, and how the program ended if it did."""
    ended, outcome = program.status()
    return "nothing" + (f"; it ended with {exit_code(outcome.code)}" if ended else "")


def key_name(key: Key) -> str:
    """A key as a person calls it."""
    return {LETTER: "x", ENTER: "Enter", ESCAPE: "Escape"}[key]
