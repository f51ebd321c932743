"""Traces a program: tracer.dll in it records its calls and, if requested, holds it or makes a call
fail.

The record is named shared memory, created here and mapped by both sides; agent/record.h has its
layout. injection.py loads the DLL into the program."""
from __future__ import annotations

import itertools
from contextlib import suppress
from typing import Any, Dict, List, Optional, Sequence, Tuple, Union

from harness.driver.errors import CallsLost, HarnessError, HostLost
from harness.driver.waiting import Countdown
from harness.driver.win32.calls import FUNCTIONS, Call, Text
from harness.driver.win32.constants import (ANSI, CURRENT_PROCESS, DUPLICATE_SAME_ACCESS,
                                            FILE_MAP_ALL_ACCESS, INVALID_HANDLE_VALUE,
                                            PAGE_READWRITE)
from harness.driver.win32.functions import Win32
from harness.driver.win32.injection import Imports
from harness.driver.win32.prototypes import structure

#: As in agent/record.h.
NAME = "Local\\named-shared-memory-trace-{:08x}"
ROOM_FOR_CALLS, ROOM_FOR_TEXTS = 65536, 8 << 20
READY = 0x43415254
ENTERED, RETURNED = 1, 2
RECORD, CALL = structure("RECORD", 8), structure("CALL", 8)  # The same in every process.
RECORD_BYTES, CALL_BYTES = len(RECORD()), len(CALL())
TEXTS_AT = RECORD_BYTES + ROOM_FOR_CALLS * CALL_BYTES
#: The exit code of a running process, and the first one of failures in the loader.
STILL_ACTIVE, LOADING_FAILED = 259, 0xC0000000


def _numbers(function: str, nth: int) -> Tuple[int, int]:
    """Return the first and last number of that function (named without A or W) in FUNCTIONS, from
    1. Raises HarnessError if its call number `nth`, from 1, cannot fail."""
    found = [number for number, traced in enumerate(FUNCTIONS, 1) if function == traced.bare]
    if not found or nth < 1:
        raise HarnessError(f"call {nth} of {function} cannot fail: agent/functions.h lists the "
                           "traced functions, and calls count from 1")
    return found[0], found[-1]


def _places(row: Any) -> List[Tuple[int, int]]:
    """Return where the texts of a call are: their offsets and sizes in bytes."""
    return [(row.text, row.text_bytes), (row.text_2, row.text_2_bytes)]


def _call(row: Any, texts: Dict[Tuple[int, int], bytes]) -> Call:
    if row.state not in (ENTERED, RETURNED):
        raise ValueError(row.state)
    function = FUNCTIONS[row.function]
    places = iter(_places(row))
    wide = function.name.endswith("W")
    coding = ("utf-16-le", "surrogatepass") if wide else (ANSI, "replace")
    arguments: List[Union[int, Text]] = []
    for kind, value in zip(function.kinds, row.arguments):
        place = next(places) if kind == "TEXT" else None
        arguments.append(value if place is None else Text(
            value, None if place[0] < 0 else texts[place].decode(*coding)))
    return Call(function.name, tuple(arguments), row.result if row.state == RETURNED else None,
                row.error, row.thread, row.returns_to)


