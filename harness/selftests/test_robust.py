"""Tries each pitfall on the robust pair of docs/robust."""
from __future__ import annotations

import re
from itertools import accumulate
from typing import Callable

import pytest

from harness.driver.contract import MESSAGE
from harness.driver.errors import Win32Error
from harness.driver.host import Host
from harness.driver.pair import product_pair
from harness.driver.paths import BUILD
from harness.driver.programs import HELD, Launch, Program, TRACED
from harness.driver.waiting import DEADLINE, wait_for
from harness.driver.win32.console import CONTROL_C
from harness.driver.win32.constants import (FILE_MAP_READ, PAGE_READONLY, PAGE_READWRITE,
                                            SEC_RESERVE)
from harness.driver.win32.objects import OTHER_KINDS
from harness.driver.win32.tokens import wine_version
from harness.interleavings.robust import NAME, READY, SIZE, WRITER
from harness.judge.collecting import enter
from harness.lessons.robust import (FORGED, RobustPair, SOMEBODY_ELSE, header, replace_dacl,
                                    steal_handle)

pytestmark = [pytest.mark.calls, pytest.mark.unprivileged]

#: The number of the writer's stop at which each step ends. The first stop is its start; then there
#: is one before and one after each call.
STOPS = dict(zip((step.name for step in WRITER),
                 accumulate([1 + len(WRITER[0].stops), *(len(step.stops) for step in WRITER[1:])])))


def dies_at(stop: int, writer: Program) -> None:
    """Let a held writer continue to that stop, and kill it there."""
    assert writer.go(stop, DEADLINE).stops == stop
    writer.terminate()
    writer.wait()


@pytest.fixture
def ours(host: Host) -> RobustPair:
    """Return the robust pair in the host of the run."""
    return RobustPair(host)


def refuses(program: Program, words: str) -> None:
    """Check that the program reports an error on standard error, and exits with 1."""
    ended = program.wait()
    told = ended.err.decode("ascii", "replace")
    assert (ended.code, ended.out) == (1, b""), told
    assert re.search(words, told), told
    assert re.fullmatch(r"Could not [^\r\n]+ \(error \d+\)\r\n", told), told


def shows(reader: Program, text: str = MESSAGE) -> None:
    """Check that the reader shows exactly the message, and succeeds."""
    box = reader.box()
    assert (box.text, box.title) == (text, "Process2")
    reader.answer(box)
    assert reader.wait().code == 0


@pytest.mark.parametrize("name", (NAME, READY))
@pytest.mark.parametrize("kind", OTHER_KINDS)
def test_another_kind_of_object_has_a_name(ours: RobustPair, kind: str, name: str) -> None:
    """Both programs report it, unless it is an event that has the event's name."""
    ours.host.occupy(name, kind)
    if (name, kind) == (READY, "event"):
        ours.serving_writer()
        shows(ours.reader())
        return
    writer, reader = [r"open the event: .*error 6"] * 2 if name == READY else [
        r"is another writer running\?\): .*error 6", "no writer in time"]
    refuses(ours.writer(), writer)
    refuses(ours.reader(1), reader)


@pytest.mark.parametrize("squat, writer, reader", [
    (lambda pair: (pair.host.occupy(READY, "event", is_set=True),
                   pair.host.create(NAME, SIZE, denied=True)), "error 5", "error 5"),
    (lambda pair: pair.forge(header(), owner=SOMEBODY_ELSE), "error 183", "not trusted"),
    (lambda pair: pair.forge(header(), size=256), "error 183", "its size"),
    (lambda pair: pair.forge(header(), size=SIZE - 4096), "error 183", "its size"),
    (lambda pair: pair.forge(header(version=2), size=256), "error 183", "another version"),
    (lambda pair: pair.forge(b"", protect=PAGE_READWRITE | SEC_RESERVE), "error 183", "ordinary"),
    (lambda pair: pair.forge(b"", protect=PAGE_READONLY), "error", "not complete"),
    (lambda pair: pair.forge(header(), file=pair.host.folder / ("x" * 250)), "error 183",
     "ordinary"),
    (lambda pair: pair.forge(header(), low=True), "error 183", "not trusted"),
], ids=["denied", "somebody-elses", "256-bytes", "a-page-less", "small-version-2", "reserved",
        "read-only", "over-a-long-file", "of-low-integrity"])
