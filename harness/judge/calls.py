"""Sorts the calls of one run of a program into parts with one claim each: getting the object,
getting the view, the wait for a key or the message box, and the end.

UnmapViewOfFile and CloseHandle count only for a handle or view that one of these calls returned;
all other calls belong to the run-time library, or do not matter. If that library is part of the
program (/MT), its _getch appears as the ReadConsoleInput calls that it makes.
"""
from __future__ import annotations

import re
from dataclasses import replace
from typing import Dict, List, Optional, Sequence, Set, Tuple

from harness.driver.win32.calls import PAGE, PAUSES, Call, Text, lines
from harness.driver.win32.constants import FILE_MAP_WRITE, WAIT_TIMEOUT
from harness.judge.claims import WRITER

OBJECT = ("CreateFileMapping", "OpenFileMapping", "CreateFileMappingNuma")
VIEW = ("MapViewOfFile", "MapViewOfFileEx", "MapViewOfFileExNuma")
#: Functions that return for any key, without Enter and without echo; `_gettch` is one of them.
KEY = ("_getch", "_getwch", "getch")
#: Functions that return only after Enter.
LINE = ("getchar", "getwchar", "ReadConsole")
INPUT = (*KEY, *LINE, "_getche", "_getwche", "_kbhit", "ReadConsoleInput")
BOX = ("MessageBox", "MessageBoxEx", "MessageBoxIndirect")
#: Functions that can wait for a time, with the place of the milliseconds in their arguments.
TIMED = {**dict.fromkeys(PAUSES, 0), "WaitForSingleObject": 1, "WaitForSingleObjectEx": 1,
         "WaitForMultipleObjects": 3, "WaitForMultipleObjectsEx": 3, "SignalObjectAndWait": 2}


def bare(name: str) -> str:
    """Return the function without the A or W of its character set."""
    return re.sub("(?<=[a-z])[AW]$", "", name)


def value(argument: object) -> int:
    """Return an argument as a number."""
    return argument.address if isinstance(argument, Text) else int(argument)  # type: ignore


def _is_pause(call: Call) -> bool:
    """Return whether it waited for a time, or waits for one now."""
    return call.name in PAUSES or call.result == WAIT_TIMEOUT and call.name in TIMED \
        and value(call.arguments[TIMED[call.name]]) > 0


def _with_getch(calls: Sequence[Call]) -> List[Call]:
    """Replace each sequence of ReadConsoleInput calls by the one _getch that makes them."""
    kept: List[Call] = []
    for call in calls:
        if bare(call.name) != "ReadConsoleInput":
            kept.append(call)
        elif kept and kept[-1].name == "_getch":
            kept[-1] = replace(kept[-1], result=call.result)
        else:
            kept.append(replace(call, name="_getch", arguments=()))
    return kept


def is_like(name: str, wanted: str) -> bool:
    """Return whether a name differs from the wanted one only in its namespace and in case."""
    return name.rpartition("\\")[2].lower() == wanted.rpartition("\\")[2].lower()


def _name_of(call: Call) -> str:
    return next((text.text or "" for text in call.arguments if isinstance(text, Text)), "")


def _own_name(calls: Sequence[Call], role: str, name: str) -> str:
    """Return the name of the program's one object: `name`, one like it, or the only one for which
    it calls the documented function; `name` if that is not clear."""
    asked = [call for call in calls if bare(call.name) in OBJECT]
    documented = OBJECT[0] if role == WRITER else OBJECT[1]
    for some in ([call for call in asked if _name_of(call) == name],
                 [call for call in asked if is_like(_name_of(call), name)],
                 [call for call in asked if bare(call.name) == documented and _name_of(call)]):
        if some:
            names = {_name_of(call) for call in some}
            return names.pop() if len(names) == 1 else name
    return name


def _without_others(calls: Sequence[Call], name: str) -> Tuple[List[Call], List[str]]:
    """Remove the calls for other file mapping objects than `name`. Return the rest, and the names
    of the others. No object counts as another if the program never asks for `name`, or after it
    failed to get that; nor does an attempt to get one with a name like it."""
    kept: List[Call] = []
    found: List[str] = []
    others: Set[int] = set()
    asked = [call for call in calls if bare(call.name) in OBJECT and _name_of(call) == name]
    for call in calls:
        what = bare(call.name)
        if asked and what in OBJECT and call not in asked and (
                call.result or not is_like(_name_of(call), name)):
            if call.result:
                found.append(_name_of(call))
                others.add(call.result)
            continue
        if call in asked and call.result == 0:
            asked = []
        of_another = what in (*VIEW, "CloseHandle") and value(call.arguments[0]) in others
        if what == "CloseHandle":
            others.discard(value(call.arguments[0]))
        if not of_another:
            kept.append(call)
    return kept, found


class Calls:
    """The parts of a run. `questions` are the waits for input before the object; `objects` and
    `views` the calls for these; `waits` the wait for a key, or the boxes, with each that follows at
    once; `keys` all waits for input after the object. `order` has what is given back, obtained
    again or waited for after the first wait or box, which it lists as `what`; `pauses` are the
    waits for a time after that, or after a failure; `others` has the names of objects other than
    `name`."""

    def __init__(self, calls: Sequence[Call], role: str, name: str, own_runtime: bool = False
                 ) -> None:
        calls = _with_getch(calls) if own_runtime else calls
        calls, self.others = _without_others(calls, _own_name(calls, role, name))
        self.role, self.all = role, [call for call in calls if call.name not in PAUSES]
        #: Whether it waits for a time now.
        self.rests = bool(calls and calls[-1].name in PAUSES and calls[-1].result is None)
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
        if _is_pause(call):
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
