"""Every way to fail: what is printed where, the exit code, and what is closed on the way out.

The obstacles are real ones, put under the documented name by another process; where none can make
a call fail with a code, the tracer does.
"""
from __future__ import annotations

from typing import Any, Callable, List, Tuple

import pytest

from harness.claims.first_run import sections
from harness.driver.contract import BUF_SIZE, CREATE_FAILED, MAP_FAILED, OPEN_FAILED, encode
from harness.driver.host import Host
from harness.driver.win32.constants import PAGE_READONLY
from harness.driver.win32.objects import OTHER_KINDS, Mapping, NamedObject
from harness.judge.checks import Mine, See, check
from harness.judge.claims import READER, WRITER
from harness.judge.failing import judge_failure
from harness.judge.running import MORE, Running
from harness.judge.starter import Starter
from harness.judge.words import printed

LINES = {"W2": CREATE_FAILED, "R2": OPEN_FAILED, "W4": MAP_FAILED, "R4": MAP_FAILED}
IN_FILE = "In the file."
#: As many bytes hold it, and are fewer than any view of more than nothing has.
TINY = 32
#: Kinds of objects in which no program sees a difference.
SAME_AS_AN_EVENT = [pytest.param(kind, marks=pytest.mark.products) for kind in OTHER_KINDS[1:]]
#: The code and how %d prints it: short of paging file, and one with the highest bit set, which %d
#: prints as a negative number.
CODES = pytest.mark.parametrize("code, shown", [
    pytest.param(1455, "1455", id="1455", marks=pytest.mark.products),
    pytest.param(0x80000001, "-2147483647", id="negative")])


def no_object(claim: str, **more: Any) -> Callable[..., Any]:
    """The check of a program that gets no object."""
    role = WRITER if claim == "W2" else READER
    facts = [f"{claim}.{name}" for name in ("line", "exit", "end", "after")]
    return check(*facts, f"{claim[0]}1.function", "H4.early", "H5.kind", "H5.denied", about=role,
                 **more)


def no_view(claim: str, *facts: str, **more: Any) -> Callable[..., Any]:
    """The check of a program that gets no view."""
    return check(*(f"{claim}.{name}" for name in ("line", "exit", "end", "closed")), *facts,
                 "H5.smaller", about=WRITER if claim == "W4" else READER, **more)


def put(host: Host, name: str, obstacle: str) -> List[NamedObject]:
    """Take the name in one of the ways in which no object can be had; what has it then."""
    if obstacle == "nothing":
        return []
    return [host.create(name, BUF_SIZE, denied=True) if obstacle == "closed-to-all"
            else host.occupy(name, obstacle)]


def gets_no_object(host: Host, start: Starter, see: See, known: Mine, obstacle: str) -> None:
    """Judge a program whose object cannot be had because of that obstacle."""
    claim, code = ("W2" if known.role == WRITER else "R2"), \
        {"nothing": 2, "closed-to-all": 5}.get(obstacle, 6)
    taken = put(host, known["object"], obstacle)
    before = sections(host)
    running = start()
    fact = "H4.early" if obstacle == "nothing" else \
        "H5.denied" if obstacle == "closed-to-all" else "H5.kind"
    new = set()

    def makes_its_own() -> bool:
        new.update(set(sections(host)) - set(before))
        return bool(new)

    running.until(makes_its_own, MORE if not running.calls else 0.0)
    if makes_its_own():
        see(f"{claim[0]}1.function", f"objects that it makes when it meets {obstacle}", [],
            sorted(new))
        see.stop()
    if judge_failure(running, claim, LINES[claim].format(code), f"when it meets {obstacle}"):
        see(fact, f"whether it fails when it meets {obstacle}", True, True)
        known.give("gives-up")
    elif not running.calls and claim == "R2" and not running.boxes():
        tries_again(host, start, see, running, taken)


