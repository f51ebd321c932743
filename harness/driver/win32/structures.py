"""Declares structures of Win32, for 32-bit and 64-bit processes.

Each is declared once; the size and alignment of PVOID, HANDLE and SIZE_T follow the process."""
from __future__ import annotations

import re
import struct
from functools import lru_cache
from typing import Any, Dict, Iterator, List, Tuple

STRUCTURES = """
SECURITY_ATTRIBUTES: DWORD length, PVOID descriptor, BOOL inherit
STARTUPINFOEXW: DWORD size, PVOID reserved, PVOID desktop, PVOID title, DWORD x, DWORD y,
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
MUTANT_BASIC_INFORMATION: INT count, DWORD flags
UNICODE_STRING: WORD length, WORD room, PVOID text
OBJECT_ATTRIBUTES: DWORD length, HANDLE root, PVOID name, DWORD flags, PVOID descriptor, PVOID qos
LUID_AND_ATTRIBUTES: DWORD low, DWORD high, DWORD attributes
TOKEN_USER: PVOID sid, PVOID attributes, BYTE[80] room
STREAM: QWORD pipe, QWORD total, DWORD kept, DWORD unused
RECORD: DWORD imports_at, DWORD imports_size, DWORD bound_at, DWORD bound_size, QWORD stopped,
    QWORD go, DWORD holds, DWORD fails_first, DWORD fails_last, DWORD fails_with,
    INT64 fails_returning, INT fails_in, INT to, DWORD ready, INT stops, INT unheld, INT count,
    INT bytes, DWORD unused
CALL: DWORD state, DWORD function, DWORD thread, DWORD error, QWORD returns_to, INT64 result,
    INT64 a, INT64 b, INT64 c, INT64 d, INT64 e, INT64 f, INT64 g, INT text, DWORD text_bytes,
    INT text_2, DWORD text_2_bytes
"""
#: The struct module's code for each type. Types in POINTERS are pointer-sized.
CODES = {"BYTE": "s", "SHORT": "h", "WORD": "H", "DWORD": "I", "BOOL": "i", "INT": "i",
         "QWORD": "Q", "INT64": "q"}
POINTERS = {"PVOID": {8: "Q", 4: "I"}, "SIZE_T": {8: "Q", 4: "I"}, "HANDLE": {8: "q", 4: "i"}}


class Layout:
    """The layout of a structure. `size` is in bytes."""

    def __init__(self, fields: List[Tuple[str, int, str]], pointer: int) -> None:
        self._places: Dict[str, Tuple[int, str]] = {}
        at, widest = 0, 1
        for kind, count, name in fields:
            code = CODES.get(kind) or POINTERS[kind][pointer]
            size = struct.calcsize("<" + code)
            at += -at % size
            widest = max(widest, size)
            self._places[name] = at, "<" + (f"{count}s" if code == "s" else code)
            at += size * count
        self.size = at + -at % widest
        self._row = struct.Struct("<" + "".join(code[1:] for _, code in self._places.values()))

    def pack(self, **values: int) -> bytearray:
        """Return the structure's bytes; other fields are zero."""
        data = bytearray(self.size)
        for name, value in values.items():
            at, code = self._places[name]
            struct.pack_into(code, data, at, value)
        return data

    def get(self, data: bytes, name: str, start: int = 0) -> Any:
        """Return a field of the structure that begins at `start` in the data."""
        at, code = self._places[name]
        return struct.unpack_from(code, data, start + at)[0]

    def rows(self, data: bytes) -> Iterator[Tuple[Any, ...]]:
        """Yield all fields of each structure in an array. The structure must have no gaps between
        fields."""
        return self._row.iter_unpack(data)

    def offset(self, name: str) -> int:
        """Return the offset of that field."""
        return self._places[name][0]


@lru_cache(maxsize=None)
def layout(name: str, pointer: int) -> Layout:
    """Return the layout of that structure, or of a single number of a type (its field is `value`),
    in a process with that size of pointers in bytes. Raises KeyError if there is none."""
    if name in CODES or name in POINTERS:
        return Layout([(name, 1, "value")], pointer)
    declared = dict(re.findall(r"^(\w+):((?:.|\n )*)", STRUCTURES, re.M))[name]
    return Layout([(kind, int(count or 1), field) for kind, count, field
                   in re.findall(r"(\w+)(?:\[(\d+)\])? (\w+)", declared)], pointer)


class Out(bytearray):
    """A buffer for a function's output: a structure or a number, with an initial value if given."""

    def __init__(self, name: str, pointer: int, value: int = 0) -> None:
        self.layout = layout(name, pointer)
        super().__init__(self.layout.pack(value=value) if value else self.layout.size)

    def get(self, field: str = "value") -> int:
        """Return a field, or the number."""
        return int(self.layout.get(self, field))
