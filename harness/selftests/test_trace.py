"""Tests that the tracer changes nothing, and records each call once.

The programs of traced/notices.c and corners.c would notice a tracer that changes something. Their
output must not depend on tracing."""
from __future__ import annotations

import shutil
import struct
import subprocess
import time
from dataclasses import replace
from pathlib import Path
from typing import List, Tuple

import pefile
import pytest

from harness.driver.errors import CallsLost
from harness.driver.host import Host
from harness.driver.pair import Half, Pair
from harness.driver.paths import BUILD
from harness.driver.programs import HELD, TRACED, Exit, Launch
from harness.driver.waiting import wait_for
from harness.driver.win32.calls import FUNCTIONS, Call, Text
from harness.driver.win32.tracing import CALL, RECORD, TEXTS_AT
from harness.judge import skip32

THREADS, MANY, KILLS = 66, 300, 12

pytestmark = [pytest.mark.products, pytest.mark.unprivileged]


@pytest.fixture(params=["x86_64", "i686"])
def half(request: pytest.FixtureRequest, host: Host) -> Half:
    """Return notices.exe for an architecture that runs here."""
    half = Half(str(BUILD / f"{request.param}-traced" / "notices.exe"), request.param, "ansi")
    skip32.enter(request.node, host, Pair(half, half))
    return half


@pytest.fixture
def corners(half: Half) -> Half:
    """Return corners.exe for that architecture."""
    return replace(half, command=str(half.file.with_name("corners.exe")))


def run(host: Host, half: Half, test: str, launch: Launch = TRACED) -> Tuple[Exit, List[Call]]:
    """Return how the program ended, and its calls if it was traced."""
    program = host.start(test, f"{half.line(host)} {test}", half.arch, launch)
    ended = program.wait(20)
    return ended, program.calls() if launch.trace else []


def assert_same(host: Host, half: Half, test: str, counted: str) -> List[Call]:
    """Assert that exit code and output equal those of an untraced run, and that the named function
    has returned the given number of times. Return the calls."""
    alone, _ = run(host, half, test, Launch())
    assert alone.out
    traced, calls = run(host, half, test)
    assert traced == alone
    name, times = counted.split()
    returned = [call for call in calls if call.name == name and call.result is not None]
    assert len(returned) == int(times), calls
    return calls


@pytest.mark.parametrize("test, counted", [
    ("in-flight", "SetEvent 1"),         # More than 64 threads are in a call from one return site.
    ("recursion", "OpenFileMappingA 2"),
    ("unwound", "OpenFileMappingA 50"),  # An exception has left this many calls.
    ("many", f"CreateMutexA {MANY}"),
    ("child", "WaitForSingleObject 1"),
])
def test_a_traced_program_does_the_same(host: Host, half: Half, test: str, counted: str) -> None:
    """Threads, exceptions, children, and calls that do not return work as without the tracer."""
    assert_same(host, half, test, counted)


@pytest.mark.parametrize("test, counted", [
    ("by-name", "ReleaseMutex 1"), ("by-ordinal", "CreateMutexA 2"),
    ("before-main", "CreateMutexA 1"),   # In a TLS callback; so is one of the calls of each.
    ("errors", "CloseHandle 2"),
    ("values", "CreateMutexA 6"),        # Handles have the same values.
    ("jumps", "CloseHandle 1"), ("jumps", "WaitForSingleObject 2"),
    ("closes", "CreateMutexA 2"), ("modules", "CreateMutexA 1"), ("overflow", "CreateMutexA 1"),
])
def test_odd_calls_are_noted(host: Host, corners: Half, test: str, counted: str) -> None:
    """Calls by looked-up addresses, before the start, and of programs that inspect themselves or
    fail are recorded."""
    assert_same(host, corners, test, counted)


