"""Every way to fail: what is printed where, the exit code, and what is closed on the way out.

The obstacles are real ones, put under the documented name by another process.
"""
from __future__ import annotations

import pytest
from _pytest.mark import ParameterSet

from driver.claims import expect
from driver.contract import BUF_SIZE, CREATE_FAILED, MAP_FAILED, NAME, OPEN_FAILED
from driver.host import Host
from driver.judging import expect_exit
from driver.objects import PAGE_READONLY
from driver.pair import Scene

KINDS = ("event", "mutex", "semaphore", "timer", "job")


def put(host: Host, obstacle: str) -> None:
    """Take the documented name in one of the ways that make the programs fail."""
    if obstacle in KINDS:
        host.occupy(NAME, obstacle)
    elif obstacle == "closed to all":
        host.create(NAME, BUF_SIZE, grant="none")
    elif obstacle == "smaller file":
        # One byte less than a view takes. An object in the paging file has a whole page at least.
        host.create(NAME, BUF_SIZE - 1, file=host.path(host.folder / "smaller"))
    elif obstacle == "read-only":
        host.create(NAME, BUF_SIZE, protect=PAGE_READONLY)


def row(program: str, obstacle: str, line: str, code: int, *claims: str) -> ParameterSet:
    """One row of the table of failures, named for what stands in the way. The first of its
    claims is that of the line."""
    return pytest.param(program, obstacle, line, code, claims[0], marks=pytest.mark.claims(*claims),
                        id=f"{program} meets {obstacle}")


@pytest.mark.parametrize("program, obstacle, line, code, claim", [
    *(row("writer", kind, CREATE_FAILED, 6, "W2", "O6", "H5") for kind in KINDS),
    row("writer", "closed to all", CREATE_FAILED, 5, "W2", "H5"),
    row("writer", "smaller file", MAP_FAILED, 5, "W4", "B3", "H5"),
    *(row("reader", kind, OPEN_FAILED, 6, "R2", "O6", "H5") for kind in KINDS),
    row("reader", "nothing", OPEN_FAILED, 2, "R2", "H4"),
    row("reader", "closed to all", OPEN_FAILED, 5, "R2", "H5"),
    row("reader", "smaller file", MAP_FAILED, 5, "R4", "B3", "H5"),
])
@pytest.mark.claims("B4")
def test_a_failure_is_one_line_and_exit_code_1(scene: Scene, program: str, obstacle: str,
                                               line: str, code: int, claim: str) -> None:
    """Exact text and number, on standard output and nowhere else."""
    put(scene.host, obstacle)
    failing = scene.writer() if program == "writer" else scene.reader()
    expect_exit(claim, failing, 1, line.format(code))


@pytest.mark.gap("read-only-object")
@pytest.mark.parametrize("program", [
    pytest.param("writer", marks=pytest.mark.claims("W4")),
    pytest.param("reader", marks=pytest.mark.claims("R4")),
])
def test_an_object_made_read_only_gives_no_view(scene: Scene, program: str) -> None:
    """FILE_MAP_ALL_ACCESS asks for more than PAGE_READONLY allows. Which error that is, is not
    documented."""
    put(scene.host, "read-only")
    claim = "W4" if program == "writer" else "R4"
    failing = scene.writer() if program == "writer" else scene.reader()
    if program == "writer":
        failing.press()  # Lets it go on where it did get a view.
    else:
        expect(claim, "boxes of the reader", [], failing.boxes(10.0))
    ended = failing.wait()
    start = MAP_FAILED.split("{", 1)[0].encode("ascii")
    expect(claim, "exit code and beginning of the output", (1, start),
           (ended.code, ended.out[:len(start)]))


@pytest.mark.calls
@pytest.mark.parametrize("program, made_by", [
    pytest.param("writer", "CreateFileMapping", marks=pytest.mark.claims("W4")),
    pytest.param("reader", "OpenFileMapping", marks=pytest.mark.claims("R4")),
])
def test_without_a_view_the_very_handle_is_closed(scene: Scene, program: str,
                                                  made_by: str) -> None:
    """After MapViewOfFile failed, the handle of the object goes to CloseHandle, once."""
    put(scene.host, "smaller file")
    claim = "W4" if program == "writer" else "R4"
    failing = scene.writer(trace=True) if program == "writer" else scene.reader(trace=True)
    expect_exit(claim, failing, 1, MAP_FAILED.format(5))
    calls = failing.calls()
    made = [call.result for call in calls if call.name[:-1] == made_by]
    expect(claim, f"number of handles from {made_by}", 1, len(made))
    failed = [index for index, call in enumerate(calls)
              if call.name == "MapViewOfFile" and not call.result]
    expect(claim, "number of MapViewOfFile calls that failed", 1, len(failed))
    expect(claim, "calls after MapViewOfFile failed, with arguments and result",
           [("CloseHandle", tuple(made), 1)],
           [(call.name, call.arguments, call.result) for call in calls[failed[0] + 1:]])


@pytest.mark.calls
@pytest.mark.parametrize("program, call, line", [
    ("writer", "CreateFileMapping", CREATE_FAILED), ("writer", "MapViewOfFile", MAP_FAILED),
    ("reader", "OpenFileMapping", OPEN_FAILED), ("reader", "MapViewOfFile", MAP_FAILED),
], ids=["writer 1st call", "writer 2nd call", "reader 1st call", "reader 2nd call"])
@pytest.mark.claims("B4")
def test_the_number_is_signed_decimal(scene: Scene, program: str, call: str, line: str) -> None:
    """An error of more than 31 bits tells %d from %u and %x; the debugger lets the call fail
    with it, since no obstacle does."""
    if program == "reader":
        scene.host.create(NAME, BUF_SIZE)
    error = 0x80070005
    fault = {"trace": True, "fail": call, "error": error}
    failing = scene.writer(**fault) if program == "writer" else scene.reader(**fault)
    expect_exit("B4", failing, 1, line.format(error - (1 << 32)))
