"""What a run checks: all variants of the project's own programs, or those that were handed in."""
from __future__ import annotations

import hashlib
import os
import shlex
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

import pytest

from harness.driver.contract import Words
from harness.driver.errors import HarnessError
from harness.driver.pair import VARIANTS, Half, Pair, product, product_pair, split
from harness.judge import sources
from harness.judge.claims import READER, WRITER
from harness.judge.executable import Executable, charset_of, examine
from harness.judge.words import clean

OPTIONS = {WRITER: "--first-process", READER: "--second-process"}


@dataclass
class Subject:
    """The pairs that a run checks, and the strings that they use. `handed_in` has the examined
    files of programs that were handed in, by program and pair; `refused` has the character set in
    which a program does not compile, with the compiler's messages."""

    pairs: List[Pair]
    words: Words = Words()
    handed_in: Dict[str, Dict[str, Executable]] = field(default_factory=dict)
    refused: Dict[str, Tuple[str, str]] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Return whether both programs use the same strings: both are handed in, or all strings
        are as documented."""
        return len(self.handed_in) == 2 or self.words == Words()

    def half(self, pair: Pair, role: str) -> Half:
        """Return that program of a pair."""
        return pair.writer if role == WRITER else pair.reader

    def source(self, pair: Pair, role: str) -> str:
        """Return the source of that program of a pair, or "" if it was not built here."""
        programs = self.handed_in.get(role, {})
        return programs[str(pair)].source if str(pair) in programs else ""

    def shown(self) -> List[Path]:
        """Return the files that programs that were handed in need: their own, and DLLs beside
        them."""
        if not self.handed_in or sys.platform == "win32":
            return []
        from harness.driver.wine.sandbox import beside
        return [Path(path) for pair in self.pairs for half in (pair.writer, pair.reader)
                for path in beside(str(half.file))]

    def describe(self) -> List[str]:
        """Return a line for each file that was handed in: machine, character set, SHA-256, and the
        DLLs of Visual C++ that it needs."""
        return [clean(f"{role}: {program.source or self.half(pair, role).command}, {program.arch}, "
                      f"{program.charset or self.half(pair, role).charset}, "
                      f"SHA-256 {sha256(program.file)[:16]}…" + (
                          f"; needs the Visual C++ Redistributable ({', '.join(program.visual_c)})"
                          if program.visual_c else ""))
                for role, programs in self.handed_in.items() for pair in self.pairs
                for program in [programs[str(pair)]]]


SUBJECT = pytest.StashKey[Subject]()


def sha256(file: Path) -> str:
    """Return the SHA-256 sum of a file in hexadecimal."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _words_of(role: str, command: str) -> List[str]:
    """Split a command into words. Raises HarnessError with cause and remedy."""
    try:
        found = split(command)
        file = found[0]
        if os.path.isdir(file):
            raise HarnessError(f"{OPTIONS[role]}: {clean(file)} is a folder; name a program")
        return [str(Path(file).absolute()), *found[1:]]
    except (ValueError, IndexError) as problem:
        raise HarnessError(f"{OPTIONS[role]}: {clean(command)} cannot be read ({problem}); put a "
                           "path with spaces in quotes")


def _half(role: str, command: List[str], charset: Optional[str], words: Words,
          built: Optional[sources.Built] = None) -> Tuple[Half, Executable]:
    """Return a program that was handed in. Raises HarnessError with cause and remedy."""
    try:
        program = examine(Path(command[0]), role)
    except HarnessError as problem:
        raise HarnessError(f"{OPTIONS[role]}: {problem}")
    if built:
        # The character set of the source's functions is a fact (B2), and need not be as requested.
        assert charset
        program = program.of_source(str(built.source), charset,
                                    words.message if role == WRITER else words.title)
        charset = program.charset
    half = Half(shlex.join(command), program.arch, charset_of(program, charset),
                program.own_runtime)
    return half, program


def _pair(halves: Dict[str, Half], charset: Optional[str], words: Words) -> Pair:
    own = next(iter(halves.values())).charset if halves else charset or "unicode"
    return Pair(halves.get(WRITER) or product("x86_64", own, WRITER),
                halves.get(READER) or product("x86_64", own, READER), words)


def chosen(option: Any) -> Subject:
    """Return what the command line selects; compile sources. Raises HarnessError with cause and
    remedy, and sources.Refused if a source does not compile."""
    words = Words(**{name: getattr(option, name) for name in ("name", "message", "title")
                     if getattr(option, name)})
    commands = {role: _words_of(role, command) for role, command in
                ((WRITER, option.first_process), (READER, option.second_process)) if command}
    if not commands:
        return Subject([product_pair(*variant) for variant in VARIANTS], words)
    subject = Subject([], words)
    sourced = {role for role, command in commands.items() if sources.is_source(command[0])}
    built = {role: sources.build(Path(commands[role][0]), option.charset, option.sandbox)
             for role in sourced}
    charsets = sorted({charset for each in built.values() for charset in each.files}
                      ) if built else [option.charset]
    for role, each in built.items():
        subject.refused.update({role: (charset, text) for charset, text in each.refused.items()})
    for charset in charsets:
        halves, programs = {}, {}
        for role, command in commands.items():
            if role not in built:
                halves[role], programs[role] = _half(role, command, option.charset, words)
            elif charset in built[role].files:
                halves[role], programs[role] = _half(
                    role, [str(built[role].files[charset]), *command[1:]], charset, words,
                    built[role])
        if len(halves) < len(commands):
            continue
        pair = _pair(halves, charset, words)
        if str(pair) not in map(str, subject.pairs):
            subject.pairs.append(pair)
        for role, program in programs.items():
            known = subject.handed_in.setdefault(role, {})
            # If both builds of a source use the same functions, one of them is mixed.
            if str(pair) not in known or program.mixed:
                known[str(pair)] = program
    if not subject.pairs:
        raise HarnessError("the two programs do not compile for the same character set; say which "
                           "with --charset")
    return subject
