"""Every way to fail: what is printed where, the exit code, and what is closed on the way out.

The obstacles are real ones, put under the documented name by another process; where none can make
a call fail with a code, the tracer does.
"""
from __future__ import annotations

from typing import AbstractSet, Dict, Optional

import pytest
from _pytest.mark import ParameterSet

from harness.driver.contract import BUF_SIZE, CREATE_FAILED, MAP_FAILED, OPEN_FAILED, encode
from harness.driver.errors import Expired
from harness.driver.host import Host
from harness.driver.meeting import Scene
from harness.driver.pair import Half
from harness.driver.programs import Launch, Program
from harness.driver.waiting import ANSWERED, DEADLINE, wait_for
from harness.driver.win32.constants import PAGE_READONLY
from harness.driver.win32.objects import OTHER_KINDS, Mapping, NamedObject
from harness.judge.expectations import (expect_failure, half_of_program, missing_part,
                                        needs_object, trace_of)
from harness.judge.findings import READER, WRITER, board, expect, not_judged
from harness.judge.look import sections

#: The code and how %d prints it: short of paging file, and one with the highest bit set, which %d
#: prints as a negative number.
CODES = [(1455, "1455"), (0x80000001, "-2147483647")]
#: Each half's claims about getting the object and the view, by the letter of its claims.
CLAIMS = {"W": ("W1", "W3"), "R": ("R1", "R3")}
LINES: Dict[str, str] = {"W2": CREATE_FAILED, "R2": OPEN_FAILED, "W4": MAP_FAILED, "R4": MAP_FAILED}


def put(host: Host, name: str, obstacle: str, text: bytes) -> Optional[NamedObject]:
    """Take the name in one of the ways that make the programs fail; what has it then, if anything.
    A file holds the text."""
    if obstacle in OTHER_KINDS:
        return host.occupy(name, obstacle)
    if obstacle == "closed to all":
        return host.create(name, BUF_SIZE, denied=True)
    if obstacle == "read-only":
        return host.create(name, BUF_SIZE, protect=PAGE_READONLY)
    if obstacle != "smaller file":
        return None
    # One byte less than a view takes. An object in the paging file has a whole page at least.
    smaller = host.create(name, BUF_SIZE - 1, file=host.folder / "smaller")
    smaller.map().write(text)
    return smaller


def half_with_object(scene: Scene, program: str) -> Half:
    """The half of the pair; ends the test where it is known that it gets no object at all."""
    needs_object(scene, WRITER if program == "writer" else READER)
    return scene.pair.writer if program == "writer" else scene.pair.reader


def needs_view(half: Half, claim: str) -> None:
    """End a test about a missing view where the program does not ask for one as documented."""
    if claim in ("W4", "R4") and CLAIMS[claim[0]][1] in half.facts.no_wait:
        not_judged(half.facts.no_wait)


def start(scene: Scene, program: str, launch: Launch) -> Program:
    """Start that half of the pair."""
    return scene.writer(launch) if program == "writer" else scene.reader(launch)


def row(program: str, obstacle: str, claim: str, code: int, *claims: str) -> ParameterSet:
    """One row of the table of failures, named for what stands in the way."""
    return pytest.param(program, obstacle, claim, code, id=f"{program} meets {obstacle}",
                        marks=[pytest.mark.claims(claim, *claims), pytest.mark.about(program)])


@pytest.mark.parametrize("program, obstacle, claim, code", [
    *(row("writer", kind, "W2", 6, "O6", "H5") for kind in OTHER_KINDS),
    row("writer", "closed to all", "W2", 5, "H5"),
    row("writer", "smaller file", "W4", 5, "H5"),
    *(row("reader", kind, "R2", 6, "O6", "H5") for kind in OTHER_KINDS),
    row("reader", "nothing", "R2", 2, "H4"),
    row("reader", "closed to all", "R2", 5, "H5"),
    row("reader", "smaller file", "R4", 5, "H5"),
])
def test_a_failure_is_one_line_and_exit_code_1(scene: Scene, program: str, obstacle: str,
                                               claim: str, code: int) -> None:
    """Exact text and number, on standard output and nowhere else; then no other call but, without a
    view, the CloseHandle of the object."""
    half = half_with_object(scene, program)
    needs_view(half, claim)
    in_the_way = put(scene.host, half.facts.name, obstacle, encode("In the file.", half.charset))
    before = sections(scene.host)
    failing = start(scene, program, scene.launch)
    if gives_up(scene, failing, claim):
        if obstacle == "smaller file" and missing_part(failing.status()[1]) == "object":
            expect("W8" if program == "writer" else "R1",
                   "whether it takes an object that exists", True, False)
            return
        expect_failure(failing, claim, LINES[claim].format(code), f"when it meets {obstacle}")
        expect_no_more(scene, failing, claim)
    else:
        explain(scene, failing, claim, obstacle, sections(scene.host) - before, in_the_way)
        failing.terminate()


def gives_up(scene: Scene, failing: Program, claim: str) -> bool:
    """Whether the program ends without a message box, as it must. Where its box or its calls show
    that it goes on, its end is not waited for any longer."""
    def decided() -> bool:
        return failing.ended() or claim[0] == "R" and bool(failing.boxes()) \
            or failing.traced and trace_of(scene, failing).goes_on(claim in ("W4", "R4"))
    known = any(board.hangs(half_of_program(failing), one)
                for one in (claim, CLAIMS[claim[0]][0]))
    try:
        wait_for(decided, "its end", str, ANSWERED if known else DEADLINE)
        failing.wait(ANSWERED)
    except Expired:
        return False
    return True


