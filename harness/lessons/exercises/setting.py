"""Prepares a check of a student's program: creates the objects of the exercise, with random
contents."""
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

#: The names of the event and the mutex, without the prefix, which is that of the mapping.
NAMES = {"event": "MyFileMappingReady", "mutex": "MyFileMappingLock"}
LETTERS = "abcdefghijklmnopqrstuvwxyz"


class Wrong(Exception):
    """A program does not do what the exercise asks for. `seen` is the finding; `hint` tells its
    author where to look."""

    def __init__(self, seen: Seen, hint: str) -> None:
        super().__init__(seen.what)
        self.seen, self.hint = seen, hint


def at(data: bytes, other: bytes) -> str:
    """Describe the bytes from the first one that differs in `other`."""
    first = next((place for place, (one, two) in enumerate(zip(data, other)) if one != two), 0)
    return f"byte {first} and following: {data[first:first + 8].hex(' ')}"


def prefix(name: str) -> str:
    """Return the namespace prefix of the name with its backslash, or ""."""
    return "".join(name.rpartition("\\")[:2])


class Submitted(NamedTuple):
    """A program, and the folder of its source, for findings to quote lines from."""

    half: Half
    folder: Path


class Setting:
    """One program of a pair in a host. `role` is its part, `task` the exercise."""

    def __init__(self, host: Host, program: Submitted, role: str, words: Words, task: str) -> None:
        self.host, self.role, self.words, self.task = host, role, words, task
        self.half, self.folder = program
        self.unit = 2 if self.half.charset == "unicode" else 1
        self.message = encode(words.message, self.half.charset)
        self.random = random.Random()
        self._made: List[NamedObject] = []

    def name(self, name: str) -> str:
        """Return the full name of the event or mutex: it has the mapping's prefix."""
        return prefix(self.words.name) + name

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

    def object(self, data: bytes, rest: Optional[bytes] = None) -> Mapping:
        """Create the file mapping object with the documented name and size. It begins with `data`;
        `rest` follows, or noise to the end of the page."""
        mapping = self.host.create(self.words.name, BUF_SIZE).map()
        rest = self.noise(mapping.region - len(data)) if rest is None else rest
        mapping.write(data + rest)
        return mapping

    def create(self, kind: Type[Kind]) -> Kind:
        """Create the event or mutex of the exercise, as a student's program should."""
        return self._kept(create(kind, self.host.win32(), self.name(NAMES[kind.kind])))

    def find(self, kind: Type[Kind]) -> Optional[Kind]:
        """Open the event or mutex that a program has created; return None if there is none."""
        found = find(kind, self.host.win32(), self.name(NAMES[kind.kind]))
        return self._kept(found) if found else None

    def _kept(self, made: Kind) -> Kind:
        self._made.append(made)
        return made

    def clear(self) -> None:
        """End the started programs, and close the created objects."""
        self.host.sweep()
        while self._made:
            self._made.pop().close()
