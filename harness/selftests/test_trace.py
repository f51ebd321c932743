"""The witness itself: what the agent tells of the calls of a program that is no pair's half."""
from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from harness.driver.host import Host
from harness.driver.pair import Half, Pair
from harness.driver.programs import TRACED
from harness.judge import skip32

pytestmark = [pytest.mark.products, pytest.mark.skipif(
    sys.platform == "win32", reason="the program is cross-compiled; there may be no compiler")]

WAIT_OBJECT_0, WAIT_TIMEOUT = 0, 258


@pytest.mark.parametrize("arch", ["x86_64", "i686"])
def test_no_call_of_a_second_thread_is_missed(host: Host, arch: str, tmp_path: Path,
                                              request: pytest.FixtureRequest) -> None:
    """A function that one thread is in stops the next thread that calls it all the same."""
    program = tmp_path / "threads.exe"
    half = Half(str(program), arch, "ansi")
    skip32.enter(request.node, host, Pair(half, half))
    subprocess.run([f"{arch}-w64-mingw32-gcc", "-Os", "-o", str(program),
                    str(Path(__file__).with_name("foreign") / "threads.c")], check=True, timeout=20)
    started = host.start("threads.exe", half.line(host), arch, TRACED)
    assert started.wait().code == 0
    calls = started.calls()
    waits = [call for call in calls if call.name == "WaitForSingleObject"]
    assert all(call.result is not None for call in waits), waits
    assert sorted(call.result or 0 for call in waits) == [WAIT_OBJECT_0] + [WAIT_TIMEOUT] * 10