def expect_no_more(scene: Scene, failing: Program, claim: str) -> None:
    """Compare the calls of a program that got no object or no view, where the run is about them."""
    if failing.traced:
        trace = trace_of(scene, failing)
        trace.expect_no_view() if claim in ("W4", "R4") else trace.expect_no_object()


def explain(scene: Scene, failing: Program, claim: str, obstacle: str,
            new: AbstractSet[str] = frozenset(),
            in_the_way: Optional[NamedObject] = None) -> None:
    """Say why a program goes on that should have given up: it has made several attempts, or an
    object that it made itself, or a view that is too small, or it does not look at the result.
    `new` are objects that have come into being, `in_the_way` is what has the name."""
    gets_object, gets_view = CLAIMS[claim[0]]
    boxes = failing.boxes(0.0)
    if new:
        expect(gets_object, f"objects that it makes when it meets {obstacle}", [], sorted(new))
        return
    if failing.traced:
        expect_no_more(scene, failing, claim)
        if board.record.findings:
            return
    elif obstacle == "smaller file" and not failing.ended() and (
            boxes and boxes[0].text or has_written(scene, claim, in_the_way)):
        expect(gets_view, "whether a view of 255 bytes is enough for it", False, True)
        return
    elif claim == "R2" and not boxes:
        if in_the_way:
            in_the_way.close()
        scene.host.create(scene.pair.reader.facts.name, BUF_SIZE)
        if failing.boxes(1.0):
            expect(gets_object, "attempts to get the object", 1, "more than one", hangs=True)
            return
    seen = ["it still runs"] + [f'a message box says "{box.text}"' for box in boxes]
    expect(claim, f"its end when it meets {obstacle}", "it ends", " and ".join(seen), hangs=True)


def has_written(scene: Scene, claim: str, in_the_way: Optional[NamedObject]) -> bool:
    """Whether it is the writer, and its message is in what is in the way: it has a view of it."""
    text = encode(scene.pair.words.message, scene.pair.writer.charset)
    return (claim == "W4" and isinstance(in_the_way, Mapping)
            and in_the_way.read(len(text)) == text)


@pytest.mark.calls
@pytest.mark.parametrize("code, printed", CODES)
@pytest.mark.parametrize("program, call, claim", [
    pytest.param(program, call, claim,
                 marks=[pytest.mark.claims(claim), pytest.mark.about(program)])
    for program, call, claim in (("writer", "CreateFileMapping", "W2"),
                                 ("writer", "MapViewOfFile", "W4"),
                                 ("reader", "OpenFileMapping", "R2"),
                                 ("reader", "MapViewOfFile", "R4"))])
def test_a_failure_is_told_with_its_code(scene: Scene, program: str, call: str, claim: str,
                                         code: int, printed: str) -> None:
    """One line with the code as %d prints it, exit code 1, and the handle closed that was open."""
    half = half_with_object(scene, program)
    needs_view(half, claim)
    if program == "reader":
        scene.host.create(half.facts.name, BUF_SIZE)
    failing = start(scene, program, Launch(trace=True, fail=call, error=code))
    if gives_up(scene, failing, claim):
        expect_failure(failing, claim, LINES[claim].format(printed), f"when {call} fails")
        expect_no_more(scene, failing, claim)
    else:
        explain(scene, failing, claim, f"a {call} that fails")
        failing.terminate()


@pytest.mark.gap("read-only-object")
@pytest.mark.parametrize("program, claim", [
    pytest.param("writer", "W4", marks=[pytest.mark.claims("W4"), pytest.mark.about("writer")]),
    pytest.param("reader", "R4", marks=[pytest.mark.claims("R4"), pytest.mark.about("reader")]),
])
def test_an_object_made_read_only_gives_no_view(scene: Scene, program: str, claim: str) -> None:
    """FILE_MAP_ALL_ACCESS asks for more than PAGE_READONLY allows. Which error that is, is not
    documented."""
    half = half_with_object(scene, program)
    put(scene.host, half.facts.name, "read-only", b"")
    failing = start(scene, program, Launch())
    if program == "writer":
        failing.press()  # Lets it go on where it did get a view.
        ended = failing.wait(ANSWERED if half.facts.no_end else DEADLINE)
    else:
        assert not failing.boxes(10.0), "it shows a message box"
        ended = failing.wait()
    assert (ended.code, missing_part(ended)) == (1, "view")


@pytest.mark.products
@pytest.mark.calls
@pytest.mark.parametrize("program, call, claim", [
    pytest.param("writer", "UnmapViewOfFile", "W7", marks=pytest.mark.claims("W7")),
    pytest.param("writer", "CloseHandle", "W7", marks=pytest.mark.claims("W7")),
    pytest.param("reader", "MessageBox", "R5", marks=pytest.mark.claims("R5")),
    pytest.param("reader", "UnmapViewOfFile", "R6", marks=pytest.mark.claims("R6")),
    pytest.param("reader", "CloseHandle", "R6", marks=pytest.mark.claims("R6")),
])
def test_other_failures_are_not_looked_at(scene: Scene, program: str, call: str,
                                          claim: str) -> None:
    """No other result is looked at: the program goes on to exit 0 and prints nothing. The page
    shows that and asks it of nobody, so another pair may look."""
    if program == "reader":
        scene.host.create(scene.pair.words.name, BUF_SIZE)
    failing = start(scene, program, Launch(trace=True, fail=call, error=1455))
    if program == "writer":
        failing.press()
    elif call != "MessageBox":
        failing.answer(failing.box())
    end = failing.wait()
    expect(claim, f"how it ends when {call} has failed", (0, b"", b""),
           (end.code, end.out, end.err))
    failed = [made.name.rstrip("AW") for made in failing.calls() if not made.result]
    expect(claim, "the calls that failed", [call], [name for name in failed if name != "_getch"])
