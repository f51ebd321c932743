"""Calls Win32 functions in an agent's process, by name.

    win32 = host.win32()
    handle = win32.OpenFileMappingW(FILE_MAP_READ, False, "Global\\\\MyFileMappingObject")

Strings are passed as UTF-16, None as NULL, bytes by address; a function's output goes into an
`out`. A failure raises Win32Error with the function, its arguments and the last error.
"""
from __future__ import annotations

import math
import struct
from typing import Callable, List, Optional, Sequence, Type, Union

from harness.driver.errors import Win32Error
from harness.driver.waiting import Countdown
from harness.driver.win32.agent import MOST_BYTES, Agent, Argument, Buffer
from harness.driver.win32.constants import (CURRENT_PROCESS, MEM_COMMIT_RESERVE, PAGE_READWRITE,
                                            WAIT_OBJECT_0, WAIT_TIMEOUT, error_name, escaped,
                                            named)
from harness.driver.win32.prototypes import FUNCTIONS, Prototype, Structure, structure

Value = Union[int, str, Buffer, None]
#: What a function of each type returns on failure; an NTSTATUS is negative then.
FAILURE = {"BOOL": 0, "HANDLE": 0, "PVOID": 0, "SIZE_T": 0, "FILE_HANDLE": -1, "WAIT": -1}
#: Types of signed 32-bit numbers, of 64-bit numbers, and of unsigned and signed pointer-sized
#: numbers; all other types are unsigned 32-bit numbers.
SIGNED, LONG = ("BOOL", "INT", "NTSTATUS", "WAIT"), ("QWORD",)
POINTERS, HANDLES = ("PVOID", "SIZE_T", "HWND"), ("HANDLE", "FILE_HANDLE")
#: The longest wait in one call, in seconds, so that a dead agent is noticed.
SLICE = 0.25
#: The size of the buffer of `stored`, in bytes.
SCRATCH = 1 << 16


