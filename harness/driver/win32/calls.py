"""Describes API calls of a traced program's own code, each as a line that can be compared.

Handles and addresses differ between runs, so a line names the variable of the documented source
instead: hMapFile for the result of CreateFileMapping or OpenFileMapping, pBuf for that of
MapViewOfFile. agent/functions.h lists the traced functions and the kinds of other values."""
from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Dict, List, NamedTuple, Optional, Sequence, Tuple, Union

from harness.driver.win32.constants import escaped, named

#: The meaning of each letter in functions.h, as constants.py names the kinds.
LETTERS = {"h": "HANDLE", "a": "PVOID", "z": "SIZE_T", "t": "TEXT", "n": "DWORD", "f": "BOOL",
           "p": "PAGE", "m": "FILE_MAP", "e": "EVENT", "s": "MB", "b": "BUTTON", "k": "KEY",
           "w": "WAIT", "v": "VOID"}
TABLE = Path(__file__).parents[2] / "agent" / "functions.h"


class Function(NamedTuple):
    """A traced function: its name, its name in a source file (without A or W), and the kinds of its
    arguments and of its result."""

    name: str
    bare: str
    kinds: Tuple[str, ...]
    result: str


def _functions() -> List[Function]:
    """Parse the rows of functions.h, in order: a number in a record is an index."""
    found = []
    rows = re.findall(r"(BOTH|ONE|CRT)\((\w+), \d, \"(\w*)\", '(\w)'\)", TABLE.read_text("utf-8"))
    for row, name, kinds, result in rows:
        found += [Function(name + letter, name, tuple(LETTERS[kind] for kind in kinds),
                           LETTERS[result]) for letter in ("AW" if row == "BOTH" else ("",))]
    return found


FUNCTIONS = _functions()
BY_NAME = {function.name: function for function in FUNCTIONS}
#: Functions that wait for a time. A program may do that in the middle of anything.
PAUSES = tuple(function.name for function in FUNCTIONS if function.result == "VOID")
#: The results that get a name, and their variable in the documented source.
VARIABLES = {"CreateFileMapping": "hMapFile", "OpenFileMapping": "hMapFile",
             "CreateEvent": "hEvent", "CreateEventEx": "hEvent",
             "MapViewOfFile": "pBuf", "MapViewOfFileEx": "pBuf"}
#: A view is whole pages; an address within the first belongs to the view.
PAGE = 4096


@dataclass(frozen=True)
class Text:
    """A string argument: its address, and the characters there, or None if there are none."""

    address: int
    text: Optional[str]


@dataclass(frozen=True)
class Call:
    """A call: arguments as numbers and texts; the result is None until it has returned, and `error`
    is GetLastError() then. `thread` is the id of the calling thread; `returns_to` is the address
    after the call, relative to the program's image, or 0 outside of it."""

    name: str
    arguments: Tuple[Union[int, Text], ...]
    result: Optional[int] = None
    error: int = 0
    thread: int = field(default=0, compare=False)
    returns_to: int = field(default=0, compare=False)

    @property
    def function(self) -> str:
        """Return the name as in a source file, without A or W."""
        return BY_NAME[self.name].bare if self.name in BY_NAME else self.name


class _Names:
    """The variables that hold handles and addresses, by value."""

    def __init__(self) -> None:
        self._held: Dict[Tuple[str, int], str] = {}
        self._count: Dict[str, int] = {}

    def keep(self, call: Call, kind: str) -> None:
        """Name what the call returned; a second handle or view gets the suffix 2."""
        variable = VARIABLES.get(call.function)
        if variable and call.result:
            count = self._count[variable] = self._count.get(variable, 0) + 1
            self._held[kind, call.result] = variable + (str(count) if count > 1 else "")

    def show(self, kind: str, value: int) -> str:
        """Return the variable or constant for the number, or the number."""
        if (kind, value) in self._held:
            return self._held[kind, value]
        inside = [f"{name} + {value - start}" for (held, start), name in self._held.items()
                  if held == kind == "PVOID" and start < value < start + PAGE]
        return inside[0] if inside else named(kind, value)

    def text(self, argument: Text) -> str:
        """Return the characters, after their view if they are in one."""
        quoted = "NULL" if argument.text is None else f'"{escaped(argument.text)}"'
        place = self.show("PVOID", argument.address)
        return f"{place} {quoted}" if place.startswith("pBuf") else quoted


def lines(calls: Sequence[Call]) -> List[str]:
    """Return a line for each call, in order, such as `OpenFileMappingW(FILE_MAP_ALL_ACCESS, FALSE,
    "Global\\MyFileMappingObject") -> hMapFile`; a failed one shows its last error."""
    names = _Names()
    shown = []
    for call in calls:
        _, _, kinds, result = BY_NAME.get(call.name) or Function("", "", (), "DWORD")
        padded = kinds + ("DWORD",) * (len(call.arguments) - len(kinds))
        arguments = ", ".join(names.text(value) if isinstance(value, Text)
                              else names.show(kind, value)
                              for kind, value in zip(padded, call.arguments))
        names.keep(call, result)
        if call.result is None:
            ending = "has not returned"
        elif result == "VOID":
            ending = "-> nothing"
        else:
            # Any number but 0 is TRUE. A key can be 0, too, and a wait that succeeds returns it.
            value = int(bool(call.result)) if result == "BOOL" else call.result
            failed = value == 0 and result not in ("KEY", "WAIT")
            ending = "-> " + names.show(result, value) + f", error {call.error}" * failed
        shown.append(f"{call.name}({arguments}) {ending}")
    return shown
