"""Compares the calls of a traced program with the documented ones, each difference for its claim.

The calls fall into four parts, and each part has a claim: getting the object, getting the view,
the wait for a key or the message box, and the end. Only calls of these functions count, and of
UnmapViewOfFile and CloseHandle only those on a handle or view that one of these calls returned:
the rest are the compiler's run-time library or the program's own business. Where that library is
part of the program (/MT), its _getch is seen as the ReadConsoleInput calls that it makes.
"""
from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Dict, List, Optional, Sequence, Set

from harness.driver.contract import BUF_SIZE, Words
from harness.driver.pair import Half
from harness.driver.win32.calls import PAGE, Call, Text, lines
from harness.driver.win32.constants import FILE_MAP_ALL_ACCESS, PAGE_READWRITE
from harness.judge.findings import WRITER, expect

OBJECT = ("CreateFileMapping", "OpenFileMapping", "CreateFileMappingNuma")
VIEW = ("MapViewOfFile", "MapViewOfFileEx")
KEY = ("_getch", "_getche", "_getwch", "_getwche", "getch", "getchar", "getwchar", "_kbhit",
       "ReadConsole", "ReadConsoleInput")
#: Those that return only after Enter.
LINE = ("getchar", "getwchar", "ReadConsole")
BOX = ("MessageBox", "MessageBoxEx", "MessageBoxIndirect")
END = ("UnmapViewOfFile", "CloseHandle")


def _bare(name: str) -> str:
    """The function without the letter of its character set."""
    return name[:-1] if name[-1] in "AW" and name[:-1].isidentifier() else name


def _with_getch(calls: Sequence[Call]) -> List[Call]:
    """The calls, with each unbroken row of ReadConsoleInput as the one _getch that makes them."""
    kept: List[Call] = []
    for call in calls:
        if _bare(call.name) != "ReadConsoleInput":
            kept.append(call)
        elif not kept or kept[-1].name != "_getch":
            kept.append(replace(call, name="_getch", arguments=()))
    return kept


@dataclass(frozen=True)
class Claims:
    """The claims of one program: its object, its view, what it waits for, its end, and what it does
    without an object and without a view."""

    object: str
    view: str
    wait: str
    end: str
    no_object: str
    no_view: str


CLAIMS = {"first_process": Claims("W1", "W3", "W6", "W7", "W2", "W4"),
          "second_process": Claims("R1", "R3", "R5", "R6", "R2", "R4")}


