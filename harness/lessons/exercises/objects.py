"""The events and mutexes of the exercises, held beside the student's program."""
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
    """An event, with a handle in the agent's process. Raises Win32Error, as a mutex does."""

    kind, all_access = "event", 0x1F0003

    @property
    def manual(self) -> bool:
        """Whether it is a manual-reset event."""
        return not self._about("resets_itself")

    @property
    def is_set(self) -> bool:
        """Whether it is set; to ask changes nothing."""
        return bool(self._about("set"))

    def _about(self, field: str) -> int:
        about = self.win32.out("EVENT_BASIC_INFORMATION")
        self.win32.NtQueryEvent(self.handle, 0, about, len(about), None)
        return about.get(field)

    def set(self) -> None:
        """SetEvent."""
        self.win32.SetEvent(self.handle)


class Mutex(NamedObject):
    """A mutex; the one thread of the agent's process owns what is taken."""

    kind, all_access = "mutex", 0x1F0001

    @property
    def state(self) -> str:
        """free, owned or abandoned; to ask changes nothing."""
        about = self.win32.out("MUTANT_BASIC_INFORMATION")
        self.win32.NtQueryMutant(self.handle, 0, about, len(about), None)
        return "abandoned" if about.get("flags") & ABANDONED else \
            "free" if about.get("count") > 0 else "owned"

    def take(self) -> None:
        """Own it. It must be free."""
        assert self.win32.wait(self.handle) is not None

    def release(self) -> None:
        """ReleaseMutex."""
        self.win32.ReleaseMutex(self.handle)


def create(kind: Type[Kind], win32: Win32, name: str) -> Kind:
    """A new object: a manual-reset event that is not set, or a mutex that is free. Raises
    Win32Error."""
    made = create_named(win32, name, kind.kind)
    return kind(win32, made.handle, made.existed)


def find(kind: Type[Kind], win32: Win32, name: str) -> Optional[Kind]:
    """The object of that kind and name; None where there is none. Raises Win32Error."""
    opens = win32.OpenEventW if kind is Event else win32.OpenMutexW
    try:
        return kind(win32, opens(kind.all_access, False, name), True)
    except Win32Error as error:
        if error.code not in (ERROR_FILE_NOT_FOUND, ERROR_INVALID_HANDLE):
            raise
        return None
