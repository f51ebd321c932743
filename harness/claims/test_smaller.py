"""Each program over objects that are as small as its view or smaller, and over a read-only one.
Only a file can be that small: an object in the paging file has at least one page."""
from __future__ import annotations

from pathlib import Path
from typing import NamedTuple, Optional, Tuple

import pytest

from harness.claims.first_run import ROOM, TINY
from harness.driver.contract import BUF_SIZE, encode
from harness.driver.host import Host
from harness.driver.programs import Exit
from harness.driver.win32.constants import PAGE_READONLY
from harness.judge.calling import judge_view, repeats
from harness.judge.checks import See, check
from harness.judge.claims import READER, WRITER
from harness.judge.failing import failure_check, judge_failure
from harness.judge.patience import MORE
from harness.judge.running import Running
from harness.judge.starter import Starter

IN_FILE = "In the file."  #: Fits into a TINY file.
EXACT = "whether a view of {} bytes is enough for it"
A_VIEW = "a view"
UNSEEN = "nothing shows whether it gets a view"
REFUSED = "it maps no view of an existing object"


class Small(NamedTuple):
    """A program whose object is a file, and whether it got a view of it (None: unknown)."""

    running: Running
    has_view: Optional[bool]


def comes_to(start: Starter, size: int, file: Optional[Path],
             pressed: bool = False) -> Tuple[Running, object]:
    """Start a program over an object of `size` bytes; with `pressed`, press its key in advance.
    Return it with its result: a view, if its message or message box shows one, another box, its
    end, or None."""
    mapping = start.object(size, file=file)
    if start.role == READER:
        mapping.write(encode(IN_FILE, start.half.charset))
    before = mapping.read(size)
    running = start()
    if pressed and start.role == WRITER:
        running.press(start.known["keys"] or [])

    def shown() -> str:
        boxes = [box.text or "" for box in running.boxes()] if start.role == READER else []
        has_view = mapping.read(size) != before or any(IN_FILE in text for text in boxes)
        return A_VIEW if has_view else "a box" * bool(boxes)

    def mapped() -> bool:
        calls = running.calls
        return bool(calls and calls.views and calls.views[0].result is not None)

    running.until(lambda: mapped() or shown())
    ended, outcome = running.program.status()
    came = not mapped() and shown() or (outcome if ended else None)
    mapping.close()
    return running, came


def over_a_file(host: Host, start: Starter, size: int) -> Small:
    """Start a program over a file of `size` bytes. If nothing shows its view directly, it has one
    if its result is the same over a large object and differs over a tiny one."""
    file = host.folder / f"of {size} bytes"
    running, came = comes_to(start, size, file)
    calls = running.calls
    if calls and calls.views:
        return Small(running, bool(calls.views[0].result))
    if came == A_VIEW or calls:
        return Small(running, came == A_VIEW or None)

    def ends_as(other: int, over: Optional[Path]) -> object:
        there, comes = comes_to(start, other, over, pressed=True)
        there.kill()
        return comes

    waits = not running.program.ended()
    if waits:
        running.kill()
        came = ends_as(size, file)
    there = ends_as(ROOM, None)
    if came == there:
        return Small(running, True if came != ends_as(TINY, host.folder / "tiny") else None)
    if there != A_VIEW and came != ends_as(size, file):
        return Small(running, None)  # Its end varies by itself.
    if waits:
        running, _ = comes_to(start, size, file)
    return Small(running, False)


def needs_evidence(see: See, small: Small) -> None:
    """End the check if nothing shows whether the program gets a view, or if it goes on as if it had
    no object, since that existed before (W8)."""
    calls = small.running.calls
    refuses = calls and calls.gives_up and small.running.known.has("view")
    if refuses or small.has_view is None:
        see.stop(why=REFUSED if refuses else UNSEEN)


@pytest.mark.parametrize("fact", [
    pytest.param("W3.exact", marks=check("W3.exact", about=WRITER, needs="object")),
    pytest.param("R3.exact", marks=check("R3.exact", about=READER, needs="object"))])
def test_256_bytes_are_enough(host: Host, start: Starter, see: See, fact: str) -> None:
    """It gets its view of a file of exactly 256 bytes."""
    small = over_a_file(host, start, BUF_SIZE)
    needs_evidence(see, small)
    if not small.has_view and judge_view(small.running):
        see.stop(why="it gets no view, though it asks for the documented one")
    see(fact, EXACT.format(BUF_SIZE), True, small.has_view or small.running.doing())


@pytest.mark.parametrize("claim", [
    pytest.param("W4", marks=failure_check("W4", "W3.exact", "H5.smaller", needs="object")),
    pytest.param("R4", marks=failure_check("R4", "R3.exact", "H5.smaller", needs="object"))])
def test_255_bytes_are_too_few(host: Host, start: Starter, see: See, claim: str) -> None:
    """Mapping a view that is larger than the object fails with 5."""
    small = over_a_file(host, start, BUF_SIZE - 1)
    if small.has_view:
        see(f"{claim[0]}3.exact", EXACT.format(BUF_SIZE - 1), False, True)
        small.running.kill()
        small = over_a_file(host, start, TINY)
        if small.has_view:
            see.stop()
    needs_evidence(see, small)
    running = small.running
    if repeats(running, "view") or not running.known.has("view"):
        judge_view(running)
    # A view with other arguments may fail with another code.
    views = running.calls.views if running.calls else []
    code = str(views[0].error) if views else "5" * start.known.has("view")

    def with_a_view() -> Exit:
        there, _ = comes_to(start, ROOM, None, pressed=True)
        there.end(MORE)
        return there.output

    if judge_failure(running, claim, code, "when its object is too small",
                     lambda: over_a_file(host, start, BUF_SIZE - 1).running, with_a_view):
        see("H5.smaller", "whether it fails when its object is too small", True, True)


@pytest.mark.products
@pytest.mark.gap("read-only-object")
@pytest.mark.parametrize("fact", [
    pytest.param("W4.end", marks=check("W4.end", about=WRITER, needs="object overwrites end")),
    pytest.param("R4.end", marks=check("R4.end", about=READER, needs="object end"))])
def test_it_meets_a_read_only_object(start: Starter, see: See, fact: str) -> None:
    """FILE_MAP_ALL_ACCESS asks for more than PAGE_READONLY allows. (The error is undocumented.)"""
    start.host.create(str(start.known["object"]), BUF_SIZE, protect=PAGE_READONLY)
    running = start(trace=False)
    running.press(["x"])  # Lets a writer go on if it did get a view.
    running.until(lambda: running.boxes() if running.role == READER else running.program.ended(),
                  MORE)
    ended = running.end(0.0)
    see(fact, "whether it gets a view of a read-only object", False,
        not (ended and ended.code == 1))
