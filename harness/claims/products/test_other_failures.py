"""The calls whose results the documented programs ignore."""
from __future__ import annotations

import pytest

from harness.driver.contract import BUF_SIZE
from harness.driver.meeting import Scene
from harness.driver.programs import Launch
from harness.judge.checks import check


@pytest.mark.products
@pytest.mark.calls
@check("W7.exit", "R6.exit")
@pytest.mark.parametrize("program, call", [
    ("writer", "UnmapViewOfFile"), ("writer", "CloseHandle"), ("reader", "MessageBox"),
    ("reader", "UnmapViewOfFile"), ("reader", "CloseHandle")])
def test_other_failures_are_not_looked_at(scene: Scene, program: str, call: str) -> None:
    """The program exits with 0 and prints nothing. Other pairs need not do as the page here."""
    launch = Launch(trace=True, fail=call, error=1455)
    if program == "reader":
        scene.host.create(scene.pair.words.name, BUF_SIZE)
    failing = scene.writer(launch) if program == "writer" else scene.reader(launch)
    if program == "writer":
        failing.press()
    elif call != "MessageBox":
        failing.answer(failing.box())
    end = failing.wait()
    assert (end.code, end.out, end.err) == (0, b"", b"")
    failed = [made.name.rstrip("AW") for made in failing.calls() if not made.result]
    assert [name for name in failed if name != "_getch"] == [call]
