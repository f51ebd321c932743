"""Plays the steps in which docs/robust/README.md builds the robust pair: `make robust STEP=N`.

The page's diffs are the only source of the steps. Each step fixes one failure; its scene provokes
that failure on any pair. For a step, two scenes run on the pair as it is after that step: its own,
which now works, and that of the next step, which still fails.
"""
from __future__ import annotations

import re
import struct
import subprocess
from typing import Callable, Tuple

from harness.driver.contract import NAME as GLOBAL_NAME
from harness.driver.errors import HarnessError, Win32Error
from harness.driver.host import Host
from harness.driver.paths import BUILD, ROOT
from harness.driver.programs import Launch, Program, TRACED
from harness.driver.waiting import wait_for
from harness.driver.win32.calls import lines
from harness.interleavings.robust import NAME, READY, SIZE
from harness.lessons.command import exit_with, play
from harness.lessons.drawing import Lines, dump, said, shown
from harness.lessons.pages import Files, patched
from harness.lessons.robust import RobustPair, SOMEBODY_ELSE, header

PAGE = ROOT / "docs" / "robust" / "README.md"
PROGRAMS = ("robust_writer", "robust_reader")
COMPILER = ("x86_64-w64-mingw32-gcc", "-std=c99", "-Os", "-Wall", "-Wextra", "-Wpedantic",
            "-Werror", "-D__USE_MINGW_ANSI_STDIO=0", "-static-libgcc")
#: The step that introduces local names and protection; the one that introduces a time limit.
LOCAL, LIMITED = 8, 5
#: The functions in which the programs wait.
WAITS = ("_getch", "WaitForSingleObject")


def built(steps: int) -> Files:
    """Return the files after the page's first `steps` steps, as lines by name."""
    files: Files = {}
    sections = re.split(r"^## \d+\. ", PAGE.read_text(encoding="utf-8"), flags=re.M)[1:]
    assert len(sections) == len(SCENES)
    for section in sections[:steps]:
        for block in re.findall(r"^```diff\n(.*?)^```$", section, re.M | re.S):
            for diff in re.split(r"^(?=--- )", block, flags=re.M)[1:]:
                patched(files, diff)
    return files


def pair_of(host: Host, step: int) -> RobustPair:
    """Compile the pair as it is after that step. Raises HarnessError with the compiler's words."""
    folder = BUILD / f"x86_64-robust-{step}"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in built(step).items():
        (folder / name).write_text("".join(text), encoding="utf-8")
    for program in PROGRAMS:
        done = subprocess.run([*COMPILER, f"{program}.c", "-o", f"{program}.exe", "-luser32",
                               "-ladvapi32"], cwd=folder, stderr=subprocess.PIPE, check=False)
        if done.returncode:
            raise HarnessError(f"step {step}: {done.stderr.decode(errors='replace')}")
    names = (NAME, READY) if step >= LOCAL else (GLOBAL_NAME, "Global\\MyFileMappingReady")
    return RobustPair(host, "x86_64", f"robust-{step}", *names)


def waits(program: Program) -> Program:
    """Wait until a traced program has ended or waits. Return it."""
    wait_for(lambda: program.ended() or any(map(program.called, WAITS)),
             f"{program.name} to wait or to end", program.describe)
    return program


def writer_of(pair: RobustPair) -> Program:
    """Start the writer, traced, and wait until it has published its message or has failed."""
    return waits(pair.writer("", Launch(trace=True, new_console=True)))


def reads(pair: RobustPair, step: int) -> Lines:
    """Start a reader that tries once; yield what it shows or how it fails."""
    yield from shown(pair.reader(100 if step >= LIMITED else ""), drawn=False)


def with_a_writer(pair: RobustPair, reader: Program, words: str) -> Lines:
    """If the reader still runs, yield `words` and start a writer. Yield how the reader ends."""
    if not reader.ended():
        yield words
        writer_of(pair)
    yield from shown(reader, drawn=False)


def leftover_text(pair: RobustPair, step: int) -> Lines:
    """A length instead of a terminator"""
    old = "A text that is a good deal longer than the message."
    mapping = pair.host.create(pair.name, SIZE).map()
    mapping.write(struct.pack("<I", 2 * len(old)) + old.encode("utf-16-le"))
    yield f"The object exists and holds: {old}"
    writer_of(pair)
    yield "robust_writer has written its message over it."
    yield from dump(mapping.read(80))
    yield from reads(pair, step)


def no_message(pair: RobustPair, step: int) -> Lines:
    """A header that is checked"""
    yield "The object does not hold a message: all of its bytes are FF."
    pair.host.create(pair.name, SIZE).map().write(b"\xff" * SIZE)
    yield from reads(pair, step)


