"""Named objects, created and opened in the agent's process as any other process may."""
from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Callable, Dict, List, Optional, Tuple, TypeVar

from harness.driver.errors import HarnessError, HostLost, Win32Error
from harness.driver.win32.constants import (CREATE_ALWAYS, ERROR_ACCESS_DENIED,
                                            ERROR_ALREADY_EXISTS,
                                            ERROR_FILE_NOT_FOUND, ERROR_INVALID_HANDLE,
                                            ERROR_NO_MORE_ITEMS, FILE_MAP_ALL_ACCESS,
                                            GENERIC_READ_WRITE, INVALID_HANDLE_VALUE,
                                            PAGE_READWRITE)
from harness.driver.win32.functions import Win32

Named = TypeVar("Named", bound="NamedObject")
#: The kinds of `create_named`. They share one namespace with file mapping objects (O6).
OTHER_KINDS = ("event", "mutex", "semaphore", "timer", "job")
DIRECTORY_QUERY, OBJ_CASE_INSENSITIVE, SDDL_REVISION_1 = 1, 0x40, 1
#: The buffer for an entry of an object directory, in bytes: names in use are far shorter.
ENTRY = 4096


class NamedObject:
    """A handle to a named object of any kind, open in the agent's process until `close`. `existed`
    is whether an object of that name existed before."""

    def __init__(self, win32: Win32, handle: int, existed: bool) -> None:
        self.win32 = win32
        self.handle = handle
        self.existed = existed

    def close(self) -> None:
        """Close the handle; closing twice is no error."""
        handle, self.handle = self.handle, 0
        if handle:
            self.win32.CloseHandle(handle)


class Mapping(NamedObject):
    """A file mapping object, with at most one view of `region` bytes, in whole pages."""

    region = 0
    _view = 0

    def map(self, access: int = FILE_MAP_ALL_ACCESS, size: int = 0) -> "Mapping":
        """Map `size` bytes of it (0: all). Raises Win32Error as MapViewOfFile fails."""
        if self._view:
            raise HarnessError("this object is mapped already")
        self._view = self.win32.MapViewOfFile(self.handle, access, 0, 0, size)
        region = self.win32.out("MEMORY_BASIC_INFORMATION")
        self.win32.VirtualQuery(self._view, region, len(region))
        self.region = region.size
        return self

    def _address(self, count: int, offset: int) -> int:
        if not 0 <= offset <= offset + count <= self.region:
            raise HarnessError(f"{count} bytes at {offset} are outside the view, which has "
                               f"{self.region}")
        return self._view + offset

    def read(self, count: int, offset: int = 0) -> bytes:
        """Return `count` bytes of the view from `offset`. Raises HarnessError outside the view,
        Win32Error if its pages cannot be read."""
        return self.win32.read(self._address(count, offset), count)

    def write(self, data: bytes, offset: int = 0) -> None:
        """Write bytes to the view from `offset`, visible in all views. Raises HarnessError outside
        the view, Win32Error if its pages cannot be written."""
        self.win32.write(self._address(len(data), offset), data)

    def section(self) -> Tuple[int, int]:
        """Return its size in bytes and SEC_* attributes, as NtQuerySection reports them."""
        about = self.win32.out("SECTION_BASIC_INFORMATION")
        self.win32.NtQuerySection(self.handle, 0, about, len(about), None)
        return about.size, about.attributes

    def handles(self) -> int:
        """Return how many handles to it all processes have, this one included (NtQueryObject)."""
        about = self.win32.out("PUBLIC_OBJECT_BASIC_INFORMATION")
        self.win32.NtQueryObject(self.handle, 0, about, len(about), None)
        return int(about.handles)

    def close(self) -> None:
        """Unmap the view, if there is one, and close the handle; closing twice is no error."""
        view, self._view, self.region = self._view, 0, 0
        if view:
            self.win32.UnmapViewOfFile(view)
        super().close()


def create_named(win32: Win32, name: str, kind: str, is_set: bool = False) -> NamedObject:
    """Create an object of one of OTHER_KINDS (an event that `is_set`). Raises Win32Error."""
    create: Dict[str, Callable[[], int]] = {
        "event": lambda: win32.CreateEventW(None, True, is_set, name),
        "mutex": lambda: win32.CreateMutexW(None, False, name),
        "semaphore": lambda: win32.CreateSemaphoreW(None, 0, 1, name),
        "timer": lambda: win32.CreateWaitableTimerW(None, True, name),
        "job": lambda: win32.CreateJobObjectW(None, name)}
    handle = create[kind]()
    return NamedObject(win32, handle, win32.last_error == ERROR_ALREADY_EXISTS)


