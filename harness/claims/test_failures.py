"""Every way to fail: the output, the exit code, and what is closed before the end.

Another process puts real obstacles under the documented name. For codes that no obstacle causes,
the tracer makes the call fail.
"""
from __future__ import annotations

from typing import Any, Callable, List

import pytest

from harness.claims.first_run import ROOM, sections
from harness.claims.objects import meets_a_smaller_file
from harness.driver.contract import BUF_SIZE
from harness.driver.host import Host
from harness.driver.win32.constants import PAGE_READONLY
from harness.driver.win32.objects import OTHER_KINDS, NamedObject
from harness.judge.calls import bare
from harness.judge.checks import Mine, See, check
from harness.judge.claims import READER, WRITER
from harness.judge.failing import judge_failure
from harness.judge.running import ASKS, MORE, STEP, Running
from harness.judge.starter import Starter
from harness.judge.words import printed

#: Kinds of objects that no program can distinguish from an event.
SAME_AS_AN_EVENT = [pytest.param(kind, marks=pytest.mark.products) for kind in OTHER_KINDS[1:]]
#: An error code and what %d prints: 1455 (the paging file is too small), and a code that %d prints
#: as a negative number.
CODES = pytest.mark.parametrize("code, shown", [
    pytest.param(1455, "1455", id="1455", marks=pytest.mark.products),
    pytest.param(0x80000001, "-2147483647", id="negative")])
#: The fact that a program makes no object of its own instead of the one that it cannot get.
_ALONE = {"W2": "W1.function", "R2": "R1.alone"}


def no_object(claim: str, **more: Any) -> Callable[..., Any]:
    """Return the marker for a check of a program that gets no object."""
    role = WRITER if claim == "W2" else READER
    facts = [f"{claim}.{name}" for name in ("line", "exit", "end", "after")]
    return check(*facts, _ALONE[claim], "H4.early", "H5.kind", "H5.denied", about=role, **more)


def put(host: Host, name: str, obstacle: str) -> List[NamedObject]:
    """Put the obstacle under the name. Return the objects that have the name then."""
    if obstacle == "nothing":
        return []
    return [host.create(name, BUF_SIZE, denied=True) if obstacle == "closed-to-all"
            else host.occupy(name, obstacle)]


def gets_no_object(host: Host, start: Starter, see: See, known: Mine, obstacle: str,
                   again: bool = False) -> None:
    """Check a program that cannot get its object because of the obstacle. If it creates another
    object instead, repeat this with an event of that name."""
    claim, code = ("W2" if known.role == WRITER else "R2"), \
        {"nothing": 2, "closed-to-all": 5}.get(obstacle, 6)
    taken = put(host, known["object"], obstacle)
    before = sections(host)
    running = start()
    fact = "H4.early" if obstacle == "nothing" else \
        "H5.denied" if obstacle == "closed-to-all" else "H5.kind"
    new = set()

    def makes_its_own() -> bool:
        new.update(set(sections(host)) - set(before) - set(known["others"]))
        return bool(new)

    running.until(lambda: makes_its_own() or running.boxes(), 0.0 if running.calls else STEP)
    if obstacle == "nothing" and not makes_its_own() and not running.calls \
            and may_have_made_one(host, start, known, running):
        see.unable("nothing shows whether it makes an object of its own")
        see.stop()
    if not see(_ALONE[claim], f"objects that it makes when it meets {obstacle}", [], sorted(new)):
        pass
    elif judge_failure(running, claim, str(code), f"when it meets {obstacle}"):
        see(fact, f"whether it fails when it meets {obstacle}", True, True)
        known.give("gives-up")
        return
    elif not running.calls and claim == "R2" and not running.boxes():
        tries_again(host, start, see, running, taken)
        return
    if makes_its_own() and not again:
        running.program.terminate()
        running.end()
        for name in new:
            host.occupy(name, "event")
        gets_no_object(host, start, see, known, "event", again=True)


def may_have_made_one(host: Host, start: Starter, known: Mine, running: Running) -> bool:
    """Return whether a reader silently ended with 0 or shows an empty text, as if it had got an
    object, though there was none, and fails if another kind of object has the name."""
    ended, outcome = running.program.status()
    shown = [box.text for box in running.boxes()]
    if outcome.out_total or outcome.err_total or (outcome.code if ended else shown != [""]):
        return False
    taken = put(host, known["object"], "event")
    again = start().end()
    for one in taken:
        one.close()
    return bool(again and again.code)


def tries_again(host: Host, start: Starter, see: See, running: Running,
                taken: List[NamedObject]) -> None:
    """Check whether it still runs because it waits for the object, with several attempts."""
    for one in taken:
        one.close()
    start.object(BUF_SIZE).write(start.message)
    running.until(running.boxes, ASKS)
    if running.boxes() or running.program.ended():
        see.result.seen.pop()
        see("R1.function", "attempts to get the object", 1, "more than one")


@no_object("W2", needs="object", gives="gives-up")
def test_the_writer_meets_an_event(host: Host, start: Starter, see: See, known: Mine) -> None:
    """If another kind of object has its name, it prints one line with 6 and exits with 1."""
    gets_no_object(host, start, see, known, "event")