def unreadable(pair: RobustPair, step: int) -> Lines:
    """Memory that can be read"""
    yield "The object has one page, and its header says that the text has 16,000 bytes."
    pair.forge(header(length=16000), size=4096)
    yield from reads(pair, step)
    pair.host.sweep()
    yield "The object belongs to a file, which another program could shorten. It holds a message."
    mapping = pair.host.create(pair.name, SIZE, file=pair.host.folder / "message.bin")
    mapping.map().write(header())
    yield from reads(pair, step)


def access(pair: RobustPair, step: int) -> Lines:
    """No more access than needed"""
    writer, reader = writer_of(pair), pair.reader("", TRACED)
    box = reader.box()
    for program in (writer, reader):
        yield f"{program.name}:"
        for line in lines(program.calls()):
            if "FILE_MAP_" in line:
                yield f"  {line}"
    reader.answer(box)


def early(pair: RobustPair, step: int) -> Lines:
    """Wait for the writer"""
    yield "There is no writer yet. robust_reader starts."
    reader = waits(pair.reader("", TRACED))
    yield from with_a_writer(pair, reader, "It waits. robust_writer starts.")


def two_writers(pair: RobustPair, step: int) -> Lines:
    """One writer"""
    writer_of(pair)
    yield "robust_writer has published its message. A second one starts."
    second = writer_of(pair)
    if second.ended():
        yield from said(second)
    else:
        yield "It has opened the first one's object, written over its message, and waits for a key."


def killed_writer(pair: RobustPair, step: int) -> Lines:
    """Try until the time is over"""
    pair.host.occupy(pair.ready, "event", is_set=True)
    yield "A writer was killed: its object is gone, and its event is still set."
    yield "robust_reader starts, with a limit of 20 s."
    reader = pair.reader(20000, TRACED)
    wait_for(lambda: reader.ended() or reader.called("OpenFileMapping") > 1,
             "a second try, or an end", reader.describe)
    yield from with_a_writer(pair, reader,
                             "It tries again and again. Another robust_writer starts.")


def somebody_else(pair: RobustPair, step: int) -> Lines:
    """The user's own objects only"""
    yield "Another user's object has the name. It holds a message, and the event is set."
    pair.forge(header(), owner=SOMEBODY_ELSE)
    yield from reads(pair, step)
    pair.host.sweep()
    writer_of(pair)
    yield "robust_writer has published its message. Another program opens the object for writing."
    try:
        pair.host.open(pair.name)
        yield "OpenFileMapping(FILE_MAP_ALL_ACCESS) succeeds."
    except Win32Error as error:
        yield f"OpenFileMapping(FILE_MAP_ALL_ACCESS) fails with {error.code}."


def low_integrity(pair: RobustPair, step: int) -> Lines:
    """No object of a program of low integrity"""
    pair.forge(header(), low=True)
    yield "An object has the name that carries a low label, as those of sandboxed programs do."
    yield from reads(pair, step)


def words(pair: RobustPair, step: int) -> Lines:
    """Say what happened, and end cleanly"""
    ended = pair.reader(100).wait()
    stream = "standard error" if ended.err else "standard output"
    yield f"robust_reader finds no writer, and prints on {stream}:"
    yield f"  {(ended.err or ended.out).decode().strip()}"
    yield "A script starts robust_writer with a limit of 200 ms. Nobody presses a key."
    writer = pair.writer(200, TRACED)
    wait_for(lambda: writer.ended() or writer.called("_getch"), "an end or a wait for a key",
             writer.describe)
    yield from said(writer) if writer.ended() else ["robust_writer waits for a key."]


#: The scene of each step. The first line of its docstring is the step's heading on the page.
SCENES: Tuple[Callable[[RobustPair, int], Lines], ...] = (
    leftover_text, no_message, unreadable, access, early, two_writers, killed_writer,
    somebody_else, low_integrity, words)


def lines_of(host: Host, step: int) -> Lines:
    """Yield what a step fixes, and what still fails after it."""
    pair = pair_of(host, step)
    for number in range(step, min(step + 2, len(SCENES) + 1)):
        scene = SCENES[number - 1]
        yield (f"Step {number}: {scene.__doc__}" if number == step else
               f"Before step {number}: {scene.__doc__}")
        for line in scene(pair, step):
            yield f"  {line}"
        host.sweep()


def main() -> int:
    """Play the step that the command line names, or list all steps."""
    return play("robust STEP", {str(number): scene.__doc__ or ""
                                for number, scene in enumerate(SCENES, 1)},
                lambda host, number: lines_of(host, int(number)))


if __name__ == "__main__":
    exit_with("robust", main)