def test_another_mapping_has_the_name(ours: RobustPair, squat: Callable[[RobustPair], object],
                                      writer: str, reader: str) -> None:
    """The writer does not touch another program's object, and the reader does not show it."""
    squat(ours)
    refuses(ours.writer(), writer)
    refuses(ours.reader(0), reader)


def test_what_the_reader_believes(ours: RobustPair) -> None:
    """The reader rejects wrong headers and texts, and shows the empty and the longest text. While
    the event is set and the message is wrong, it tries again."""
    mapping = ours.forge(header())
    for data in FORGED.values():
        mapping.write(data)
        refuses(ours.reader(0), "use the message")
    mapping.write(header(length=0))
    shows(ours.reader(), "")
    longest = SIZE - 16
    text = "x" * (longest // 2)
    mapping.write(header(length=longest)[:16] + text.encode("utf-16-le"))
    shows(ours.reader(), text)
    mapping.write(header(length=longest + 2)[:16])
    refuses(ours.reader(0), "its length is wrong")
    reader = ours.reader(20000, TRACED)
    reader.await_call("OpenFileMapping", 3)
    mapping.write(header())
    shows(reader)


@pytest.mark.slow
def test_a_message_that_keeps_changing(ours: RobustPair) -> None:
    """The reader refuses a changing message or shows a checked text. It never crashes."""
    ours.forge(header())
    attacker = ours.host.start(
        "attacker", f'"{ours.host.path(BUILD / "attacks" / "attacker.exe")}"')
    wait_for(lambda: attacker.status()[1].out, "the attacker", attacker.describe)
    for _ in range(20):
        reader = ours.reader(0)
        for box in reader.boxes(DEADLINE):
            assert len(box.text or "") <= (SIZE - 16) // 2
            reader.answer(box)
        assert reader.wait().code in (0, 1)


@pytest.mark.parametrize("attack", ["dacl", "handle"])
def test_what_the_page_does_not_promise(ours: RobustPair, attack: str) -> None:
    """A program of the same user and integrity can duplicate the writer's handle and change the
    message. With a new DACL it can under Wine 8 and 10 alone, which ignore the OWNER RIGHTS entry:
    Windows refuses WRITE_DAC."""
    writer, shown = ours.serving_writer(), "Message from an attacker."
    if attack == "handle":
        steal_handle(ours.host, writer.pid)
    elif wine_version(ours.host.win32()):
        replace_dacl(ours.host)
    else:
        with pytest.raises(Win32Error, match="failed with 5"):
            replace_dacl(ours.host)
        shown = MESSAGE
    shows(ours.reader(), shown)


@pytest.mark.parametrize("writer, reader", [("x86_64", "i686"), ("i686", "x86_64"),
                                            ("i686", "i686")])
def test_other_architectures(request: pytest.FixtureRequest, host: Host, writer: str,
                             reader: str) -> None:
    """32-bit and 64-bit programs share the same struct."""
    enter(request.node, host, product_pair("i686", "unicode"))
    RobustPair(host, writer).serving_writer()
    shows(RobustPair(host, reader).reader())


def test_a_writer_dies_before_its_message_is_announced(ours: RobustPair) -> None:
    """A writer that dies between any two calls frees the name. A reader that waits all the while
    shows the message of a later writer."""
    patient = ours.waiting_reader()
    for stop in range(STOPS["publish"], 0, -2):
        dies_at(stop, ours.writer(0, HELD))
        assert not patient.boxes() and not patient.ended(), f"after a death at stop {stop}"
        assert not ours.host.exists(NAME, FILE_MAP_READ)
    ours.serving_writer()
    shows(patient)


def test_a_writer_dies_after_its_message_was_announced(ours: RobustPair) -> None:
    """If a writer dies between any two calls, the event may stay set. A waiting reader shows the
    message, or keeps trying and shows that of the next writer."""
    ours.host.occupy(READY, "event")  # so that the event outlives the writers
    readers = []
    for stop in range(STOPS["set"], STOPS["exit"] + 1, 2):
        writer = ours.writer(0, HELD)
        assert writer.go(STOPS["reset"], DEADLINE).stops == STOPS["reset"]
        readers.append(ours.waiting_reader(60000))
        dies_at(stop, writer)
        wait_for(lambda: not ours.host.exists(NAME, FILE_MAP_READ), "the end of the object",
                 ours.host.describe)
        if stop == STOPS["set"]:  # This one was killed while the event was set.
            refuses(ours.reader(0), "writer ended")
    ours.serving_writer()
    for reader in readers:
        shows(reader)


@pytest.mark.parametrize("who, call", [row.split() for row in (
    "writer CreateEvent", "writer CreateEventEx", "writer CreateFileMapping",
    "writer MapViewOfFile", "writer ResetEvent", "writer SetEvent", "reader CreateEventEx",
    "reader OpenFileMapping", "reader MapViewOfFile", "reader MessageBox")])
def test_a_call_that_fails(ours: RobustPair, who: str, call: str) -> None:
    """The program prints the system's message, releases everything, and exits with 1."""
    if who == "reader":
        ours.forge(header())
    program = (ours.writer if who == "writer" else ours.reader)(
        200 if who == "writer" else 0, Launch(trace=True, fail=call, error=1450))
    refuses(program, "error 1450")
    opened = {0: "none"}
    for made in program.calls():
        if made.result and made.name.startswith(("Create", "Open", "Map")):
            opened[made.result] = made.function
        elif made.function in ("CloseHandle", "UnmapViewOfFile"):
            opened.pop(int(made.arguments[0]))  # type: ignore[arg-type]
    # The event that Ctrl-C sets stays open until the process ends.
    assert set(opened.values()) - {"CreateEvent"} == {"none"}


def test_many_readers(ours: RobustPair) -> None:
    """Waiting and later readers show the message. The DACL grants everybody only reading."""
    readers = [ours.waiting_reader() for _ in range(3)]
    ours.serving_writer()
    with pytest.raises(Win32Error, match="failed with 5"):
        ours.host.open(NAME)
    assert ours.host.open(NAME, FILE_MAP_READ).map(FILE_MAP_READ).read(4) == b"NSM1"
    for reader in readers + [ours.reader() for _ in range(2)]:
        shows(reader)


@pytest.mark.parametrize("limit", ("12x", "-1", "+5", "4294967295", "99999999999", "1 2", '""'))
def test_a_limit_that_is_none(ours: RobustPair, limit: str) -> None:
    """Both programs reject an invalid limit before they open anything."""
    ours.host.occupy(READY, "mutex")  # Opening the event would fail, with another message.
    for program in (ours.writer(limit), ours.reader(limit)):
        ended = program.wait()
        assert (ended.code, ended.out) == (1, b"")
        assert ended.err.startswith(b"Give one time limit in milliseconds")


def test_a_limit_is_kept_and_ctrl_c_ends_a_writer(ours: RobustPair) -> None:
    """A reader without a writer and a writer without a reader end after their limits. After Ctrl-C,
    the writer frees the name and resets the event."""
    ours.host.occupy(READY, "event")  # so that the event outlives the writer
    assert ours.writer(10).wait().code == 0
    writer = ours.serving_writer()
    writer.press(CONTROL_C)
    assert writer.wait().code == 0
    assert not ours.host.exists(NAME, FILE_MAP_READ)
    reader = ours.reader(200, TRACED)
    refuses(reader, "no writer in time")
    assert [call.arguments[1] for call in reader.calls()
            if call.function == "WaitForSingleObject"] == [200]