def tries_again(host: Host, start: Starter, see: See, running: Running,
                taken: List[NamedObject]) -> None:
    """Whether it goes on because it waits for the object: then it has made several attempts."""
    for one in taken:
        one.close()
    start.object(BUF_SIZE).write(start.message)
    running.until(running.boxes, 1.0)
    if running.boxes():
        see.result.seen.pop()
        see("R1.function", "attempts to get the object", 1, "more than one")


@no_object("W2", needs="object", gives="gives-up")
def test_the_writer_meets_an_event(host: Host, start: Starter, see: See, known: Mine) -> None:
    """Another kind of object has its name: one line with 6, and exit code 1."""
    gets_no_object(host, start, see, known, "event")


@pytest.mark.parametrize("obstacle", ["closed-to-all", *SAME_AS_AN_EVENT])
@no_object("W2", needs="object gives-up")
def test_the_writer_meets(host: Host, start: Starter, see: See, known: Mine,
                          obstacle: str) -> None:
    """Every other kind of object with 6, and one whose DACL denies everyone access with 5."""
    gets_no_object(host, start, see, known, obstacle)


@no_object("R2", needs="object", gives="gives-up")
def test_the_reader_meets_nothing(host: Host, start: Starter, see: See, known: Mine) -> None:
    """There is no object of that name: one line with 2, and exit code 1."""
    gets_no_object(host, start, see, known, "nothing")


@pytest.mark.parametrize("obstacle", [
    "closed-to-all", pytest.param("event", marks=pytest.mark.products), *SAME_AS_AN_EVENT])
@no_object("R2", needs="object gives-up")
def test_the_reader_meets(host: Host, start: Starter, see: See, known: Mine,
                          obstacle: str) -> None:
    """Every other kind of object with 6, and one whose DACL denies everyone access with 5."""
    gets_no_object(host, start, see, known, obstacle)


def fails(start: Starter, see: See, claim: str, function: str, code: int, shown: str) -> None:
    """Judge a program whose first call of that function fails with that code."""
    if not start.traced:
        pytest.skip("its calls cannot be seen")
    running = start(fail=function, error=code)

    def result() -> List[object]:
        calls = running.calls
        made = (calls.views if function == "MapViewOfFile" else calls.objects) if calls else []
        return [call.result for call in made[:1] if call.result is not None]

    running.until(result)
    if result() != [0]:
        pytest.skip(f"it makes no call of {function} that could be made to fail")
    if judge_failure(running, claim, LINES[claim].format(shown), f"when {function} fails"):
        # Printed without its sign it is still that code: the line is wrong, not the number.
        see(f"{claim}.number", "whether it prints the code of the failure", True,
            any(number in printed(running.output) for number in (shown, str(code))))


@pytest.mark.calls
@CODES
@check("W2.number", "W2.line", "W2.exit", "W2.end", "W2.after", about=WRITER,
       needs="object gives-up")
def test_creating_fails(start: Starter, see: See, code: int, shown: str) -> None:
    """One line with the code as %d prints it, and exit code 1."""
    fails(start, see, "W2", "CreateFileMapping", code, shown)


@pytest.mark.calls
@CODES
@check("R2.number", "R2.line", "R2.exit", "R2.end", "R2.after", about=READER,
       needs="object gives-up")
def test_opening_fails(start: Starter, see: See, code: int, shown: str) -> None:
    """One line with the code as %d prints it, and exit code 1."""
    start.object(BUF_SIZE)
    fails(start, see, "R2", "OpenFileMapping", code, shown)


@pytest.mark.calls
@CODES
@no_view("W4", "W4.number", needs="object")
def test_mapping_fails_for_the_writer(start: Starter, see: See, code: int, shown: str) -> None:
    """One line with the code as %d prints it, exit code 1, and the handle is closed."""
    fails(start, see, "W4", "MapViewOfFile", code, shown)