@pytest.mark.parametrize("obstacle", ["closed-to-all", *SAME_AS_AN_EVENT])
@no_object("W2", needs="object gives-up")
def test_the_writer_meets(host: Host, start: Starter, see: See, known: Mine,
                          obstacle: str) -> None:
    """It fails with 6 for any other kind of object, and with 5 if the DACL denies everyone."""
    gets_no_object(host, start, see, known, obstacle)


@no_object("R2", needs="object", gives="gives-up")
def test_the_reader_meets_nothing(host: Host, start: Starter, see: See, known: Mine) -> None:
    """If no object has the name, it prints one line with 2 and exits with 1."""
    gets_no_object(host, start, see, known, "nothing")


@pytest.mark.parametrize("obstacle", ["closed-to-all", "event", *SAME_AS_AN_EVENT])
@no_object("R2", needs="object gives-up")
def test_the_reader_meets(host: Host, start: Starter, see: See, known: Mine,
                          obstacle: str) -> None:
    """It fails with 6 for any other kind of object, and with 5 if the DACL denies everyone."""
    gets_no_object(host, start, see, known, obstacle)


def fails(start: Starter, see: See, claim: str, function: str, code: int, shown: str) -> None:
    """Check a program whose first call of that function fails with that code."""
    if not start.traced:
        pytest.skip("its calls cannot be seen")
    if start.known["others"]:
        pytest.skip("it has more than one file mapping object")
    running = start(fail=function, error=code)

    def result() -> List[object]:
        calls = running.calls
        made = (calls.views if function == "MapViewOfFile" else calls.objects) if calls else []
        return [call.result for call in made[:1]
                if call.result is not None and bare(call.name) == function]

    running.until(result)
    calls = running.calls
    if result() != [0] or function == "MapViewOfFile" and not (
            calls and calls.objects and calls.objects[0].result):
        see.unable(f"it makes no call of {function} that could be made to fail")
        see.stop()
    if judge_failure(running, claim, shown, f"when {function} fails"):
        # Without its sign it is still the same code: the line is wrong, but not the number.
        see(f"{claim}.number", "whether it prints the code of the failure", True,
            any(number in printed(running.output) for number in (shown, str(code))))


@pytest.mark.calls
@CODES
@check("W2.number", "W2.line", "W2.exit", "W2.end", "W2.after", about=WRITER,
       needs="calls")
def test_creating_fails(start: Starter, see: See, code: int, shown: str) -> None:
    """It prints one line with the code as %d prints it, and exits with 1."""
    fails(start, see, "W2", "CreateFileMapping", code, shown)


@pytest.mark.calls
@CODES
@check("R2.number", "R2.line", "R2.exit", "R2.end", "R2.after", about=READER,
       needs="calls")
def test_opening_fails(start: Starter, see: See, code: int, shown: str) -> None:
    """It prints one line with the code as %d prints it, and exits with 1."""
    start.object(BUF_SIZE)
    fails(start, see, "R2", "OpenFileMapping", code, shown)


@pytest.mark.calls
@CODES
@check("W4.number", "W4.line", "W4.exit", "W4.end", "W4.closed", about=WRITER, needs="calls")
def test_mapping_fails_for_the_writer(start: Starter, see: See, known: Mine, code: int,
                                      shown: str) -> None:
    """It prints one line with the code as %d prints it, closes the handle, and exits with 1."""
    if known.has("existing"):
        start.object(ROOM)
    fails(start, see, "W4", "MapViewOfFile", code, shown)


@pytest.mark.calls
@CODES
@check("R4.number", "R4.line", "R4.exit", "R4.end", "R4.closed", about=READER, needs="calls")
def test_mapping_fails_for_the_reader(start: Starter, see: See, code: int, shown: str) -> None:
    """It prints one line with the code as %d prints it, closes the handle, and exits with 1."""
    start.object(BUF_SIZE)
    fails(start, see, "R4", "MapViewOfFile", code, shown)


@check("W4.line", "W4.exit", "W4.end", "W4.closed", "W3.exact", "H5.smaller", about=WRITER,
       needs="object")
def test_the_writer_meets_a_smaller_file(host: Host, start: Starter, see: See) -> None:
    """Mapping a view that is larger than the object fails with 5."""
    meets_a_smaller_file(host, start, see, "W4")


@check("R4.line", "R4.exit", "R4.end", "R4.closed", "R3.exact", "H5.smaller", about=READER,
       needs="object")
def test_the_reader_meets_a_smaller_file(host: Host, start: Starter, see: See) -> None:
    """Mapping a view that is larger than the object fails with 5."""
    meets_a_smaller_file(host, start, see, "R4")


def meets_a_read_only_object(start: Starter, see: See, claim: str) -> None:
    """Check that a program gets no view of a PAGE_READONLY object (its error is undocumented)."""
    start.host.create(str(start.known["object"]), BUF_SIZE, protect=PAGE_READONLY)
    running = start(trace=False)
    running.press(["x"])  # Lets a writer go on if it did get a view.
    running.until(lambda: running.boxes() if running.role == READER else running.program.ended(),
                  MORE)
    ended = running.end(0.0)
    see(f"{claim}.end", "whether it gets a view of a read-only object", False,
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
