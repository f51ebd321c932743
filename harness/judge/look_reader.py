"""The first look at a reader: its message box and its end."""
from __future__ import annotations

from dataclasses import replace
from typing import Optional

from harness.driver.contract import BUF_SIZE, encode
from harness.driver.errors import Expired, Win32Error
from harness.driver.pair import Facts
from harness.driver.programs import Program
from harness.driver.waiting import wait_for
from harness.driver.win32.boxes import Box
from harness.driver.win32.objects import Mapping
from harness.judge import expectations as judge
from harness.judge.findings import READER, board, expect
from harness.judge.look import Look, what_it_did


class ReaderLook(Look):
    """A first look at the reader of a pair."""

    def facts(self) -> Facts:
        """Start the reader with a message in the object: its message box and end."""
        facts = Facts(self.words.name)
        for name in (self.words.name, None):
            if name is None:
                name = self._asked_for()
                if not name:
                    break
                facts = Facts(name)
            try:
                mapping = self.host.create(name, BUF_SIZE).map()
            except Win32Error:
                break  # Nobody can have an object of that name.
            mapping.write(encode(self.words.message, self.half.charset))
            reader = self.scene.reader(self.launch)
            self._last = reader
            boxes = reader.boxes(10.0)
            self._needs_its_dlls(reader)
            if not boxes and judge.missing_part(reader.status()[1]) == "object" \
                    and name == self.words.name:
                continue
            facts = self._with_boxes(reader, facts, mapping if boxes else None)
            self.host.sweep()
            return facts
        self._compare(self._last)
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

    def _with_boxes(self, reader: Program, facts: Facts, mapping: Optional[Mapping]) -> Facts:
        """Judge it by its message boxes, which show what is in that object, if there are any."""
        if not mapping:
            self._compare(reader)
            ended, outcome = reader.status()
            part = judge.missing_part(outcome)
            if part == "view" and not board.record.findings:
                expect("R3", "whether it gets a view", True, what_it_did(reader))
            elif part == "object" and not board.record.findings:
                expect("R1", "whether it gets the object", True, what_it_did(reader))
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
            self._compare(reader)
            return replace(facts, no_wait=self._broken("R5"))
        holds = mapping.handles() > 1
        reader.answer(box)
        other = self._another(reader, box)
        if other:
            expect("R5", "number of message boxes, one after the other", 1, "more than one")
            reader.answer(other)
        end = judge.expect_success(reader, "R6", "after its message box was answered")
        found = self._compare(reader)
        if mixed:
            return replace(facts, no_wait=("B2",))  # Its text is that of another character set.
        if not holds and not found:
            self._has_closed_it(mapping)
        return facts if end else replace(facts, no_end=self._broken("R6"))

    def _has_closed_it(self, mapping: Mapping) -> None:
        """Find out why a reader at its box has no handle to the object: one that shows what is in
        the memory has closed it too early (R6), any other may never have opened it (R5)."""
        text = "Another message."
        judge.filled(mapping, encode(text, self.half.charset), b"\0")
        box = judge.expect_box(self.scene.reader(self.launch), text, self.words.title)
        if box and box.text == text:
            expect("R6", "whether it still has the object open while it shows its message box",
                   True, False)

    @staticmethod
    def _another(reader: Program, first: Box) -> Optional[Box]:
        """A second box that opens instead of an end; the first one may take a while to close."""
        try:
            return wait_for(lambda: next((box for box in reader.boxes(0.0)
                                          if box.window != first.window), None),
                            "a second box", str, over=reader.ended)
        except Expired:
            return None