@pytest.mark.calls
@CODES
@no_view("R4", "R4.number", needs="object")
def test_mapping_fails_for_the_reader(start: Starter, see: See, code: int, shown: str) -> None:
    """One line with the code as %d prints it, exit code 1, and the handle is closed."""
    start.object(BUF_SIZE)
    fails(start, see, "R4", "MapViewOfFile", code, shown)


def over_a_file(host: Host, start: Starter, claim: str, size: int) -> Tuple[Running, bool]:
    """Start a program whose object has that size; and whether it has got a view."""
    mapping: Mapping = start.object(size, file=host.folder / f"of {size} bytes")
    if claim == "R4":
        mapping.write(encode(IN_FILE, start.half.charset))
    before = mapping.read(size)
    running = start()

    def has_view() -> bool:
        calls = running.calls
        if calls:
            return bool(calls.views and calls.views[0].result)
        boxes = running.boxes() if claim == "R4" else []
        return mapping.read(size) != before or bool(boxes and IN_FILE in (boxes[0].text or ""))

    running.until(lambda: has_view() or running.calls and running.calls.failed)
    found = has_view()
    mapping.close()
    return running, found


def meets_a_smaller_file(host: Host, start: Starter, see: See, claim: str) -> None:
    """Judge a program whose object has one byte less than a view takes; only a file can have. An
    object in the paging file has a whole page at least."""
    if claim == "R4" and not start.traced and not start.known.has("view"):
        pytest.skip("nothing shows whether it gets a view")
    running, has_view = over_a_file(host, start, claim, BUF_SIZE - 1)
    if has_view:
        see(f"{claim[0]}3.exact", "whether a view of 255 bytes is enough for it", False, True)
        running.program.terminate()
        running.end()
        running, has_view = over_a_file(host, start, claim, TINY)
        if has_view:
            see.stop()
    running.judge_view()
    if running.calls and not running.calls.views:
        see.stop()  # It did not come so far.
    if judge_failure(running, claim, LINES[claim].format(5), "when its object is too small"):
        see("H5.smaller", "whether it fails when its object is too small", True, True)


@no_view("W4", "W3.exact", needs="object overwrites")
def test_the_writer_meets_a_smaller_file(host: Host, start: Starter, see: See) -> None:
    """A view that is larger than its object fails with 5."""
    meets_a_smaller_file(host, start, see, "W4")


@no_view("R4", "R3.exact", needs="object")
def test_the_reader_meets_a_smaller_file(host: Host, start: Starter, see: See) -> None:
    """A view that is larger than its object fails with 5."""
    meets_a_smaller_file(host, start, see, "R4")


def meets_a_read_only_object(start: Starter, see: See, claim: str) -> None:
    """Judge a program whose object was made with PAGE_READONLY. Which error that is, is not
    documented."""
    start.host.create(str(start.known["object"]), BUF_SIZE, protect=PAGE_READONLY)
    running = start(trace=False)
    running.press(["x"])  # Lets a writer go on where it did get a view.
    running.until(running.boxes if running.role == READER else running.program.ended, MORE)
    ended = running.end(0.0)
    see(f"{claim}.end", "whether it gets a view of an object made read-only", False,
        not (ended and ended.code == 1))


@pytest.mark.products
@pytest.mark.gap("read-only-object")
@check("W4.end", about=WRITER, needs="object overwrites end")
def test_the_writer_meets_a_read_only_object(start: Starter, see: See) -> None:
    """FILE_MAP_ALL_ACCESS asks for more than PAGE_READONLY allows."""
    meets_a_read_only_object(start, see, "W4")


@pytest.mark.products
@pytest.mark.gap("read-only-object")
@check("R4.end", about=READER, needs="object end")
def test_the_reader_meets_a_read_only_object(start: Starter, see: See) -> None:
    """FILE_MAP_ALL_ACCESS asks for more than PAGE_READONLY allows."""
    meets_a_read_only_object(start, see, "R4")