class Trace:
    """The calls of one run of a half, compared with the page. `words` are the name, message and
    title that the page gives, or that were asked for instead."""

    def __init__(self, half: Half, program: str, calls: Sequence[Call], words: Words) -> None:
        self.half, self.program, self.words = half, program, words
        self.claims = CLAIMS[program]
        if half.own_runtime:
            calls = _with_getch(calls)
        self._lines = dict(zip(map(id, calls), lines(calls)))
        objects = [call for call in calls if _bare(call.name) in OBJECT]
        views = [call for call in calls if _bare(call.name) in VIEW]
        self.objects, self.views = objects, views
        self.waits = [call for call in calls
                      if _bare(call.name) in (KEY if program == WRITER else BOX)]
        self.keys = [call for call in calls if _bare(call.name) in KEY]
        self.wants_enter = any(_bare(call.name) in LINE for call in self.keys)
        self.boxes = [call for call in calls if _bare(call.name) in BOX]
        #: What is given back, and the wait or box among it, in their order.
        self.order: List[Call] = []
        given_back: Set[int] = set()
        for call in calls:
            value = self._value(call, 0) or 0
            if call in self.waits:
                self.order.append(call)
            elif call.name in END and self._owns(call.name, value):
                # A handle that was closed may return as another one, which is none of ours.
                if value not in given_back or not call.result:
                    self.order.append(call)
                given_back.add(value)

    def _owns(self, function: str, value: int) -> bool:
        if function == "CloseHandle":
            return any(call.result == value for call in self.objects if call.result)
        return any(call.result <= value < call.result + PAGE for call in self.views if call.result)

    @staticmethod
    def _value(call: Call, place: int) -> Optional[int]:
        value = call.arguments[place] if place < len(call.arguments) else None
        return value.address if isinstance(value, Text) else value

    def _shown(self, calls: Sequence[Call]) -> List[str]:
        """The calls as a person reads them."""
        return [self._lines[id(call)].replace(" -> TRUE", "") for call in calls]

    def compare(self) -> None:
        """Expect the calls of a run that got an object and a view, and went on to its end."""
        if self.begins():
            self._wait()
            self._end()

    def begins(self) -> bool:
        """Expect the calls up to the view; whether the program got so far."""
        return self._object() and self._view()

    def goes_on(self, with_object: bool) -> bool:
        """Whether its calls show that it did not end for want of the object or, with the object,
        for want of a view: it has gone further, or tried again."""
        return bool(self.keys or self.boxes) or len(self.objects) > 1 \
            or len(self.views) > with_object

    def expect_no_object(self) -> None:
        """Expect one attempt at the object, which failed, and no other call."""
        if self._object(with_result=False):
            others = self.views + self.keys + self.boxes + [
                call for call in self.order if call.name in END]
            expect(self.claims.no_object, "calls after it got no object", [], self._shown(others))

    def expect_no_view(self) -> None:
        """Expect an object, a view that failed, and the handle closed, once."""
        if self._object() and self._view(with_result=False) and expect(
                self.claims.view, "whether it gets a view that is too large for the object", False,
                any(call.result for call in self.views)):
            others = self.keys + self.boxes + [call for call in self.order if call.name in END]
            expect(self.claims.no_view, "calls after it got no view", ["CloseHandle(hMapFile)"],
                   self._shown(others))

    def _object(self, with_result: bool = True) -> bool:
        """Whether the one attempt at the object is as documented, or goes on so."""
        claim, function = self.claims.object, OBJECT[self.program != WRITER]
        if not expect(claim, "functions that it calls to get the object", [function],
                      [_bare(call.name) for call in self.objects]):
            return False
        call = self.objects[0]
        self._letter(call)
        name = call.arguments[-1]
        expect("B3", "name of the object", self.words.name,
               name.text if isinstance(name, Text) else None, self.program)
        expected: Dict[str, object] = {
            "handle": -1, "security attributes": 0, "protection": PAGE_READWRITE,
            "size, high-order DWORD": 0, "size, low-order DWORD": BUF_SIZE,
        } if self.program == WRITER else {"access": FILE_MAP_ALL_ACCESS, "inheritance": 0}
        self._arguments(claim, call, expected)
        return bool(call.result) or not with_result

    def _view(self, with_result: bool = True) -> bool:
        claim = self.claims.view
        if not expect(claim, "functions that it calls to get the view", [VIEW[0]],
                      [call.name for call in self.views]):
            return False
        call = self.views[0]
        self._arguments(claim, call, {
            "handle": self.objects[0].result, "access": FILE_MAP_ALL_ACCESS,
            "offset, high-order DWORD": 0, "offset, low-order DWORD": 0, "size": BUF_SIZE})
        return bool(call.result) or not with_result

    def _arguments(self, claim: str, call: Call, expected: Dict[str, object]) -> None:
        """Expect the arguments; in a finding both calls are shown as the source has them."""
        seen = [self._value(call, place) for place in range(len(expected))]
        wrong = [name for (name, value), got in zip(expected.items(), seen) if value != got]
        if wrong:
            expect(claim, f"{', '.join(wrong)} at {_bare(call.name)}", self._documented(call),
                   self._lines[id(call)].split(" -> ")[0])
        else:
            expect(claim, f"arguments of {_bare(call.name)}", True, True)

    def _documented(self, call: Call) -> str:
        name = self.words.name
        return {
            "CreateFileMapping": f'{call.name}(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, '
                                 f'{BUF_SIZE}, "{name}")',
            "OpenFileMapping": f'{call.name}(FILE_MAP_ALL_ACCESS, FALSE, "{name}")',
            "MapViewOfFile": f"MapViewOfFile(hMapFile, FILE_MAP_ALL_ACCESS, 0, 0, {BUF_SIZE})",
        }[_bare(call.name)]

    def _letter(self, call: Call) -> None:
        letter = "W" if self.half.charset == "unicode" else "A"
        expect("B2", f"{_bare(call.name)} of the program's character set",
               _bare(call.name) + letter, call.name, self.program)

    def _wait(self) -> None:
        """The one key, or the one message box with the view itself as its text."""
        seen = [call.name if self.program == WRITER else _bare(call.name) for call in self.waits]
        wanted = "_getch" if self.program == WRITER else "MessageBox"
        what = "wait for a key" if self.program == WRITER else "show the message"
        if not expect(self.claims.wait, f"functions that it calls to {what}", [wanted], seen):
            return
        if self.program != WRITER:
            call = self.waits[0]
            self._letter(call)
            if call.name.endswith("W") == (self.half.charset == "unicode"):
                expected = {"owner": "NULL", "text": "pBuf", "title": f'"{self.words.title}"',
                            "style": "MB_OK"}
                seen_box = self._box(call)
                wrong = [name for name, value in expected.items() if seen_box[name] != value]
                wanted, seen_call = (f"{call.name}({', '.join(box.values())})"
                                     for box in (expected, seen_box))
                expect("R5", f"{', '.join(wrong) or 'arguments'} at MessageBox", wanted, seen_call)
            expect("R6", "functions that it calls to wait for a key", [],
                   [key.name for key in self.keys])

    def _box(self, call: Call) -> Dict[str, str]:
        """The arguments with only the title's characters, since the text's are looked at in the
        box."""
        text, title = call.arguments[1:3]
        assert isinstance(text, Text) and isinstance(title, Text)
        # Of a view that is given back before the box there can be a copy at best; that is R6.
        early = any(end.name == "UnmapViewOfFile" for end in self.order[:self.order.index(call)])
        own = text.address == self.views[0].result or early
        place = "pBuf" if own else f'"{text.text}"'
        owner = "NULL" if not self._value(call, 0) else hex(self._value(call, 0) or 0)
        style = self._lines[id(call)].rpartition(", ")[2].split(")")[0]
        return {"owner": owner, "text": place, "title": f'"{title.text}"', "style": style}

    def _end(self) -> None:
        """After the wait or the box: the view, then the handle, each given back once."""
        what = "the key" if self.program == WRITER else "the message box"
        wait = [what] if self.waits else []
        again = set(map(id, self.waits[1:]))
        expect(self.claims.end, f"order of {what}, UnmapViewOfFile and CloseHandle",
               wait + ["UnmapViewOfFile(pBuf)", "CloseHandle(hMapFile)"],
               [what if call in self.waits else line
                for call, line in zip(self.order, self._shown(self.order))
                if id(call) not in again])
