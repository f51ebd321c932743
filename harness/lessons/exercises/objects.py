"""Creates and opens the events and mutexes that a check shares with the student's program."""
from __future__ import annotations

from typing import Optional, Type, TypeVar

from harness.driver.errors import Win32Error
from harness.driver.win32.constants import ERROR_FILE_NOT_FOUND
from harness.driver.win32.functions import Win32
from harness.driver.win32.objects import NamedObject, create_named

ERROR_INVALID_HANDLE = 6  #: The name is in use by an object of another kind (O6).
ABANDONED = 0x100  #: In the flags of a mutex: its owner has ended.

Kind = TypeVar("Kind", "Event", "Mutex")


class Event(NamedObject):
    """An event, with a handle in the agent's process. Raises Win32Error."""

    kind, all_access = "event", 0x1F0003

    @property
    def manual(self) -> bool:
        """Whether it is a manual-reset event."""
        return not self._about("resets_itself")

    @property
    def is_set(self) -> bool:
        """Whether it is set. Asking does not reset it."""
        return bool(self._about("set"))

    def _about(self, field: str) -> int:
        about = self.win32.out("EVENT_BASIC_INFORMATION")
        self.win32.NtQueryEvent(self.handle, 0, about, len(about), None)
        return about.get(field)

    def set(self) -> None:
        """Set the event."""
        self.win32.SetEvent(self.handle)


class Mutex(NamedObject):
    """A mutex; `take` makes the agent's only thread its owner. Raises Win32Error."""

    kind, all_access = "mutex", 0x1F0001

    @property
    def state(self) -> str:
        """The state: free, owned or abandoned. Asking does not acquire it."""
        about = self.win32.out("MUTANT_BASIC_INFORMATION")
        self.win32.NtQueryMutant(self.handle, 0, about, len(about), None)
        return "abandoned" if about.get("flags") & ABANDONED else \
            "free" if about.get("count") > 0 else "owned"

    def take(self) -> None:
        """Acquire the mutex, which must be free."""
        assert self.win32.wait(self.handle) is not None

    def release(self) -> None:
        """Release the mutex."""
        self.win32.ReleaseMutex(self.handle)


def create(kind: Type[Kind], win32: Win32, name: str) -> Kind:
    """Create a manual-reset event that is not set, or a free mutex. Raises Win32Error."""
    made = create_named(win32, name, kind.kind)
    return kind(win32, made.handle, made.existed)


def find(kind: Type[Kind], win32: Win32, name: str) -> Optional[Kind]:
    """Open the object of that kind and name; return None if there is none. Raises Win32Error."""
    opens = win32.OpenEventW if kind is Event else win32.OpenMutexW
    try:
        return kind(win32, opens(kind.all_access, False, name), True)
    except Win32Error as error:
        if error.code not in (ERROR_FILE_NOT_FOUND, ERROR_INVALID_HANDLE):
            raise
        return None
