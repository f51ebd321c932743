"""Declares structures of Win32, for 32-bit and 64-bit processes.

Each is declared once; the size and alignment of PVOID, HANDLE and SIZE_T follow the process. A
field `own_size` holds the size of the structure."""
from __future__ import annotations

import ctypes
import re
from functools import lru_cache
from typing import Any, Dict

STRUCTURES = """
SECURITY_ATTRIBUTES: DWORD own_size, PVOID descriptor, BOOL inherit
STARTUPINFOEXW: DWORD own_size, PVOID reserved, PVOID desktop, PVOID title, DWORD x, DWORD y,
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
OBJECT_ATTRIBUTES: DWORD own_size, HANDLE root, PVOID name, DWORD flags, PVOID descriptor, PVOID qos
TOKEN_USER: PVOID sid, PVOID attributes, BYTE[80] room
STREAM: QWORD pipe, QWORD total, DWORD kept, DWORD unused
RECORD: DWORD imports_at, DWORD imports_size, DWORD bound_at, DWORD bound_size, QWORD stopped,
    QWORD go, DWORD holds, DWORD fails_first, DWORD fails_last, DWORD fails_with,
    INT64 fails_returning, INT fails_in, INT to, DWORD ready, INT stops, INT unheld, INT count,
    INT bytes, DWORD unused
CALL: DWORD state, DWORD function, DWORD thread, DWORD error, QWORD returns_to, INT64 result,
    INT64[7] arguments, INT text, DWORD text_bytes, INT text_2, DWORD text_2_bytes
"""
UNSIGNED, SIGNED = ({1: ctypes.c_uint8, 2: ctypes.c_uint16, 4: ctypes.c_uint32, 8: ctypes.c_uint64},
                    {2: ctypes.c_int16, 4: ctypes.c_int32, 8: ctypes.c_int64})
#: Each type that always has the same size.
TYPES: Dict[str, Any] = {
    "BYTE": UNSIGNED[1], "WORD": UNSIGNED[2], "DWORD": UNSIGNED[4], "QWORD": UNSIGNED[8],
    "SHORT": SIGNED[2], "INT": SIGNED[4], "BOOL": SIGNED[4], "INT64": SIGNED[8]}
#: Each type that is as large as a pointer, by the size of that.
POINTERS: Dict[str, Dict[int, Any]] = {"PVOID": UNSIGNED, "SIZE_T": UNSIGNED, "HANDLE": SIGNED}


@lru_cache(maxsize=None)
def structure(name: str, pointer: int) -> Any:
    """Return the ctypes class of that structure, or of a number of that type (its field is
    `value`), in a process with that size of pointers in bytes. Raises KeyError if there is none."""
    declared = dict(re.findall(r"^(\w+):((?:.|\n )*)", STRUCTURES, re.M)).get(name, f"{name} value")
    fields = []
    for kind, count, field in re.findall(r"(\w+)(?:\[(\d+)\])? (\w+)", declared):
        number = TYPES.get(kind) or POINTERS[kind][pointer]
        fields.append((field, number * int(count) if count else number))
    return type(name, (ctypes.LittleEndianStructure,), {"_fields_": fields})
