"""What a run checks: the products in every variant, or the programs that somebody handed in."""
from __future__ import annotations

import hashlib
import pickle
from dataclasses import dataclass, field
from pathlib import Path
from typing import Dict, List, Optional

import pytest

from harness.driver.contract import Words
from harness.driver.errors import HarnessError
from harness.driver.pair import VARIANTS, Facts, Half, Pair, product, product_pair, split
from harness.judge.executable import Executable, charset_of, examine
from harness.judge.findings import READER, WRITER, Record

OPTIONS = {WRITER: "first_process", READER: "second_process"}


@dataclass
class Subject:
    """The pairs that a run checks. `handed_in` are the halves that are somebody's own; `record` is
    what the first look at them has found; `step` is the longest that a step may take, in seconds.
    """

    pairs: List[Pair]
    handed_in: Dict[str, Executable] = field(default_factory=dict)
    record: Record = field(default_factory=Record)
    step: float = float("inf")

    @property
    def foreign(self) -> bool:
        """Whether the run checks somebody's own program."""
        return bool(self.handed_in)

    @property
    def complete(self) -> bool:
        """Whether both halves speak the same words: both were handed in, or they are the page's."""
        return len(self.handed_in) == 2 or self.pairs[0].words == Words()

    def dump(self) -> bytes:
        """The subject for another process of this run."""
        return pickle.dumps(self)

    def describe(self) -> List[str]:
        """A line for each program that was handed in: file, machine, character set, sum; and what
        it needs of Visual C++."""
        halves = {WRITER: self.pairs[0].writer, READER: self.pairs[0].reader}
        return [f"{name}: {program.file}, {program.arch}, {halves[name].charset}, SHA-256 "
                f"{sha256(program.file)[:16]}…" + (
                    f"; needs the Visual C++ Redistributable ({', '.join(program.visual_c)})"
                    if program.visual_c else "") for name, program in self.handed_in.items()]


SUBJECT = pytest.StashKey[Subject]()


def sha256(file: Path) -> str:
    """The sum of a file, in hexadecimal."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def handed_in(first: Optional[str], second: Optional[str]) -> Dict[str, Executable]:
    """What the files of these commands say, by half. Raises HarnessError with cause and remedy."""
    found = {}
    for name, command in ((WRITER, first), (READER, second)):
        if command:
            option = f"--{OPTIONS[name].replace('_', '-')}"
            try:
                found[name] = examine(Path(split(command)[0]), name)
            except (ValueError, IndexError) as problem:
                raise HarnessError(f"{option}: {command!r} cannot be read ({problem}); put a path "
                                   "with spaces in quotes")
            except HarnessError as problem:
                raise HarnessError(f"{option}: {problem}")
    return found


def foreign_pair(first: Optional[str], second: Optional[str], charset: Optional[str] = None,
                 words: Words = Words()) -> Pair:
    """The pair of these two commands; the project's own program takes the place of one that is not
    named. Raises HarnessError."""
    halves = {}
    for name, program in handed_in(first, second).items():
        halves[name] = Half({WRITER: first, READER: second}[name] or "", program.arch,
                            charset_of(program, charset), Facts(words.name),
                            program.own_runtime)
    own = next(iter(halves.values())).charset if halves else charset or "unicode"
    return Pair(halves.get(WRITER) or product("x86_64", own, WRITER),
                halves.get(READER) or product("x86_64", own, READER), words)


def chosen(config: pytest.Config) -> Subject:
    """What the command line says is to be checked. Raises HarnessError with cause and remedy."""
    option = config.getoption
    first, second = option("first_process"), option("second_process")
    if not (first or second):
        return Subject([product_pair(*variant) for variant in VARIANTS])
    words = Words(**{name: option(name) for name in ("name", "message", "title") if option(name)})
    return Subject([foreign_pair(first, second, option("charset"), words)],
                   handed_in(first, second))
