"""Declares the Win32 functions that the project calls, by DLL, and structures for 32-bit and 64-bit
processes, as Microsoft's pages do.

The types are those of the pages, or more specific: FILE_MAP and PAGE are a DWORD whose constants
have these names, WAIT is the result of a wait. The type of the result determines what failure is: 0
for BOOL, HANDLE, PVOID and SIZE_T, -1 for FILE_HANDLE and WAIT, a negative NTSTATUS; DWORD, INT,
HWND and QWORD show no failure. An OUT is made by Win32.out. Floating-point numbers and callbacks
cannot be passed. A structure passed by value is one number, or several in a 32-bit process, as
compilers pass it. The size and alignment of PVOID, HANDLE and SIZE_T in a structure follow the
process; a field `own_size` holds the size of the structure.

To call another function, add its line here; harness/README.md shows how."""
from __future__ import annotations

import re
import struct
from functools import lru_cache
from typing import Any, Dict, Iterator, NamedTuple, Tuple, Type

PROTOTYPES = {
    "kernel32": """
        BOOL AllocConsole()
        BOOL AssignProcessToJobObject(HANDLE job, HANDLE process)
        BOOL AttachConsole(DWORD process_id)
        BOOL CloseHandle(HANDLE object)
        HANDLE CreateEventW(PVOID security, BOOL manual_reset, BOOL initial_state, LPCWSTR name)
        FILE_HANDLE CreateFileW(LPCWSTR name, DWORD access, DWORD share, PVOID security, DWORD
            disposition, DWORD flags, HANDLE template)
        HANDLE CreateFileMappingW(HANDLE file, PVOID security, PAGE protect, DWORD size_high, DWORD
            size_low, LPCWSTR name)
        HANDLE CreateJobObjectW(PVOID security, LPCWSTR name)
        HANDLE CreateMutexW(PVOID security, BOOL initial_owner, LPCWSTR name)
        BOOL CreatePipe(OUT read, OUT write, PVOID security, DWORD size)
        BOOL CreateProcessW(LPCWSTR application, LPCWSTR command_line, PVOID process_security,
            PVOID thread_security, BOOL inherit_handles, DWORD flags, PVOID environment, LPCWSTR
            directory, PVOID startup, OUT process)
        HANDLE CreateSemaphoreW(PVOID security, DWORD initial, DWORD maximum, LPCWSTR name)
        HANDLE CreateThread(PVOID security, SIZE_T stack, PVOID start, PVOID parameter, DWORD
            flags, PVOID id)
        HANDLE CreateWaitableTimerW(PVOID security, BOOL manual_reset, LPCWSTR name)
        DWORD DeleteProcThreadAttributeList(PVOID list)
        BOOL DuplicateHandle(HANDLE source, HANDLE handle, HANDLE target, OUT duplicate, DWORD
            access, BOOL inherit, DWORD options)
        BOOL FlushConsoleInputBuffer(HANDLE input)
        BOOL FreeConsole()
        BOOL GetConsoleMode(HANDLE console, OUT mode)
        BOOL GetConsoleScreenBufferInfo(HANDLE output, OUT info)
        DWORD GetCurrentProcessId()
        BOOL GetExitCodeProcess(HANDLE process, OUT code)
        QWORD GetTickCount64()
        BOOL GetNumberOfConsoleInputEvents(HANDLE input, OUT count)
        SIZE_T GetShortPathNameW(LPCWSTR path, OUT short, DWORD characters)
        BOOL InitializeProcThreadAttributeList(PVOID list, DWORD count, DWORD flags, OUT size)
        DWORD LocalFree(PVOID memory)
        PVOID MapViewOfFile(HANDLE mapping, FILE_MAP access, DWORD offset_high, DWORD offset_low,
            SIZE_T bytes)
        HANDLE OpenEventW(DWORD access, BOOL inherit, LPCWSTR name)
        HANDLE OpenFileMappingW(FILE_MAP access, BOOL inherit, LPCWSTR name)
        HANDLE OpenMutexW(DWORD access, BOOL inherit, LPCWSTR name)
        HANDLE OpenProcess(DWORD access, BOOL inherit, DWORD process_id)
        INT lstrlenA(PVOID text)
        INT lstrlenW(PVOID text)
        BOOL PeekConsoleInputW(HANDLE input, OUT records, DWORD length, OUT count)
        BOOL ProcessIdToSessionId(DWORD process_id, OUT session)
        BOOL ReadConsoleOutputCharacterW(HANDLE output, OUT text, DWORD length, DWORD coordinates,
            OUT read)
        BOOL ReadProcessMemory(HANDLE process, PVOID address, OUT buffer, SIZE_T bytes, PVOID read)
        BOOL ReleaseMutex(HANDLE mutex)
        WAIT ResumeThread(HANDLE thread)
        BOOL SetConsoleCtrlHandler(PVOID handler, BOOL add)
        BOOL SetEvent(HANDLE event)
        BOOL SetInformationJobObject(HANDLE job, DWORD class, PVOID information, DWORD length)
        BOOL TerminateProcess(HANDLE process, DWORD code)
        BOOL UnmapViewOfFile(PVOID view)
        BOOL UpdateProcThreadAttribute(PVOID list, DWORD flags, SIZE_T attribute, PVOID value,
            SIZE_T bytes, PVOID previous, PVOID returned)
        PVOID VirtualAlloc(PVOID address, SIZE_T bytes, DWORD type, PAGE protect)
        PVOID VirtualAllocEx(HANDLE process, PVOID address, SIZE_T bytes, DWORD type, PAGE protect)
        BOOL VirtualFree(PVOID address, SIZE_T bytes, DWORD type)
        BOOL VirtualProtectEx(HANDLE process, PVOID address, SIZE_T bytes, PAGE protect, OUT old)
        SIZE_T VirtualQuery(PVOID address, OUT information, SIZE_T length)
        WAIT WaitForMultipleObjects(DWORD count, PVOID handles, BOOL all, DWORD milliseconds)
        WAIT WaitForSingleObject(HANDLE object, DWORD milliseconds)
        BOOL WriteConsoleInputW(HANDLE input, PVOID records, DWORD count, OUT written)
        BOOL WriteProcessMemory(HANDLE process, PVOID address, PVOID bytes, SIZE_T size, PVOID
            written)""",
    "user32": """
        HWND FindWindowExW(HWND parent, HWND after, LPCWSTR class, LPCWSTR title)
        INT GetClassNameW(HWND window, PVOID name, INT room)
        INT GetDlgCtrlID(HWND window)
        HWND GetDlgItem(HWND dialog, INT id)
        HWND GetWindow(HWND window, DWORD relation)
        INT GetWindowLongW(HWND window, INT index)
        DWORD GetWindowThreadProcessId(HWND window, OUT process_id)
        INT IsWindow(HWND window)
        INT IsWindowVisible(HWND window)
        DWORD MapVirtualKeyW(DWORD code, DWORD kind)
        BOOL PostMessageW(HWND window, DWORD message, SIZE_T w, PVOID l)
        BOOL SendMessageTimeoutW(HWND window, DWORD message, SIZE_T w, PVOID l, DWORD flags, DWORD
            milliseconds, OUT result)""",
    "advapi32": """
        BOOL ConvertSidToStringSidW(PVOID sid, OUT text)
        BOOL ConvertStringSecurityDescriptorToSecurityDescriptorW(LPCWSTR text, DWORD revision, OUT
            descriptor, PVOID size)
        BOOL CreateProcessAsUserW(HANDLE token, LPCWSTR application, LPCWSTR command_line, PVOID
            process_security, PVOID thread_security, BOOL inherit_handles, DWORD flags, PVOID
            environment, LPCWSTR directory, PVOID startup, OUT process)
        BOOL CreateRestrictedToken(HANDLE token, DWORD flags, DWORD disable, PVOID sids, DWORD
            delete, PVOID privileges, DWORD restrict, PVOID restricting, OUT restricted)
        BOOL GetTokenInformation(HANDLE token, DWORD class, OUT information, DWORD length, OUT
            needed)
        BOOL LookupPrivilegeValueW(LPCWSTR system, LPCWSTR name, OUT luid)
        BOOL OpenProcessToken(HANDLE process, DWORD access, OUT token)
        DWORD SetSecurityInfo(HANDLE object, DWORD type, DWORD parts, PVOID owner, PVOID group,
            PVOID dacl, PVOID sacl)""",
    "ntdll": """
        NTSTATUS NtOpenDirectoryObject(OUT directory, DWORD access, PVOID attributes)
        NTSTATUS NtQueryDirectoryObject(HANDLE directory, PVOID buffer, DWORD length, BOOL single,
            BOOL restart, OUT context, PVOID needed)
        NTSTATUS NtQueryEvent(HANDLE event, DWORD class, OUT information, DWORD length, PVOID
            needed)
        NTSTATUS NtQueryInformationProcess(HANDLE process, DWORD class, OUT information, DWORD
            length, PVOID needed)
        NTSTATUS NtQueryMutant(HANDLE mutex, DWORD class, OUT information, DWORD length, PVOID
            needed)
        NTSTATUS NtQueryObject(HANDLE object, DWORD class, OUT information, DWORD length, PVOID
            needed)
        NTSTATUS NtQuerySection(HANDLE section, DWORD class, OUT information, SIZE_T length, PVOID
            needed)
        DWORD RtlNtStatusToDosError(NTSTATUS status)
        PVOID wine_get_version()""",
}
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


class Prototype(NamedTuple):
    """A declared function: its name, DLL, types of result and parameters, parameters' names."""

    name: str
    dll: str
    result: str
    types: Tuple[str, ...]
    names: Tuple[str, ...]

    def __str__(self) -> str:
        parameters = ", ".join(map(" ".join, zip(self.types, self.names)))
        return f"{self.result} {self.name}({parameters})"


def _parsed(dll: str, text: str) -> Iterator[Prototype]:
    for result, name, parameters in re.findall(r"(\w+)\s(\w+)\(([^)]*)\)", text):
        pairs = [parameter.split() for parameter in parameters.split(",") if parameter]
        yield Prototype(name, dll, result, tuple(kind for kind, _ in pairs),
                        tuple(label for _, label in pairs))


#: Every function of the table, by name.
FUNCTIONS: Dict[str, Prototype] = {prototype.name: prototype for dll, text in PROTOTYPES.items()
                                   for prototype in _parsed(dll, text)}


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
