"""Prepares a check of a student's program: the objects that both share, with random contents."""
from __future__ import annotations

import random
import struct
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator, List, NamedTuple, Optional, Tuple, Type, TypeVar

from harness.driver.contract import BUF_SIZE, Words, encode
from harness.driver.errors import Win32Error
from harness.driver.host import Host
from harness.driver.pair import Half
from harness.driver.win32.constants import ERROR_FILE_NOT_FOUND, ERROR_INVALID_HANDLE
from harness.driver.win32.objects import Mapping, NamedObject, create_named
from harness.judge.results import Seen

ABANDONED = 0x100  #: In the flags of a mutex: its owner has ended.
LETTERS = "abcdefghijklmnopqrstuvwxyz"
GENERIC_ALL = 0x10000000  #: All access rights of any kind of object.
Kind = TypeVar("Kind", "Event", "Mutex")
Found = TypeVar("Found", "Event", "Mutex", Mapping)


class Wrong(Exception):
    """A program does not do what the exercise asks for. `seen` is the finding; `hint` tells its
    author where to look."""

    def __init__(self, seen: Seen, hint: str) -> None:
        super().__init__(seen.what)
        self.seen, self.hint = seen, hint


def prefix(name: str) -> str:
    """Return the namespace prefix of the name with its backslash, or ""."""
    return "".join(name.rpartition("\\")[:2])


def record(letters: str) -> bytes:
    """Return the record of the exercise `changing`: a 32-bit number for each of two halves."""
    return struct.pack("<II", *map(ord, letters))


class Submitted(NamedTuple):
    """A program, and the folder of its source, for findings to quote lines from."""

    half: Half
    folder: Path


class Event(NamedObject):
    """An event, with a handle in the agent's process. Raises Win32Error."""

    def look(self) -> Tuple[str, str]:
        """Return its kind and state, which this does not reset: "auto-reset", "not set"."""
        about = self.win32.out("EVENT_BASIC_INFORMATION")
        self.win32.NtQueryEvent(self.handle, 0, about, len(about), None)
        return ("auto-reset" if about.resets_itself else "manual-reset",
                "set" if about.set else "not set")


class Mutex(NamedObject):
    """A mutex, which the agent's only thread can own. Raises Win32Error."""

    @property
    def state(self) -> str:
        """The state: free, owned or abandoned. Asking does not acquire it."""
        about = self.win32.out("MUTANT_BASIC_INFORMATION")
        self.win32.NtQueryMutant(self.handle, 0, about, len(about), None)
        return "abandoned" if about.flags & ABANDONED else "free" if about.free > 0 else "owned"

    @contextmanager
    def owned(self) -> Iterator[None]:
        """Own the mutex, which must be free, in the context."""
        assert self.win32.wait(self.handle) is not None
        try:
            yield
        finally:
            self.win32.ReleaseMutex(self.handle)


#: What the findings call the objects.
KINDS = {Mapping: "file mapping object", Event: "event", Mutex: "mutex"}


class Examination:
    """The check of one program of a pair in a host. `role` is its part, `task` the exercise;
    `documented` is what the documented writer puts into the object, `names` has the full names of
    the objects."""

    def __init__(self, host: Host, program: Submitted, role: str, words: Words, task: str) -> None:
        self.host, self.role, self.words, self.task = host, role, words, task
        self.half, self.folder = program
        self.unit = 2 if self.half.charset == "unicode" else 1
        self.message = encode(words.message, self.half.charset)
        self.documented = self.message.ljust(BUF_SIZE, b"\0")
        self.random = random.Random()
        space = prefix(words.name)
        self.names = {Mapping: words.name, Event: space + "MyFileMappingReady",
                      Mutex: space + "MyFileMappingLock"}

    def text(self, size: int) -> bytes:
        """Return a random text of `size` bytes, without a terminator."""
        signs = LETTERS + LETTERS.upper() + "0123456789" + ("éжλ中" if self.unit == 2 else "")
        return encode("".join(self.random.choices(signs, k=size // self.unit)), self.half.charset)

    def letters(self, count: int) -> List[str]:
        """Return `count` different random letters."""
        return self.random.sample(LETTERS, count)

    def noise(self, size: int) -> bytes:
        """Return `size` random bytes, none of them zero."""
        return bytes(self.random.choices(range(1, 256), k=size))

    def object(self, data: bytes) -> Tuple[Mapping, bytes]:
        """Create the file mapping object with the documented name and size. It begins with `data`;
        noise follows to the end of the page. Return all of its bytes, too."""
        mapping = self.host.create(self.words.name, BUF_SIZE).map()
        data += self.noise(mapping.region - len(data))
        mapping.write(data)
        return mapping, data

    def create(self, kind: Type[Kind]) -> Kind:
        """Create the manual-reset event, not set, or the free mutex of the exercise, as a student's
        program should. Raises Win32Error."""
        made = create_named(self.host.win32(), self.names[kind], KINDS[kind])
        return self.host.keep(kind(made.win32, made.handle, made.existed))

    def find(self, kind: Type[Found]) -> Optional[Found]:
        """Return the object that a program has created, or None. Raises Win32Error."""
        win32 = self.host.win32()
        opens = {Event: win32.OpenEventW, Mutex: win32.OpenMutexW, Mapping: win32.OpenFileMappingW}
        try:
            handle = opens[kind](GENERIC_ALL, False, self.names[kind])
        except Win32Error as error:
            # With ERROR_INVALID_HANDLE, an object of another kind has the name (O6).
            if error.code not in (ERROR_FILE_NOT_FOUND, ERROR_INVALID_HANDLE):
                raise
            return None
        return self.host.keep(kind(win32, handle, True))
