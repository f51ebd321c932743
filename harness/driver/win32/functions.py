"""Calls the functions of Win32 in an agent's process, by their names.

    win32 = host.win32()
    handle = win32.OpenFileMappingW(FILE_MAP_READ, False, "Global\\\\MyFileMappingObject")

A text is passed as UTF-16, None as NULL, bytes by their address; what a function writes goes into
an `out`. A failure is a Win32Error with the function, its arguments and the last error.
"""
from __future__ import annotations

import struct
from typing import Callable, List, Optional, Sequence, Union

from harness.driver.errors import Win32Error
from harness.driver.waiting import Countdown
from harness.driver.win32.agent import MOST_BYTES, Agent, Argument
from harness.driver.win32.codes import error_name
from harness.driver.win32.constants import (CURRENT_PROCESS, MEM_COMMIT_RESERVE, MEM_RELEASE,
                                            PAGE_READWRITE, WAIT_OBJECT_0, WAIT_TIMEOUT, escaped,
                                            named)
from harness.driver.win32.prototypes import FUNCTIONS, Prototype
from harness.driver.win32.structures import Layout, Out, layout

Value = Union[int, str, bytes, bytearray, None]
#: What a function of each type returns when it has failed; an NTSTATUS is negative then.
FAILURE = {"BOOL": 0, "HANDLE": 0, "PVOID": 0, "SIZE_T": 0, "FILE_HANDLE": -1, "WAIT": -1}
#: The types of 32-bit numbers that have a sign, of 64-bit numbers, and of numbers as wide as a
#: pointer, with and without a sign; all others are 32-bit numbers without one.
SIGNED, LONG = ("BOOL", "INT", "NTSTATUS", "WAIT"), ("QWORD",)
POINTERS, HANDLES = ("PVOID", "SIZE_T", "HWND"), ("HANDLE", "FILE_HANDLE")
#: How long one call waits for an object, in seconds: an agent that has ended is noticed after it.
SLICE = 0.25
#: The room for what `stored` keeps, in bytes.
SCRATCH = 1 << 16


class Win32:
    """The functions of Win32 in that agent's process, each a method of the name that it has.

    `last_error` is the last error after the call before, `pointer` the size of a pointer there, in
    bytes. The functions are those of prototypes.py; AttributeError says that one is missing there.
    """

    def __init__(self, agent: Agent) -> None:
        self.agent = agent
        self.pointer = agent.greeting.pointer
        self.last_error = 0
        self._scratch = 0

    def __getattr__(self, name: str) -> Callable[..., int]:
        if name not in FUNCTIONS:
            raise AttributeError(f"no prototype of {name}; add it to driver/win32/prototypes.py")
        prototype = FUNCTIONS[name]
        address = self.address(prototype.dll, name)

        def function(*arguments: Value) -> int:
            return self._call(prototype, address, arguments)

        self.__dict__[name] = function  # From now on this method is not asked any more.
        return function

    def address(self, dll: str, name: str) -> int:
        """The address of a function. Raises Win32Error where the DLL or the function is missing."""
        module, error = self.agent.call(self.agent.greeting.load_library, [f"{dll}.dll\0".encode()],
                                        lambda: f"LoadLibraryA({dll})")
        module = self._result("PVOID", module)
        if not module:
            raise Win32Error("LoadLibraryA", error, f'("{dll}")')
        found, error = self.agent.call(self.agent.greeting.get_proc_address,
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
        # A wait takes the time that it says; other functions come back at once.
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

    def layout(self, name: str) -> Layout:
        """The layout of that structure in this process."""
        return layout(name, self.pointer)

    def out(self, name: str, value: int = 0) -> Out:
        """Room for a structure, or a number of that type, that a function is to write; a number may
        have a value that the function reads."""
        return Out(name, self.pointer, value)

    def array(self, *values: int) -> bytes:
        """Numbers as wide as a pointer, such as handles, in a row."""
        bits = 8 * self.pointer
        return struct.pack(f"<{len(values)}{'Q' if bits == 64 else 'I'}",
                           *(value & (1 << bits) - 1 for value in values))

    def read(self, address: int, count: int, process: int = CURRENT_PROCESS) -> bytes:
        """`count` bytes of memory, of the agent's process unless another is named. Raises
        Win32Error where they cannot be read."""
        pieces = []
        for start in range(0, count, MOST_BYTES):
            piece = bytearray(min(MOST_BYTES, count - start))
            self.ReadProcessMemory(process, address + start, piece, len(piece), None)
            pieces.append(bytes(piece))
        return b"".join(pieces)

    def write(self, address: int, data: bytes, process: int = CURRENT_PROCESS) -> None:
        """Write memory, of the agent's process unless another is named. Raises Win32Error."""
        for start in range(0, len(data), MOST_BYTES):
            piece = bytes(data[start:start + MOST_BYTES])
            self.WriteProcessMemory(process, address + start, piece, len(piece), None)

    def allocate(self, size: int) -> int:
        """The address of new memory in the agent's process, all zero."""
        return self.VirtualAlloc(None, size, MEM_COMMIT_RESERVE, PAGE_READWRITE)

    def free(self, address: int) -> None:
        """Give memory of `allocate` back."""
        self.VirtualFree(address, 0, MEM_RELEASE)

    def stored(self, *blocks: bytes) -> List[int]:
        """The addresses of copies of these bytes in the agent's process, for structures that point
        to others; they are good until the next call of this."""
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
        """So many characters of UTF-16 at an address."""
        return self.read(address, 2 * characters).decode("utf-16-le", "surrogatepass")

    # Waiting --------------------------------------------------------------------------------

    def wait(self, *handles: int, seconds: float = 0.0) -> Optional[int]:
        """The place among the handles of the first object that is signaled, or None if none is
        after so many seconds. Raises Win32Error."""
        countdown = Countdown(seconds)
        while True:
            milliseconds = int(1000 * min(SLICE, countdown.left()))
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
    """The arguments as the source has them."""
    return "(" + ", ".join(
        f'"{escaped(value)}"' if isinstance(value, str) else
        "NULL" if value is None else named(kind, value) if isinstance(value, int) else
        f"{{{len(value)} bytes}}" for kind, value in zip(prototype.types, arguments)) + ")"


def _line(prototype: Prototype, arguments: Sequence[Value], outcome: Sequence[int]) -> str:
    """A call as one line, such as `OpenFileMappingW(FILE_MAP_ALL_ACCESS, FALSE, "Global\\Name") ->
    NULL, error 2 (ERROR_FILE_NOT_FOUND)`."""
    line = prototype.name + _arguments(prototype, arguments)
    if not outcome:
        return line
    result, error = outcome
    kind = "HANDLE" if prototype.result == "FILE_HANDLE" else prototype.result
    failed = f", error {error_name(error)}" if _failed(prototype, result) else ""
    return f"{line} -> {named(kind, result)}{failed}"
