"""What a student's program meets in a check: the objects of its exercise, with random contents;
and how a finding is said."""
from __future__ import annotations

import random
from pathlib import Path
from typing import List, NamedTuple, Optional, Type

from harness.driver.contract import BUF_SIZE, Words, encode
from harness.driver.host import Host
from harness.driver.pair import Half
from harness.driver.win32.objects import Mapping, NamedObject
from harness.judge.results import Seen
from harness.lessons.exercises.objects import Kind, create, find

#: The names of the event and of the mutex, without the prefix that is the mapping's.
NAMES = {"event": "MyFileMappingReady", "mutex": "MyFileMappingLock"}
LETTERS = "abcdefghijklmnopqrstuvwxyz"


class Wrong(Exception):
    """A program does not do what the exercise asks for; `seen` is the finding, `hint` says what its
    author may look at."""

    def __init__(self, seen: Seen, hint: str) -> None:
        super().__init__(seen.what)
        self.seen, self.hint = seen, hint


def at(data: bytes, other: bytes) -> str:
    """Bytes in words, from the first that is different in the other data."""
    first = next((place for place, (one, two) in enumerate(zip(data, other)) if one != two), 0)
    return f"byte {first} and following: {data[first:first + 8].hex(' ')}"


def prefix(name: str) -> str:
    """The namespace of that name with its backslash, or nothing."""
    return "".join(name.rpartition("\\")[:2])


class Submitted(NamedTuple):
    """A program, and the folder with its source, of which a finding may show lines."""

    half: Half
    folder: Path


class Setting:
    """One program of a pair, which is run as often as its check wants in that host. `role` is its
    part, `task` the exercise."""

    def __init__(self, host: Host, program: Submitted, role: str, words: Words, task: str) -> None:
        self.host, self.role, self.words, self.task = host, role, words, task
        self.half, self.folder = program
        self.unit = 2 if self.half.charset == "unicode" else 1
        self.message = encode(words.message, self.half.charset)
        self.random = random.Random()
        self._made: List[NamedObject] = []

    def name(self, name: str) -> str:
        """The full name of another object of the exercise: it has the prefix of the mapping's."""
        return prefix(self.words.name) + name

    def text(self, size: int) -> bytes:
        """A random text of so many bytes, without a terminator."""
        signs = LETTERS + LETTERS.upper() + "0123456789" + ("éжλ中" if self.unit == 2 else "")
        return encode("".join(self.random.choices(signs, k=size // self.unit)), self.half.charset)

    def letters(self, count: int) -> List[str]:
        """So many random letters, which are all different."""
        return self.random.sample(LETTERS, count)

    def noise(self, size: int) -> bytes:
        """So many random bytes, none of which is zero."""
        return bytes(self.random.choices(range(1, 256), k=size))

    def object(self, data: bytes, rest: Optional[bytes] = None) -> Mapping:
        """A new file mapping object of the documented name and size that begins with these bytes;
        `rest` follows, or noise to the end of its page."""
        mapping = self.host.create(self.words.name, BUF_SIZE).map()
        rest = self.noise(mapping.region - len(data)) if rest is None else rest
        mapping.write(data + rest)
        return mapping

    def create(self, kind: Type[Kind]) -> Kind:
        """The event or the mutex of the exercise, as a student's program is to create it."""
        return self._kept(create(kind, self.host.win32(), self.name(NAMES[kind.kind])))

    def find(self, kind: Type[Kind]) -> Optional[Kind]:
        """The event or the mutex that a program has created, or None."""
        found = find(kind, self.host.win32(), self.name(NAMES[kind.kind]))
        return self._kept(found) if found else None

    def _kept(self, made: Kind) -> Kind:
        self._made.append(made)
        return made

    def clear(self) -> None:
        """End what was started, and close what was made."""
        self.host.sweep()
        while self._made:
            self._made.pop().close()
