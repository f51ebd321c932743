"""Sorts the calls of one run of a program into parts with one claim each: getting the object,
getting the view, the wait for a key or the message box, and the end.

UnmapViewOfFile and CloseHandle count only for a handle or view that one of these calls returned;
all other calls belong to the run-time library, or do not matter.
"""
from __future__ import annotations

import re
from typing import Dict, List, Optional, Sequence, Set

from harness.driver.win32.calls import PAGE, PAUSES, Call, Text, lines
from harness.driver.win32.constants import FILE_MAP_WRITE
from harness.judge.claims import WRITER
from harness.judge.counting import (BOX, INPUT, KEY, OBJECT, VIEW, bare, is_pause, value,
                                    with_getch, without_others)


class Calls:
    """The parts of a run. `questions` are the waits for input before the object; `objects` and
    `views` the calls for these; `waits` the wait for a key, or the boxes, with each that follows at
    once; `keys` all waits for input after the object. `order` has what is given back, obtained
    again or waited for after the first wait or box, which it lists as `what`; `pauses` are the
    waits for a time after that, or after a failure; `others` has the names of objects other than
    `name`."""

    def __init__(self, calls: Sequence[Call], role: str, name: str, own_runtime: bool = False
                 ) -> None:
        calls, self.others = without_others(with_getch(calls) if own_runtime else calls, role, name)
        self.role, self.all = role, [call for call in calls if call.name not in PAUSES]
        #: For how many seconds it waits now, if it waits for a time.
        self.rests = value(calls[-1].arguments[0]) / 1000 if (
            calls and calls[-1].name in PAUSES and calls[-1].result is None) else 0.0
        self.what = "the key" if role == WRITER else "the message box"
        self.questions: List[Call] = []
        self.objects: List[Call] = []
        self.views: List[Call] = []
        self.waits: List[Call] = []
        self.keys: List[Call] = []
        self.order: List[str] = []
        self.pauses: List[Call] = []
        self._listed = 0  # How many of these are in `order`.
        self._shown = dict(zip(map(id, calls), lines(calls)))
        self._owned: Dict[int, str] = {}
        self._gone: Set[int] = set()
        # Handles or views that were open at once are a set. Only the last of it counts.
        self._set: Dict[int, int] = {}
        self._given: Dict[int, str] = {}
        for call in calls:
            self._sort(call, bare(call.name))

    def _sort(self, call: Call, name: str) -> None:
        """Put a call into its part."""
        wait = INPUT if self.role == WRITER else BOX
        if is_pause(call):
            # While one thread waits for the key, others may sleep.
            if self.failed or self.what in self.order and call.thread == self.waits[-1].thread:
                self.pauses.append(call)
        elif name in OBJECT + VIEW:
            part = self.objects if name in OBJECT else self.views
            if self.what not in self.order and not self.failed:  # That was no end.
                self.order = []
            if self.order:
                self._list(self.show(call))
            else:
                self._forget_pauses()
                part.append(call)
            if call.result:
                # A second object or view is wrong itself, so one of them may be left.
                before = next((one.result for one in part if one is not call
                               and one.result in self._set and one.result not in self._gone), None)
                self._set[call.result] = self._set[before] if before else id(call)
                self._gone.discard(call.result)
                self._owned[call.result] = "CloseHandle" if name in OBJECT else "UnmapViewOfFile"
        elif name in INPUT and not (self.objects if self.role != WRITER else self.views):
            self.questions.append(call)
        elif name in INPUT + BOX:
            if name in INPUT:
                self.keys.append(call)
            if name in wait and self.order in ([], [self.what]):
                self._forget_pauses()
                self.waits.append(call)
                self.order = [self.what]
            elif name in wait and self.what not in self.order:
                self.waits.append(call)
                self._list(self.what)
            elif name in INPUT and self.role == WRITER or name in BOX:
                self._list(f"{call.name}(…)")
                self.waits += [call] * (self.role != WRITER)
        elif name in ("UnmapViewOfFile", "CloseHandle"):
            self._give_back(call, value(call.arguments[0]))

    def _give_back(self, call: Call, given: int) -> None:
        mine = next((one for one, by in self._owned.items() if by == call.name and (
            one == given or by == "UnmapViewOfFile" and one <= given < one + PAGE)), None)
        # The system may reuse the value of a closed handle for another object.
        if mine is not None and (given not in self._gone or not call.result):
            shown = self._shown[id(call)].replace(" -> TRUE", "")
            self._list(re.sub(r"(pBuf|hMapFile)\d+", r"\1", shown))
            before = self._given.get(self._set[mine])
            if before and call.result:
                self.order.remove(before)
            self._given[self._set[mine]] = self.order[-1]
        elif given in self._owned and given not in self._gone:
            self._list(f"{call.name}({'pBuf' if call.name == 'CloseHandle' else 'hMapFile'})")
        self._gone.add(given)

    def _list(self, what: str) -> None:
        """Add to the order, after the pauses before it."""
        self.order = [*self.order_at_end, what]
        self._listed = len(self.pauses)

    def _forget_pauses(self) -> None:
        """Forget the last pauses: they were between two attempts, or two looks for a key."""
        del self.pauses[self._listed:]

    @property
    def order_at_end(self) -> List[str]:
        """Return the order of a program that has ended."""
        return self.order + [self.show(call) for call in self.pauses[self._listed:]]

    @property
    def waiting(self) -> Optional[Call]:
        """Return the call in which it waits for input or a time, if any."""
        last = (self.all[-1:] if self.asks() else []) + self.pauses[-1:]
        return last[0] if last and last[0].result is None else None

    def show(self, call: Call) -> str:
        """Return a call as the source has it."""
        return self._shown[id(call)].split(" -> ")[0].replace(" has not returned", "")

    @property
    def failed(self) -> str:
        """Return the failed call for an object or a view, with its error, or ""."""
        for call in self.objects[:1] + self.views[:1]:
            if call.result == 0:
                return self._shown[id(call)]
        return ""

    @property
    def gives_up(self) -> bool:
        """Return whether it maps NULL although it got an object, as if it had none."""
        return bool(self.objects and self.objects[0].result and self.views
                    and not value(self.views[0].arguments[0]))

    @property
    def could_write(self) -> bool:
        """Return whether its view begins with the object, and can be written to."""
        arguments = [value(argument) for argument in self.views[0].arguments] if self.views else []
        return bool(arguments and arguments[1] & FILE_MAP_WRITE and arguments[2:4] == [0, 0])

    @property
    def object_name(self) -> Optional[str]:
        """Return the name that the first call for an object passed."""
        name = self.objects[0].arguments[-1] if self.objects else None
        return name.text if isinstance(name, Text) else None

    def asks(self) -> bool:
        """Return whether it waits for input now."""
        last = self.all[-1] if self.all else None
        return bool(last and bare(last.name) in INPUT and last.result is None)

    def goes_on(self, with_object: bool) -> bool:
        """Return whether its calls show that it did not stop without the object (or, if it has
        that, without a view): it went further, or tried again."""
        return bool(self.keys or self.waits) or len(self.objects) > 1 \
            or len(self.views) > with_object

    def has_gone_on(self) -> bool:
        """Return whether the writer has made a call after its wait, or its wait has returned. (One
        that looks again and again may only have read one of several keys.)"""
        last = self.waits[-1] if self.waits else None
        looks = any(call.name == "_kbhit" for call in self.waits)
        return bool(last and (self.order[-1] != self.what or not looks
                              and bare(last.name) in KEY and last.result is not None))
