"""The witness itself: what the agent tells of the calls of a program that is no pair's half."""
from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from driver import lane
from driver.host import Host
from driver.pair import Half, Pair

pytestmark = [pytest.mark.products, pytest.mark.skipif(
    sys.platform == "win32", reason="the program is cross-compiled; there may be no compiler")]

WAIT_OBJECT_0, WAIT_TIMEOUT = 0, 258


@pytest.mark.parametrize("arch", ["x86_64", "i686"])
def test_no_call_of_a_second_thread_is_missed(host: Host, arch: str, tmp_path: Path,
                                              request: pytest.FixtureRequest) -> None:
    """A function that one thread is in stops the next thread that calls it all the same."""
    program = tmp_path / "threads.exe"
    half = Half(str(program), arch, "ansi")
    lane.enter(request.node, host, Pair(half, half))
    subprocess.run([f"{arch}-w64-mingw32-gcc", "-Os", "-o", str(program),
                    str(Path(__file__).parent / "foreign" / "threads.c")], check=True, timeout=20)
    started = host.start("threads.exe", half.line(host), arch, trace=True)
    assert started.wait().code == 0
    calls = started.agent.request("calls", program=started.number)["calls"]
    waits = [call for call in calls if call["name"] == "WaitForSingleObject"]
    assert all(call["returned"] for call in waits), waits
    assert sorted(call["result"] for call in waits) == [WAIT_OBJECT_0] + [WAIT_TIMEOUT] * 10
