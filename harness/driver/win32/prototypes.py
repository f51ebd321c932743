"""Declares the Win32 functions that the project calls, by DLL, as Microsoft's pages do.

The types are those of the pages, or more specific: FILE_MAP and PAGE are a DWORD whose constants
have these names, WAIT is the result of a wait. The type of the result determines what failure is: 0
for BOOL, HANDLE, PVOID and SIZE_T, -1 for FILE_HANDLE and WAIT, a negative NTSTATUS; DWORD, INT,
HWND and QWORD show no failure. An OUT is made by Win32.out. Floating-point numbers and callbacks
cannot be passed. A structure passed by value is one number, or several in a 32-bit process, as
compilers pass it.

To call another function, add its line here; harness/README.md shows how."""
from __future__ import annotations

import re
from typing import Dict, Iterator, NamedTuple, Tuple

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


class Prototype(NamedTuple):
    """A declared function: its name, its DLL, the types of its result and parameters, and the
    parameters' names."""

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