class Win32:
    """The Win32 functions in that agent's process, as methods with the same names.

    `last_error` is the last error after the last call, `pointer` the size of a pointer in the
    process, in bytes. prototypes.py declares the functions; others raise AttributeError."""

    def __init__(self, agent: Agent) -> None:
        self.agent = agent
        self.pointer: int = agent.pointer
        self.last_error = 0
        self._scratch = 0

    def __getattr__(self, name: str) -> Callable[..., int]:
        if name not in FUNCTIONS:
            raise AttributeError(f"no prototype of {name}; add it to driver/win32/prototypes.py")
        prototype = FUNCTIONS[name]
        address = self.address(prototype.dll, name)

        def function(*arguments: Value) -> int:
            return self._call(prototype, address, arguments)

        self.__dict__[name] = function  # The next call does not get here.
        return function

    def address(self, dll: str, name: str) -> int:
        """Return the address of a function. Raises Win32Error if it, or its DLL, is missing."""
        module, error = self.agent.call(self.agent.load_library, [f"{dll}.dll\0".encode()],
                                        lambda: f"LoadLibraryA({dll})")
        module = self._result("PVOID", module)
        if not module:
            raise Win32Error("LoadLibraryA", error, f'("{dll}")')
        found, error = self.agent.call(self.agent.get_proc_address,
                                       [module, name.encode() + b"\0"],
                                       lambda: f"GetProcAddress({dll}, {name})")
        if not self._result("PVOID", found):
            raise Win32Error("GetProcAddress", error, f'({dll}, "{name}")')
        return self._result("PVOID", found)

    def _call(self, prototype: Prototype, address: int, arguments: Sequence[Value]) -> int:
        if len(arguments) != len(prototype.types):
            raise TypeError(f"{prototype} takes {len(prototype.types)} arguments")
        outcome: List[int] = []

        def line() -> str:
            return _line(prototype, arguments, outcome)

        given: List[Argument] = []
        for kind, value in zip(prototype.types, arguments):
            if isinstance(value, str):
                value = (value + "\0").encode("utf-16-le", "surrogatepass")
            if kind in LONG and self.pointer == 4:
                assert isinstance(value, int)
                given += [value & 0xFFFFFFFF, value >> 32]
            else:
                given.append(0 if value is None else value)
        # A wait takes as long as its timeout; other functions return at once.
        seconds = arguments[-1] / 1000 if prototype.result == "WAIT" and isinstance(
            arguments[-1], int) and prototype.types[-1] == "DWORD" else 0.0
        raw, error = self.agent.call(address, given, line, seconds)
        result = self._result(prototype.result, raw)
        self.last_error = error
        outcome += [result, error]
        if prototype.result == "NTSTATUS" and result < 0:
            error = self.RtlNtStatusToDosError(result)
        if _failed(prototype, result):
            raise Win32Error(prototype.name, error, _arguments(prototype, arguments))
        return result

    def _result(self, kind: str, raw: int) -> int:
        bits = 64 if kind in LONG else 8 * self.pointer if kind in POINTERS + HANDLES else 32
        value = raw & (1 << bits) - 1
        signed = kind in SIGNED + HANDLES
        return value - (1 << bits) if signed and value >> bits - 1 else value

    # Memory ---------------------------------------------------------------------------------

    def structure(self, name: str) -> Type[Structure]:
        """Return the class of that structure in this process."""
        return structure(name, self.pointer)

    def out(self, name: str, /, **values: int) -> Structure:
        """Return a structure for a function to read or write, with these fields, or a number of
        that type, whose field is `value`. All other bytes are zero."""
        return self.structure(name)(**values)

    def array(self, *values: int) -> bytes:
        """Return pointer-sized numbers, such as handles, as an array."""
        bits = 8 * self.pointer
        return struct.pack(f"<{len(values)}{'Q' if bits == 64 else 'I'}",
                           *(value & (1 << bits) - 1 for value in values))

    def read(self, address: int, count: int, process: int = CURRENT_PROCESS) -> bytes:
        """Read `count` bytes of memory, by default the agent's own. Raises Win32Error."""
        pieces = []
        for start in range(0, count, MOST_BYTES):
            piece = bytearray(min(MOST_BYTES, count - start))
            self.ReadProcessMemory(process, address + start, piece, len(piece), None)
            pieces.append(bytes(piece))
        return b"".join(pieces)

    def write(self, address: int, data: bytes, process: int = CURRENT_PROCESS) -> None:
        """Write memory, by default the agent's own. Raises Win32Error."""
        for start in range(0, len(data), MOST_BYTES):
            piece = bytes(data[start:start + MOST_BYTES])
            self.WriteProcessMemory(process, address + start, piece, len(piece), None)

    def allocate(self, size: int) -> int:
        """Return the address of new memory in the agent's process, all zero."""
        return self.VirtualAlloc(None, size, MEM_COMMIT_RESERVE, PAGE_READWRITE)

    def stored(self, *blocks: bytes) -> List[int]:
        """Copy these bytes into the agent's process, for structures with pointers. Return the
        addresses, which are valid until the next call."""
        if not self._scratch:
            self._scratch = self.allocate(SCRATCH)
        data, places = bytearray(), []
        for block in blocks:
            data += bytes(-len(data) % 16)
            places.append(self._scratch + len(data))
            data += block
        self.write(self._scratch, bytes(data))
        return places

    def text(self, address: int, characters: int) -> str:
        """Read a number of UTF-16 characters at an address."""
        return self.read(address, 2 * characters).decode("utf-16-le", "surrogatepass")

    # Waiting --------------------------------------------------------------------------------

    def wait(self, *handles: int, seconds: float = 0.0) -> Optional[int]:
        """Wait until one of the objects is signaled. Return the index of its handle, or None after
        that many seconds. Raises Win32Error."""
        countdown = Countdown(seconds)
        while True:
            # Not 0 while there is time left: asking again and again takes all of a processor.
            milliseconds = math.ceil(1000 * min(SLICE, countdown.left()))
            done = self.WaitForSingleObject(handles[0], milliseconds) if len(handles) == 1 else \
                self.WaitForMultipleObjects(len(handles), self.array(*handles), False, milliseconds)
            if done != WAIT_TIMEOUT:
                return done - WAIT_OBJECT_0
            if countdown.over():
                return None


def _failed(prototype: Prototype, result: int) -> bool:
    return result < 0 if prototype.result == "NTSTATUS" else \
        FAILURE.get(prototype.result) == result


def _arguments(prototype: Prototype, arguments: Sequence[Value]) -> str:
    return "(" + ", ".join(
        f'"{escaped(value)}"' if isinstance(value, str) else
        "NULL" if value is None else named(kind, value) if isinstance(value, int) else
        f"{{{len(value)} bytes}}" for kind, value in zip(prototype.types, arguments)) + ")"


def _line(prototype: Prototype, arguments: Sequence[Value], outcome: Sequence[int]) -> str:
    """Return a call as one line, such as `OpenFileMappingW(FILE_MAP_ALL_ACCESS, FALSE,
    "Global\\Name") -> NULL, error 2 (ERROR_FILE_NOT_FOUND)`."""
    line = prototype.name + _arguments(prototype, arguments)
    if not outcome:
        return line
    result, error = outcome
    kind = "HANDLE" if prototype.result == "FILE_HANDLE" else prototype.result
    failed = f", error {error_name(error)}" if _failed(prototype, result) else ""
    return f"{line} -> {named(kind, result)}{failed}"