def test_long_texts(host: Host, corners: Half) -> None:
    """The first 16 KiB of a string are kept, and no byte after its last is read."""
    names = [call.arguments[-1] for call in assert_same(host, corners, "long", "OpenFileMappingA 3")
             if call.function == "OpenFileMapping"]
    assert [name.text for name in names if isinstance(name, Text)] == \
        ["", "a" * 16384, "w" * 8192, "edge"]


def test_a_call_is_seen_whole(host: Host, half: Half) -> None:
    """A name whose place is reserved but not yet written is read later."""
    program = host.start("many", f"{half.line(host)} many", half.arch, HELD)
    program.go(2, 10)
    trace, win32 = program._traced(), host.win32(half.arch)
    count, number = len(program.calls()), [row.name for row in FUNCTIONS].index("OpenFileMappingA")

    def write(at: int, data: bytes) -> None:
        win32.write(trace._view + at, data)

    call = RECORD.size + count * CALL.size
    write(RECORD.offset("bytes"), struct.pack("<i", 4))
    write(RECORD.offset("count"), struct.pack("<i", count + 1))
    assert len(program.calls()) == count
    write(TEXTS_AT, b"name")
    write(call, bytes(CALL.pack(state=1, function=number, text=0, text_bytes=4)))
    assert program.calls()[-1].arguments == (0, 0, Text(0, "name"))


@pytest.mark.slow
@pytest.mark.parametrize("test, said", [("ones", "has overwritten the record"),
                                        ("zeros", "has overwritten the record"),
                                        ("fills", "is full after 65536")])
def test_lost_calls_are_an_answer(host: Host, corners: Half, test: str, said: str) -> None:
    """A program that overwrites or fills the record runs undisturbed, and CallsLost is raised."""
    alone, _ = run(host, corners, test, Launch())
    program = host.start(test, f"{corners.line(host)} {test}", corners.arch, TRACED)
    assert program.wait(20) == alone and alone.out
    with pytest.raises(CallsLost, match=said):
        program.calls()


@pytest.mark.parametrize("test, calls", [("in-flight", 2 + 2 * THREADS), ("closes", 254)])
def test_a_held_program_goes_one_step_at_a_time(host: Host, half: Half, corners: Half, test: str,
                                                calls: int) -> None:
    """Each call makes two stops, and all end, with any number of threads, and if the program closes
    all possible handles, including the harness's."""
    chosen = half if test == "in-flight" else corners
    program = host.start(test, f"{chosen.line(host)} {test}", chosen.arch, HELD)
    stops, place = 1, program.place()
    while place.held:
        assert place.stops >= stops
        stops += 1
        place = program.go(stops, 10)
    assert place.ended and program.wait().code == 0
    made = program.calls()
    assert all(call.result is not None for call in made)
    assert len(made) >= calls and place.stops == 1 + 2 * len(made)


THROWS = """
#include <windows.h>
#include <cstdio>
struct Taken { DWORD error; };
struct Closed { ~Closed() { std::puts("closed"); } };
static HANDLE create(int depth) {
    Closed closed;
    if (depth)
        return create(depth - 1);
    SetLastError(0);
    HANDLE mapping = CreateFileMappingA(INVALID_HANDLE_VALUE, 0, PAGE_READWRITE, 0, 256, "throws");
    if (GetLastError())
        throw Taken{GetLastError()};
    return mapping;
}
int main() {
    create(0);
    try { create(3); } catch (const Taken &taken) { std::printf("taken %lu\\n", taken.error); }
    return 3;
}
"""


@pytest.mark.slow
def test_exceptions_pass_by(host: Host, half: Half, tmp_path: Path) -> None:
    """A C++ program can throw an exception after a failed call, across several frames."""
    compiler = shutil.which(f"{half.arch}-w64-mingw32-g++")
    if not compiler:
        pytest.skip("no C++ compiler for this architecture is installed")
    (tmp_path / "throws.cpp").write_text(THROWS)
    subprocess.run([compiler, "-O2", "-static", "-o", "throws.exe", "throws.cpp"], cwd=tmp_path,
                   check=True)
    thrower = replace(half, command=str(tmp_path / "throws.exe"))
    assert_same(host, thrower, "", "CreateFileMappingA 2")


