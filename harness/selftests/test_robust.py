"""The robust pair of docs/robust: each pitfall is tried on it."""
from __future__ import annotations

import re
from typing import Set, Tuple

import pytest

from harness.driver.contract import MESSAGE
from harness.driver.host import Host
from harness.driver.objects import FILE_MAP_READ, OTHER_KINDS, PAGE_READONLY, PAGE_READWRITE
from harness.driver.programs import CONTROL_C, HELD, Launch, Program, TRACED
from harness.driver.waiting import DEADLINE
from harness.interleavings.outcomes import ROBUST_OUTCOMES, foretell, grouped, order_of, shortest
from harness.interleavings.orders import every_order, number_of, numbered
from harness.interleavings.robust import GONE, LATE, NAME, READY, ROBUST, SIZE, robust
from harness.interleavings.stage import play
from harness.lessons.scenes.robust import FORGED, RobustPair, SOMEBODY_ELSE, header

pytestmark = [pytest.mark.products, pytest.mark.calls, pytest.mark.unprivileged]
SEC_RESERVE = 0x4000000

START = robust()
STORIES = [foretell(START, order) for order in every_order(START)]
#: The shortest order of each outcome, and one in sixty of all.
SAMPLE = sorted({number_of(START, shortest(START, found)) for found in grouped(STORIES).values()}
                | set(range(1, len(STORIES) + 1, 60)))
#: The stops of the writer at which it is killed: before and after each of its calls, and its start.
WRITERS_STOPS = 1 + sum(len(step.stops) for step in ROBUST.steps["w"])


@pytest.fixture
def ours(host: Host) -> RobustPair:
    """The robust pair in the host of the run."""
    return RobustPair(host)


def refuses(program: Program, words: str) -> None:
    """The program says on standard error why not, without a message box, and exits with 1."""
    ended = program.wait()
    told = ended.err.decode("ascii", "replace")
    assert (ended.code, ended.out) == (1, b""), told
    assert re.search(words, told), told
    assert re.fullmatch(r"Could not [^\r\n]+ \(error \d+\)\r\n", told), told


def shows(reader: Program) -> None:
    """The reader shows the message, all of it and nothing else, and succeeds."""
    box = reader.box()
    assert (box.text, box.title) == (MESSAGE, "Process2")
    reader.answer(box)
    assert reader.wait().code == 0


def shows_or_refuses(reader: Program, words: str) -> bool:
    """One of the two; whether it was the message."""
    if reader.boxes(DEADLINE):
        shows(reader)
        return True
    refuses(reader, words)
    return False


@pytest.mark.parametrize("name", (NAME, READY))
@pytest.mark.parametrize("kind", OTHER_KINDS)
def test_another_kind_of_object_has_a_name(ours: RobustPair, kind: str, name: str) -> None:
    """Both programs say so; an event under the event's name is what is expected."""
    ours.host.occupy(name, kind)
    if (name, kind) == (READY, "event"):
        ours.serving_writer()
        shows(ours.reader())
    elif name == READY:
        refuses(ours.writer(), r"open the event: .*error 6")
        refuses(ours.reader(), r"open the event: .*error 6")
    else:
        refuses(ours.writer(), r"is another writer running\?\): .*error 6")
        refuses(ours.reader(100), "no writer in time")


@pytest.mark.parametrize("squat, writer, reader", [
    (lambda pair: pair.host.create(NAME, SIZE, denied=True), "error 5", "error 5"),
    (lambda pair: pair.forge(header(), owner=SOMEBODY_ELSE), "error 183", "somebody else's"),
    (lambda pair: pair.forge(header(), size=256), "error 183", "too small"),
    (lambda pair: pair.forge(header(), size=SIZE - 4096), "error 183", "too small"),
    (lambda pair: pair.forge(b"", protect=PAGE_READWRITE | SEC_RESERVE), "error 183", "too small"),
    (lambda pair: pair.forge(b"", protect=PAGE_READONLY), "error", "not complete"),
], ids=["denied", "somebody else's", "256 bytes", "a page less", "reserved", "read-only"])
def test_another_mapping_has_the_name(ours: RobustPair, squat: object, writer: str,
                                      reader: str) -> None:
    """The writer does not touch it, and the reader does not show it."""
    assert callable(squat)
    squat(ours)
    ours.host.occupy(READY, "event", is_set=True)
    refuses(ours.writer(), writer)
    refuses(ours.reader(), reader)


@pytest.mark.parametrize("what", FORGED)
def test_a_header_that_is_wrong(ours: RobustPair, what: str) -> None:
    """The reader believes none of it."""
    ours.forge(FORGED[what])
    refuses(ours.reader(), "use the message")


