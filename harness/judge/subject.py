"""What a run checks: the products in every variant, or the programs that somebody handed in."""
from __future__ import annotations

import hashlib
import pickle
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Callable, Dict, List, Optional

import pytest

from harness.driver.contract import Words
from harness.driver.errors import Expired, HarnessError
from harness.driver.host import Host, Settings
from harness.driver.hosts import open_host
from harness.driver.meeting import Scene
from harness.driver.pair import VARIANTS, Facts, Half, Pair, product, product_pair, split
from harness.driver.programs import Launch
from harness.driver.waiting import deadlines
from harness.judge.executable import Executable, charset_of, examine
from harness.judge.findings import READER, WRITER, Record, board, expect
from harness.judge.firstlook import Look

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
                    f"; its calls are not traced: {halves[name].untraced}"
                    if halves[name].untraced else "") + (
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
                            "" if program.traceable else "it finds its functions at run time",
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


def look_at_file(name: str, program: Executable) -> None:
    """Judge what the headers and imports of a program promise (B1, B2, R7)."""
    expect("B1", "DLLs that Windows does not ship", (), program.foreign_dlls, name)
    expect("B1", "whether it is a console program", True, program.console, name)
    expect("B2", "imports of both character sets", (), program.mixed, name)
    if name == READER:
        expect("R7", "whether it imports from user32.dll", True, program.user32)


def _traced_alike(host: Host, half: Half, program: Executable) -> Half:
    """The half, which is not to be traced where that changes how it ends without an object. It does
    on Wine 8.0 where an exception passes a function that keeps a value in the register rbp."""
    if not program.throws or half.untraced:
        return half
    ends = []
    for launch in (Launch(), Launch(trace=True)):
        host.occupy(half.facts.name, "event")
        started = Scene(host, Pair(half, half), launch).writer()
        try:
            ends.append(started.wait())
        except Expired:
            return half  # It goes on, traced or not, so nothing is thrown.
        finally:
            host.sweep()
    if ends[0].code == ends[1].code:
        return half
    return replace(half, untraced="this platform lets it crash when it throws under a debugger")


def _facts(program: Executable, look: Callable[[], Facts], words: Words) -> Facts:
    """What the first look at a program shows; none is taken at one that cannot be started."""
    if program.foreign_dlls or not program.console:
        return Facts(words.name, no_object=("B1",))
    return look()


def look_first(subject: Subject, settings: Settings, traced: bool) -> None:
    """Look at each program that was handed in, before any test: at its file, and at what it does
    when it is started alone. Raises HarnessError where nothing can be started here."""
    board.begin()
    subject.record = board.record
    for name, program in subject.handed_in.items():
        look_at_file(name, program)
    host = open_host(settings, subject.pairs[0].words.name)
    try:
        start = time.monotonic()
        host.prove()
        deadlines.measured(time.monotonic() - start)
        subject.step = deadlines.step
        for program in subject.handed_in.values():
            lacking = host.lacks(program.arch)
            if lacking:
                raise HarnessError(f"32-bit programs cannot be run: {lacking}")
        pair = subject.pairs[0]
        if WRITER in subject.handed_in:
            program = subject.handed_in[WRITER]
            half = _traced_alike(host, pair.writer, program) if traced else pair.writer
            facts = _facts(program, Look(host, half, pair.words, traced).writer, pair.words)
            pair = replace(pair, writer=replace(half, facts=facts))
        if READER in subject.handed_in:
            program = subject.handed_in[READER]
            half = _traced_alike(host, pair.reader, program) if traced else pair.reader
            facts = _facts(program, Look(host, half, pair.words, traced).reader, pair.words)
            pair = replace(pair, reader=replace(half, facts=facts))
        subject.pairs = [pair]
    finally:
        host.close()