class Objects:
    """The named objects that a test creates and opens, in the process of an agent. `path` returns
    the Windows path of a file of this machine, `win32` the functions in the agent of an
    architecture, or raises HarnessError."""

    path: Callable[[Path], str]
    win32: Callable[..., Win32]

    def __init__(self) -> None:
        self._objects: List[NamedObject] = []

    def create(self, name: str, size: int, protect: int = PAGE_READWRITE,
               file: Optional[Path] = None, denied: bool = False,
               owner: Optional[str] = None, low: bool = False) -> Mapping:
        """Create a file mapping object of `size` bytes, backed by the paging file or the new
        `file`. If `denied`, its DACL denies everyone access; with an `owner` (a SID), it belongs to
        that user, everyone has access, and its label may be `low`. Raises Win32Error."""
        win32 = self.win32()
        label = "S:(ML;;NW;;;LW)" if low else ""
        sddl = "D:P" if denied else f"O:{owner}D:P(A;;GA;;;WD){label}" if owner else None
        descriptor = win32.out("PVOID")
        if sddl:
            win32.ConvertStringSecurityDescriptorToSecurityDescriptorW(sddl, SDDL_REVISION_1,
                                                                       descriptor, None)
        security = win32.out("SECURITY_ATTRIBUTES", descriptor=descriptor.value)
        backing = INVALID_HANDLE_VALUE
        try:
            if file:
                # With this prefix, a path may be longer than MAX_PATH.
                path = f"\\\\?\\{self.path(file.parent)}\\{file.name}"
                backing = win32.CreateFileW(path, GENERIC_READ_WRITE, 0, None, CREATE_ALWAYS, 0,
                                            None)
            handle = win32.CreateFileMappingW(backing, security, protect, size >> 32,
                                              size & 0xFFFFFFFF, name)
            existed = win32.last_error == ERROR_ALREADY_EXISTS
        finally:
            with suppress(HostLost):
                if descriptor.value:
                    win32.LocalFree(descriptor.value)
                if backing != INVALID_HANDLE_VALUE:
                    win32.CloseHandle(backing)  # The object keeps the file open.
        return self.keep(Mapping(win32, handle, existed))

    def open(self, name: str, access: int = FILE_MAP_ALL_ACCESS) -> Mapping:
        """Open a file mapping object. Raises Win32Error with code 2 if there is no such name."""
        win32 = self.win32()
        return self.keep(Mapping(win32, win32.OpenFileMappingW(access, False, name), True))

    def find(self, name: str, access: int = FILE_MAP_ALL_ACCESS) -> Optional[Mapping]:
        """Like `open`, but return None if there is no object of that name."""
        try:
            return self.open(name, access)
        except Win32Error as error:
            if error.code != ERROR_FILE_NOT_FOUND:
                raise
            return None

    def exists(self, name: str, access: int = FILE_MAP_ALL_ACCESS) -> bool:
        """Return whether there is a file mapping object of that name now."""
        try:
            self.open(name, access).close()
        except Win32Error as error:
            # With this code, another kind of object has the name.
            if error.code in (ERROR_FILE_NOT_FOUND, ERROR_INVALID_HANDLE):
                return False
            if error.code != ERROR_ACCESS_DENIED:
                raise
        return True

    def occupy(self, name: str, kind: str, is_set: bool = False) -> NamedObject:
        """Call create_named, until the test has ended."""
        return self.keep(create_named(self.win32(), name, kind, is_set))

    def keep(self, made: Named) -> Named:
        """Close that object when the test has ended. Return it."""
        self._objects.append(made)
        return made

    def directory(self, path: str) -> List[Tuple[str, str]]:
        """Return name and type of each entry of an object directory, such as `\\BaseNamedObjects`.
        Raises Win32Error."""
        win32 = self.win32()
        text = path.encode("utf-16-le")
        address, = win32.stored(text)
        _, place = win32.stored(text, bytes(win32.out("UNICODE_STRING", length=len(text),
                                                      room=len(text), text=address)))
        handle = win32.out("HANDLE")
        about = win32.out("OBJECT_ATTRIBUTES", name=place, flags=OBJ_CASE_INSENSITIVE)
        win32.NtOpenDirectoryObject(handle, DIRECTORY_QUERY, about)
        entries: List[Tuple[str, str]] = []
        context = win32.out("DWORD")
        strings = win32.structure("UNICODE_STRING")
        entry, = win32.stored(bytes(ENTRY))
        try:
            while True:
                win32.NtQueryDirectoryObject(handle.value, entry, ENTRY, True, False, context, None)
                name, kind = (win32.text(string.text, string.length // 2) for string in
                              strings.each(win32.read(entry, 2 * len(strings()))))
                entries.append((name, kind))
        except Win32Error as error:
            if error.code != ERROR_NO_MORE_ITEMS:
                raise
        finally:
            with suppress(HostLost):
                win32.CloseHandle(handle.value)
        return entries