def test_lengths_up_to_the_end(ours: RobustPair) -> None:
    """The longest text is shown; a unit more is refused."""
    longest = SIZE - 16
    text = "x" * (longest // 2)
    mapping = ours.forge(header(length=longest)[:16] + text.encode("utf-16-le"))
    reader = ours.reader()
    box = reader.box()
    assert box.text == text
    reader.answer(box)
    assert reader.wait().code == 0
    mapping.write(header(length=longest + 2)[:16])
    refuses(ours.reader(), "its length is wrong")


def test_nobody_else_may_write(ours: RobustPair) -> None:
    """Not even another program of the same user: the DACL grants reading only."""
    ours.serving_writer()
    with pytest.raises(Exception, match="failed with 5"):
        ours.host.open(NAME)
    assert ours.host.open(NAME, FILE_MAP_READ).map(FILE_MAP_READ).read(4) == b"NSM1"


@pytest.mark.parametrize("stop", range(1, WRITERS_STOPS + 1))
def test_a_writer_that_dies(ours: RobustPair, stop: int) -> None:
    """At each of its calls. A reader that waits shows the complete message or says why not, within
    its limit; and another writer and reader work as if nothing had been."""
    early = ours.waiting_reader(1500)
    writer = ours.writer(0, HELD)
    assert writer.go(stop, DEADLINE).held
    writer.terminate()
    writer.wait()
    shows_or_refuses(early, "in time|writer ended")
    ours.serving_writer()
    shows(ours.reader())


@pytest.mark.parametrize("stop", range(1, WRITERS_STOPS + 1))
def test_a_reader_comes_while_the_writer_stands_still(ours: RobustPair, stop: int) -> None:
    """At each of its calls: never an empty message box, and never a wait beyond the limit."""
    writer = ours.writer(0, HELD)
    assert writer.go(stop, DEADLINE).held
    shows_or_refuses(ours.reader(100), "in time|writer ended")


@pytest.mark.parametrize("who, call", [
    ("writer", "CreateEvent"), ("writer", "CreateEventEx"), ("writer", "CreateFileMapping"),
    ("writer", "MapViewOfFile"), ("writer", "ResetEvent"), ("writer", "SetEvent"),
    ("reader", "CreateEventEx"), ("reader", "OpenFileMapping"), ("reader", "MapViewOfFile"),
    ("reader", "MessageBox")])
def test_a_call_that_fails(ours: RobustPair, who: str, call: str) -> None:
    """The program says so with the system's words, gives everything back, and exits with 1."""
    if who == "reader":
        ours.serving_writer()
    program = (ours.writer if who == "writer" else ours.reader)(
        200, Launch(trace=True, fail=call, error=1450))
    refuses(program, "error 1450")
    calls, opened = program.calls(), {0: "none"}
    for made in calls:
        if made.result and made.name.startswith(("Create", "Open")):
            opened[made.result] = made.function
        elif made.function == "CloseHandle":  # What was not opened by these is the token.
            opened.pop(int(made.arguments[0]), "")  # type: ignore[arg-type]
    # What only ends with the process: the event that Ctrl-C sets.
    assert set(opened.values()) - {"CreateEvent"} == {"none"}
    views = [made for made in calls if made.function == "MapViewOfFile" and made.result]
    assert len(views) == sum(made.function == "UnmapViewOfFile" for made in calls)


def test_many_readers(ours: RobustPair) -> None:
    """Some wait and some come later; each shows the message."""
    readers = [ours.waiting_reader() for _ in range(4)]
    ours.serving_writer()
    readers += [ours.reader() for _ in range(4)]
    for reader in readers:
        shows(reader)


def test_ctrl_c(ours: RobustPair) -> None:
    """It ends the writer in good order: the name is free, and the event is not set any more."""
    waiting = ours.host.occupy(READY, "event")  # so that the event outlives the writer
    writer = ours.serving_writer()
    writer.press(CONTROL_C)
    assert writer.wait().code == 0
    assert not ours.host.find(NAME, FILE_MAP_READ)
    refuses(ours.reader(100), "no writer in time")
    waiting.close()


@pytest.mark.parametrize("limit", ("soon", "12x", "-1", "4294967295", "99999999999", "1 2", '""'))
def test_a_limit_that_is_none(ours: RobustPair, limit: str) -> None:
    """Neither program takes it for a limit, nor waits for ever."""
    for program in (ours.writer(limit), ours.reader(limit)):
        ended = program.wait()
        assert (ended.code, ended.out) == (1, b"")
        assert ended.err.startswith(b"Give one time limit in milliseconds")


def test_a_limit_is_kept(ours: RobustPair) -> None:
    """A reader without a writer, and a writer without a reader, end by themselves."""
    reader = ours.reader(200, TRACED)
    refuses(reader, "no writer in time")
    assert [call.arguments[1] for call in reader.calls()
            if call.function == "WaitForSingleObject"] == [200]
    assert ours.writer(200).wait().code == 0


@pytest.mark.parametrize("number", SAMPLE)
def test_an_order_goes_as_predicted(host: Host, number: int) -> None:
    """Each step of the real programs does what the model says; all are run by
    `make interleavings PAIR=robust`."""
    play(host, START, numbered(START, number))


def test_no_order_shows_anything_else() -> None:
    """The outcomes are those of the table, as often, and each is the message or an error."""
    counts = {key: len(found) for key, found in grouped(STORIES).items()}
    assert counts == {outcome.key: outcome.orders for outcome in ROBUST_OUTCOMES}
    assert len({order_of(story) for story in STORIES}) == sum(counts.values()) == 1398
    ends: Set[Tuple[int, str]] = {
        taken.seen.end for story in STORIES for taken in story
        if taken.actor == "r" and taken.seen.end}
    boxes = {taken.seen.box for story in STORIES for taken in story if taken.step.shows}
    assert ends == {(0, ""), (1, LATE), (1, GONE.format(2))}
    assert boxes == {MESSAGE}