DELAYED = """
#include <windows.h>
#include <stdio.h>
int main(void) {
    for (int i = 0; i < 2; i++)
        printf("%d\\n", OpenFileMappingA(FILE_MAP_READ, FALSE, "Local\\\\delayed") != NULL);
    return 0;
}
"""


@pytest.mark.slow
def test_delay_loaded_functions(host: Host, tmp_path: Path) -> None:
    """The first call of a delay-loaded function, which looks up its address, is recorded. (binutils
    makes no working table for 32-bit programs.)"""
    if not shutil.which("x86_64-w64-mingw32-dlltool"):
        pytest.skip("no compiler is installed")
    (tmp_path / "delayed.c").write_text(DELAYED)
    (tmp_path / "kernel32.def").write_text("LIBRARY kernel32.dll\nEXPORTS\nOpenFileMappingA\n")
    for command in ("dlltool -k -d kernel32.def --output-delaylib libdelayed.a",
                    "gcc -o delayed.exe delayed.c -L. -ldelayed"):
        subprocess.run(["x86_64-w64-mingw32-" + command.split()[0], *command.split()[1:]],
                       cwd=tmp_path, check=True)
    # The addresses are in .idata, which linkers from 2.44 on make read-only.
    with pefile.PE(str(tmp_path / "delayed.exe")) as image:
        section = next(each for each in image.sections if each.Name.startswith(b".idata"))
        section.Characteristics |= pefile.SECTION_CHARACTERISTICS["IMAGE_SCN_MEM_WRITE"]
        written = image.write()
    program = Half(str(tmp_path / "writable.exe"), "x86_64", "ansi")
    Path(program.command).write_bytes(written)
    assert_same(host, program, "", "OpenFileMappingA 2")


def test_every_call_is_in_the_list(host: Host, half: Half) -> None:
    """All calls are recorded in order, with their threads: each mutex is created and closed; each
    thread waits once, and the first one again for the others, at another return site."""
    _, calls = run(host, half, "many")
    assert [call.name for call in calls] == ["CreateMutexA", "CloseHandle"] * MANY
    assert all(call.result for call in calls)
    _, calls = run(host, half, "in-flight")
    waits = [call for call in calls if call.name == "WaitForSingleObject"]
    assert len({call.thread for call in waits}) == 1 + THREADS


@pytest.mark.parametrize("function, nth, result", [
    ("CreateMutex", 1, 0), ("CloseHandle", 3, 0), ("CreateMutex", 2, -1)])
def test_the_nth_call_of_any_function_can_fail(host: Host, half: Half, function: str, nth: int,
                                               result: int) -> None:
    """It returns the requested value, and no other call fails."""
    program = host.start("many", f"{half.line(host)} many", half.arch,
                         Launch(trace=True, fail=function, error=77, nth=nth, result=result))
    program.wait(20)
    made = [call for call in program.calls() if call.function == function]
    assert (made[nth - 1].result, made[nth - 1].error) == (result, 77)
    assert len([call for call in program.calls() if call.result in (0, -1)]) == 1


@pytest.mark.slow
@pytest.mark.parametrize("launch", [TRACED, HELD])
def test_a_traced_program_may_be_killed_at_any_moment(host: Host, half: Half,
                                                      launch: Launch) -> None:
    """A traced program can be killed within a call, and while it is held, without a wait."""
    for number in range(KILLS):
        program = host.start("many", f"{half.line(host)} many", half.arch, launch)
        if launch.hold:
            program.go(2 + number % 7, 10)
        else:
            wait_for(lambda: len(program.calls()) > 2, "some calls", program.describe)
        start = time.monotonic()
        host.sweep()
        assert time.monotonic() - start < 1
