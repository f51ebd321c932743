"""API calls of a traced program's own code, each as one line that can be compared.

Handles and addresses differ from run to run, so a line has the name of the variable in the
documented source in their place: what CreateFileMapping or OpenFileMapping returned is hMapFile,
what MapViewOfFile returned is pBuf, and any other value is shown as a number.
"""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Dict, List, Optional, Sequence, Tuple, Union

from harness.driver.agent import Answer

#: The constants that name numbers in an argument or a result of that kind; other numbers are
#: shown as they are.
WORDS: Dict[str, Dict[int, str]] = {
    "handle": {-1: "INVALID_HANDLE_VALUE", 0: "NULL"},
    "address": {0: "NULL"},
    "flag": {0: "FALSE", 1: "TRUE"},
    "protection": {0x02: "PAGE_READONLY", 0x04: "PAGE_READWRITE", 0x08: "PAGE_WRITECOPY",
                   0x40: "PAGE_EXECUTE_READWRITE"},
    "access": {0x01: "FILE_MAP_COPY", 0x02: "FILE_MAP_WRITE", 0x04: "FILE_MAP_READ",
               0x06: "FILE_MAP_READ | FILE_MAP_WRITE", 0x20004: "FILE_MAP_READ | READ_CONTROL",
               0xF001F: "FILE_MAP_ALL_ACCESS"},
    "event": {2: "EVENT_MODIFY_STATE", 0x100000: "SYNCHRONIZE"},
    "wait": {0: "WAIT_OBJECT_0", 258: "WAIT_TIMEOUT"},
    "style": {0: "MB_OK", 1: "MB_OKCANCEL", 4: "MB_YESNO", 0x10: "MB_OK | MB_ICONERROR",
              0x40: "MB_OK | MB_ICONINFORMATION"},
    "button": {1: "IDOK", 2: "IDCANCEL", 6: "IDYES", 7: "IDNO"},
    "key": {code: repr(chr(code)) for code in range(0x20, 0x7F)},
}

#: The kinds of a function's arguments and of its result, by its name without A or W. All else
#: that is traced has no place in the documented pair and is shown in numbers.
KINDS: Dict[str, Tuple[str, str]] = {
    "CreateFileMapping": ("handle address protection number number text", "handle"),
    "OpenFileMapping": ("access flag text", "handle"),
    "MapViewOfFile": ("handle access number number number", "address"),
    "MapViewOfFileEx": ("handle access number number number address", "address"),
    "UnmapViewOfFile": ("address", "flag"),
    "FlushViewOfFile": ("address number", "flag"),
    "CloseHandle": ("handle", "flag"),
    "CreateEvent": ("address flag flag text", "handle"),
    "CreateEventEx": ("address text number event", "handle"),
    "SetEvent": ("handle", "flag"),
    "ResetEvent": ("handle", "flag"),
    "WaitForSingleObject": ("handle number", "wait"),
    "MessageBox": ("handle text text style", "button"),
    "_getch": ("", "key"),
}
#: The results that get a name, and the variable of the documented source that gives it.
VARIABLES = {"CreateFileMapping": "hMapFile", "OpenFileMapping": "hMapFile",
             "CreateEvent": "hEvent", "CreateEventEx": "hEvent",
             "MapViewOfFile": "pBuf", "MapViewOfFileEx": "pBuf"}
#: A view is whole pages; an address within the first belongs to the view.
PAGE = 4096


@dataclass(frozen=True)
class Text:
    """A string argument: its address, and the characters there, or None if it has none."""

    address: int
    text: Optional[str]


@dataclass(frozen=True)
class Call:
    """One call: arguments as numbers and texts; the result is None until it has returned, and
    `error` is GetLastError() then. `thread` is the id of the thread that made it."""

    name: str
    arguments: Tuple[Union[int, Text], ...]
    result: Optional[int] = None
    error: int = 0
    thread: int = field(default=0, compare=False)

    @property
    def function(self) -> str:
        """The name as the source has it: A or W are left to the charset."""
        bare = self.name[:-1] if self.name[-1] in "AW" else self.name
        return bare if bare in KINDS else self.name

    @classmethod
    def of(cls, answer: Answer) -> "Call":
        """A call as the agent describes it."""
        arguments = tuple(Text(value[0], value[1] if len(value) > 1 else None)
                          if isinstance(value, list) else value for value in answer["arguments"])
        return cls(answer["name"], arguments, answer.get("result"), answer.get("error", 0),
                   answer["thread"])


class _Names:
    """The variables that hold handles and addresses, by their value."""

    def __init__(self) -> None:
        self._held: Dict[Tuple[str, int], str] = {}
        self._count: Dict[str, int] = {}

    def keep(self, call: Call, kind: str) -> None:
        """Name what the call returned; a second handle or view gets a 2 after its name."""
        variable = VARIABLES.get(call.function)
        if variable and call.result:
            count = self._count[variable] = self._count.get(variable, 0) + 1
            self._held[kind, call.result] = variable + (str(count) if count > 1 else "")

    def show(self, kind: str, value: int) -> str:
        """The variable or constant that names the number, or the number."""
        if (kind, value) in self._held:
            return self._held[kind, value]
        inside = [f"{name} + {value - start}" for (held, start), name in self._held.items()
                  if held == kind == "address" and start < value < start + PAGE]
        decimal = kind in ("number", "key") or 0 <= value < 10
        number = WORDS.get(kind, {}).get(value, str(value) if decimal else hex(value))
        return inside[0] if inside else number

    def text(self, argument: Text) -> str:
        """The characters, and whose they are if they lie in a view."""
        quoted = "NULL" if argument.text is None else f'"{argument.text}"'
        place = self.show("address", argument.address)
        return f"{place} {quoted}" if place.startswith("pBuf") else quoted


def lines(calls: Sequence[Call]) -> List[str]:
    """The calls in their order, a line each, such as `OpenFileMappingW(FILE_MAP_ALL_ACCESS,
    FALSE, "Global\\MyFileMappingObject") -> hMapFile`; a failed one shows its last error."""
    names = _Names()
    shown = []
    for call in calls:
        kinds, result = KINDS.get(call.function, ("", "number"))
        padded = kinds.split() + ["other"] * (len(call.arguments) - len(kinds.split()))
        arguments = ", ".join(names.text(value) if isinstance(value, Text)
                              else names.show(kind, value)
                              for kind, value in zip(padded, call.arguments))
        names.keep(call, result)
        if call.result is None:
            ending = "has not returned"
        else:
            # Any number but zero is TRUE; zero is a key like any other, and the good end of a wait.
            value = int(bool(call.result)) if result == "flag" else call.result
            failed = value == 0 and result not in ("key", "wait")
            ending = "-> " + names.show(result, value) + f", error {call.error}" * failed
        shown.append(f"{call.name}({arguments}) {ending}")
    return shown
