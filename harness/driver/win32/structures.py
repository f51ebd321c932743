"""Declares structures of Win32, for 32-bit and 64-bit processes.

Each is declared once; the size and alignment of PVOID, HANDLE and SIZE_T follow the process. A
field `own_size` holds the size of the structure."""
from __future__ import annotations

import re
import struct
from functools import lru_cache
from typing import Any, Dict, Iterator, Tuple, Type

STRUCTURES = """
SECURITY_ATTRIBUTES: DWORD own_size, PVOID descriptor, BOOL inherit
STARTUPINFOEXW: DWORD own_size, PVOID reserved, PVOID desktop, PVOID caption, DWORD x, DWORD y,
    DWORD width, DWORD height, DWORD columns, DWORD rows, DWORD fill, DWORD flags, WORD show,
    WORD reserved_size, PVOID reserved_2, HANDLE input, HANDLE output, HANDLE error,
    PVOID attributes
PROCESS_INFORMATION: HANDLE process, HANDLE thread, DWORD process_id, DWORD thread_id
PROCESS_BASIC_INFORMATION: PVOID status, PVOID peb, PVOID affinity, PVOID priority, PVOID id,
    PVOID parent
JOBOBJECT_EXTENDED_LIMIT_INFORMATION: QWORD process_time, QWORD job_time, DWORD flags,
    SIZE_T least_memory, SIZE_T most_memory, DWORD processes, PVOID affinity, DWORD priority,
    DWORD scheduling, BYTE[48] io, SIZE_T process_memory, SIZE_T job_memory, SIZE_T process_peak,
    SIZE_T job_peak
KEY_INPUT_RECORD: WORD type, BOOL down, WORD repeat, WORD key, WORD scan, WORD char, DWORD control
CONSOLE_SCREEN_BUFFER_INFO: SHORT columns, SHORT rows, SHORT column, SHORT row, WORD attributes,
    BYTE[8] window, BYTE[4] most
MEMORY_BASIC_INFORMATION: PVOID base, PVOID allocation, DWORD allocation_protect, SIZE_T size,
    DWORD state, DWORD protect, DWORD type
SECTION_BASIC_INFORMATION: PVOID base, DWORD attributes, QWORD size
PUBLIC_OBJECT_BASIC_INFORMATION: DWORD attributes, DWORD access, DWORD handles, DWORD pointers,
    BYTE[40] reserved
EVENT_BASIC_INFORMATION: DWORD resets_itself, INT set
MUTANT_BASIC_INFORMATION: INT free, DWORD flags
UNICODE_STRING: WORD length, WORD room, PVOID text
OBJECT_ATTRIBUTES: DWORD own_size, HANDLE root, PVOID name, DWORD flags, PVOID descriptor, PVOID qos
TOKEN_USER: PVOID sid, PVOID attributes, BYTE[80] room
STREAM: QWORD pipe, QWORD total, DWORD kept, DWORD unused
RECORD: DWORD imports_at, DWORD imports_size, DWORD bound_at, DWORD bound_size, QWORD stopped,
    QWORD go, DWORD holds, DWORD fails_first, DWORD fails_last, DWORD fails_with,
    INT64 fails_returning, INT fails_in, INT to, DWORD ready, INT stops, INT unheld, INT calls,
    INT bytes, DWORD unused
CALL: DWORD state, DWORD function, DWORD thread, DWORD error, QWORD returns_to, INT64 result,
    INT64[7] arguments, INT text, DWORD text_bytes, INT text_2, DWORD text_2_bytes
"""
#: The struct module's code for each type that always has the same size.
CODES = {"BYTE": "s", "WORD": "H", "DWORD": "I", "QWORD": "Q", "SHORT": "h", "INT": "i",
         "BOOL": "i", "INT64": "q"}
#: The same for each type that is as large as a pointer, by the size of that.
POINTERS = {"PVOID": {4: "I", 8: "Q"}, "SIZE_T": {4: "I", 8: "Q"}, "HANDLE": {4: "i", 8: "q"}}


class Structure(bytearray):
    """The bytes of a structure, as an attribute for each field. `ctypes` has the same, but some
    Pythons on Windows lack it."""

    _places: Dict[str, Tuple[int, struct.Struct]]
    _size: int

    def __init__(self, data: bytes = b"", /, **values: int) -> None:
        super().__init__(data or self._size)
        if "own_size" in self._places and not data:
            values["own_size"] = self._size
        for name, value in values.items():
            at, form = self._places[name]
            form.pack_into(self, at, value)

    def __getattr__(self, name: str) -> Any:
        if name not in self._places:
            raise AttributeError(name)
        at, form = self._places[name]
        values = form.unpack_from(self, at)
        return values[0] if len(values) == 1 else values

    @classmethod
    def each(cls, data: bytes) -> "Iterator[Structure]":
        """Yield the structures of an array."""
        return (cls(data[at:at + cls._size]) for at in range(0, len(data), cls._size))

    @classmethod
    def place(cls, name: str) -> int:
        """Return the offset of that field in bytes."""
        return cls._places[name][0]


@lru_cache(maxsize=None)
def structure(name: str, pointer: int) -> Type[Structure]:
    """Return the class of that structure, or of a number of that type (its field is `value`), in a
    process with that size of pointers in bytes. Raises KeyError if there is none."""
    declared = dict(re.findall(r"^(\w+):((?:.|\n )*)", STRUCTURES, re.M)).get(name, f"{name} value")
    places, at, widest = {}, 0, 1
    for kind, count, field in re.findall(r"(\w+)(?:\[(\d+)\])? (\w+)", declared):
        code = CODES.get(kind) or POINTERS[kind][pointer]
        size = struct.calcsize("<" + code)
        at, widest = at + -at % size, max(widest, size)
        places[field] = at, struct.Struct(f"<{count}{code}")
        at += places[field][1].size
    return type(name, (Structure,), {"_places": places, "_size": at + -at % widest})
