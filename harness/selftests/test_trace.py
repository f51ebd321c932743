"""Tests that the tracer changes nothing, and records each call once. The output of traced/traced.c
must not depend on tracing."""
from __future__ import annotations

import struct
import time
from typing import Callable

import pytest

from harness.driver.errors import CallsLost
from harness.driver.host import Host
from harness.driver.paths import BUILD
from harness.driver.programs import HELD, TRACED, Launch, Program
from harness.driver.waiting import wait_for
from harness.driver.win32.calls import FUNCTIONS, Text
from harness.driver.win32.tracing import CALL, CALL_BYTES, RECORD, RECORD_BYTES, TEXTS_AT

THREADS, MANY, KILLS = 66, 300, 12

#: Starts a test of traced.exe, traced unless a Launch says otherwise.
Start = Callable[..., Program]
pytestmark = pytest.mark.unprivileged


@pytest.fixture
def start(host: Host, arch: str) -> Start:
    """Return what starts a test of traced.exe, for an architecture that runs here."""
    program = host.path(BUILD / f"{arch}-traced" / "traced.exe")
    return lambda test, launch=TRACED: host.start(test, f'"{program}" {test}', arch, launch)


def unchanged(start: Start, test: str) -> Program:
    """Assert that exit code and output equal those of an untraced run. Return the ended program."""
    alone, program = start(test, Launch()).wait(20), start(test)
    assert program.wait(20) == alone and alone.out
    return program


@pytest.mark.parametrize("test, counted", [
    ("threads", "SetEvent 1"),           # More than 64 are in a call from one return site.
    ("unwound", "OpenFileMappingA 50"),  # An exception has left this many calls.
    ("many", f"CreateMutexA {MANY + 1}"),  # One is made in a TLS callback.
    ("found", "CreateMutexA 3"), ("values", "CloseHandle 2"), ("jumps", "WaitForSingleObject 2"),
    ("closes", "CreateMutexA 2"), ("modules", "CreateMutexA 1"), ("overflow", "CreateMutexA 1")])
def test_a_traced_program_does_the_same(start: Start, test: str, counted: str) -> None:
    """Threads, exceptions, looked-up functions, calls that do not return, and programs that inspect
    themselves or fail work as without the tracer. Of each, a function has returned so often. All
    calls are in order: two for each mutex."""
    name, times = counted.split()
    calls = [call for call in unchanged(start, test).calls() if call.result is not None]
    assert sum(call.name == name for call in calls) == int(times), calls
    if test == "many":
        assert [call.name for call in calls[1:]] == ["CreateMutexA", "CloseHandle"] * MANY


def test_long_texts(start: Start) -> None:
    """The first 16 KiB of a string are kept, and no byte after its last is read."""
    names = [call.arguments[-1] for call in unchanged(start, "long").calls()
             if call.function == "OpenFileMapping" and call.result is not None]
    assert [name.text for name in names if isinstance(name, Text)] == \
        ["", "a" * 16384, "w" * 8192, "edge"]


def test_a_call_is_seen_whole(host: Host, arch: str, start: Start) -> None:
    """A name whose place is reserved but not yet written is read later."""
    program = start("many", HELD)
    program.go(2, 10)
    trace, win32 = program._traced(), host.win32(arch)
    count, number = len(program.calls()), [row.name for row in FUNCTIONS].index("OpenFileMappingA")

    def write(at: int, data: bytes) -> None:
        win32.write(trace._view + at, data)

    call = RECORD_BYTES + count * CALL_BYTES
    write(RECORD.place("bytes"), struct.pack("<i", 4))
    write(RECORD.place("calls"), struct.pack("<i", count + 1))
    assert len(program.calls()) == count
    write(TEXTS_AT, b"name")
    write(call, bytes(CALL(state=1, function=number, text=0, text_bytes=4)))
    assert program.calls()[-1].arguments == (0, 0, Text(0, "name"))


@pytest.mark.slow
@pytest.mark.parametrize("test, said", [("overwritten", "has overwritten the record"),
                                        ("fills", "is full after 65536")])
def test_lost_calls_are_an_answer(start: Start, test: str, said: str) -> None:
    """A program that overwrites or fills the record runs undisturbed, and CallsLost is raised."""
    program = unchanged(start, test)
    with pytest.raises(CallsLost, match=said):
        program.calls()


@pytest.mark.parametrize("test, calls, threads", [("threads", 2 + 2 * THREADS, 1 + THREADS),
                                                  ("closes", 254, 1)])
def test_a_held_program_goes_one_step_at_a_time(start: Start, test: str, calls: int,
                                                threads: int) -> None:
    """Each call makes two stops, with many threads, and if all handles are closed."""
    program = start(test, HELD)
    stops, place = 1, program.place()
    while place.held:
        assert place.stops >= stops
        stops += 1
        place = program.go(stops, 10)
    assert place.ended and program.wait().code == 0
    made = program.calls()
    assert all(call.result is not None for call in made)
    assert len(made) >= calls and place.stops == 1 + 2 * len(made)
    assert len({call.thread for call in made}) == threads


@pytest.mark.parametrize("function, nth, result", [
    ("CreateMutex", 2, 0), ("CloseHandle", 3, 0), ("CreateMutex", 3, -1)])
def test_the_nth_call_of_any_function_can_fail(start: Start, function: str, nth: int,
                                               result: int) -> None:
    """It returns the requested value, and no other call fails."""
    program = start("many", Launch(trace=True, fail=function, error=77, nth=nth, result=result))
    program.wait(20)
    made = [call for call in program.calls() if call.function == function]
    assert (made[nth - 1].result, made[nth - 1].error) == (result, 77)
    assert len([call for call in program.calls() if call.result in (0, -1)]) == 1


@pytest.mark.slow
@pytest.mark.parametrize("launch", [TRACED, HELD])
def test_a_traced_program_may_be_killed_at_any_moment(host: Host, start: Start,
                                                      launch: Launch) -> None:
    """A traced program can be killed within a call, and while it is held, without a wait."""
    for number in range(KILLS):
        program = start("many", launch)
        if launch.hold:
            program.go(2 + number % 7, 10)
        else:
            wait_for(lambda: len(program.calls()) > 2, "some calls", program.describe)
        begun = time.monotonic()
        host.sweep()
        assert time.monotonic() - begun < 1