class Trace:
    """The record of one program, which must be suspended. If it `holds`, the program stops at its
    start, and before and after each call, in every thread; it is held once it has made `to` stops.
    With `fail`, the call number `nth` of that function fails with `error` and returns `result`.
    Raises Win32Error, HarnessError."""

    def __init__(self, win32: Win32, process: int, process_id: int, dll: str, holds: bool,
                 fail: Optional[str], error: int, result: int, nth: int) -> None:
        self.win32 = win32
        self.to = 1
        self._process = process
        self._known: List[Call] = []  # The calls before the first that has not returned.
        self._loaded = False
        self._view = 0
        self._handles: List[int] = []
        try:
            first, last = _numbers(fail, nth) if fail else (0, 0)
            self._handles.append(win32.CreateFileMappingW(
                INVALID_HANDLE_VALUE, None, PAGE_READWRITE, 0, TEXTS_AT + ROOM_FOR_TEXTS,
                NAME.format(process_id)))
            self._view = win32.MapViewOfFile(self._handles[0], FILE_MAP_ALL_ACCESS, 0, 0, 0)
            for _ in range(2 * holds):
                self._handles.append(win32.CreateEventW(None, False, False, None))
            self._stopped, self._go = self._handles[1:] or (0, 0)
            imports = Imports(win32, process)
            win32.write(self._view, bytes(RECORD(
                **dict(zip(("imports_at", "imports_size", "bound_at", "bound_size"),
                           imports.original)),
                stopped=self._given(self._stopped), go=self._given(self._go), holds=holds,
                fails_first=first, fails_last=last, fails_with=error, fails_returning=result,
                fails_in=nth, to=self.to, stops=1)))
            imports.add(dll)
        except BaseException:
            with suppress(HostLost):
                self.close()
            raise

    def _given(self, handle: int) -> int:
        """Return the program's own handle to the same object; 0 for none."""
        copy = self.win32.out("HANDLE")
        if handle:
            self.win32.DuplicateHandle(CURRENT_PROCESS, handle, self._process, copy, 0, False,
                                       DUPLICATE_SAME_ACCESS)
        return int(copy.value)

    def _record(self) -> Any:
        return RECORD(self.win32.read(self._view, RECORD_BYTES))

    def await_loading(self, seconds: float) -> None:
        """Wait until the tracer is in the running program, or the program has ended. Then remove
        the record's name; its memory remains with the views. Raises HarnessError if late."""
        countdown = Countdown(seconds)
        while not self._loaded:
            ended = self.win32.wait(self._process, seconds=0.001) is not None
            self._loaded = self._record().ready == READY
            if ended:
                break
            if countdown.over():
                raise HarnessError(f"the tracer was not loaded within {seconds:g} s")
        self.win32.CloseHandle(self._handles.pop(0))

    def calls(self) -> List[Call]:
        """Return the calls so far, in order. Raises CallsLost, with the known ones, if the record
        is full or the program has overwritten it."""
        record = self._record()
        count, size = record.calls, record.bytes
        if not self._loaded:
            code = self.win32.out("DWORD")
            self.win32.GetExitCodeProcess(self._process, code)
            if code.value < LOADING_FAILED and code.value != STILL_ACTIVE:
                raise CallsLost("the program has overwritten the record, or ran without a tracer")
            return []
        if record.ready != READY or not len(self._known) <= count <= ROOM_FOR_CALLS or size < 0:
            raise CallsLost("the program has overwritten the record", self._known)
        calls = list(self._known)
        start = self._view + RECORD_BYTES + len(calls) * CALL_BYTES
        # A row that is zero is being written; all texts of the others are there.
        left = count - len(calls)
        rows = list(itertools.takewhile(lambda row: row.state, CALL.each(
            self.win32.read(start, left * CALL_BYTES))))
        try:
            texts = self._texts(rows)
            for row in rows:
                calls.append(_call(row, texts))
                if row.state == RETURNED and len(self._known) == len(calls) - 1:
                    self._known.append(calls[-1])
        except (IndexError, ValueError):
            raise CallsLost("the program has overwritten the record", calls) from None
        if count == ROOM_FOR_CALLS or size > ROOM_FOR_TEXTS:
            raise CallsLost(f"the record of its calls is full after {len(calls)}", calls)
        return calls

    def _texts(self, rows: Sequence[Any]) -> Dict[Tuple[int, int], bytes]:
        """Return the texts of these rows, by their places. Raises ValueError for a wrong place."""
        places = [place for row in rows for place in _places(row)]
        if not all(-1 <= at and at + size <= ROOM_FOR_TEXTS for at, size in places):
            raise ValueError(places)
        first = min((at for at, size in places if size), default=0)
        last = max((at + size for at, size in places if size), default=0)
        data = self.win32.read(self._view + TEXTS_AT + first, last - first)
        return {(at, size): data[at - first:at - first + size] if size else b""
                for at, size in places}

    # Holding --------------------------------------------------------------------------------

    def go(self, to: Optional[int] = None) -> None:
        """Resume the program to its next stop, or until it has made `to` stops."""
        self.to = to or self.stops() + 1
        self.win32.write(self._view + RECORD.place("to"), self.to.to_bytes(4, "little"))
        self.win32.SetEvent(self._go)

    def stops(self) -> int:
        """Count its stops so far; the first is its start. Raises CallsLost if it is not held."""
        record = self._record()
        if record.unheld:
            raise CallsLost("the program has closed the handles by which it is held")
        return int(record.stops)

    def is_held(self, seconds: float) -> Optional[bool]:
        """Return whether it is held within that time, or None if it has ended."""
        countdown = Countdown(seconds)
        while True:
            if self.win32.wait(self._process) is not None:
                return None
            held = self.stops() >= self.to
            if held or countdown.over():
                return held
            self.win32.wait(self._stopped, self._process, seconds=min(1.0, countdown.left()))

    def close(self) -> None:
        """Free the record; the program must have ended, or never run."""
        view, self._view = self._view, 0
        if view:
            self.win32.UnmapViewOfFile(view)
        while self._handles:
            self.win32.CloseHandle(self._handles.pop())
