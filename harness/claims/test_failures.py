"""Every way to fail: what is printed where, the exit code, and what is closed on the way out.

The obstacles are real ones, put under the documented name by another process.
"""
from __future__ import annotations

import pytest
from _pytest.mark import ParameterSet

from harness.driver.contract import BUF_SIZE, CREATE_FAILED, MAP_FAILED, NAME, OPEN_FAILED
from harness.driver.host import Host
from harness.driver.meeting import Scene
from harness.driver.objects import PAGE_READONLY
from harness.judge.expectations import expect, expect_exit

KINDS = ("event", "mutex", "semaphore", "timer", "job")


def put(host: Host, obstacle: str) -> None:
    """Take the documented name in one of the ways that make the programs fail."""
    if obstacle in KINDS:
        host.occupy(NAME, obstacle)
    elif obstacle == "closed to all":
        host.create(NAME, BUF_SIZE, denied=True)
    elif obstacle == "smaller file":
        # One byte less than a view takes. An object in the paging file has a whole page at least.
        host.create(NAME, BUF_SIZE - 1, file=host.folder / "smaller")
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
