"""Tests the agent where its programs are awkward: it is not lost, and says what it cannot do."""
from __future__ import annotations

import time
from typing import List

import pytest

from harness.driver.errors import HarnessError, Win32Error
from harness.driver.host import Host
from harness.driver.hosts import on_wine
from harness.driver.objects import Mapping
from harness.driver.paths import BUILD
from harness.driver.programs import CONTROL_C, LETTER, Launch, Program, TRACED
from harness.driver.waiting import wait_for

pytestmark = [pytest.mark.products, pytest.mark.unprivileged]

NAME = "Local\\agent-test"

#: Seconds that the agent takes for what has to be done at once: GRACE_MS of agent/agent.h.
GRACE = 2.0


def awkward(host: Host, task: str, launch: Launch = Launch()) -> Program:
    """The program foreign/awkward.c with that task."""
    return host.start(task, f'"{host.path(BUILD / "foreign" / "awkward.exe")}" {task}',
                      launch=launch)


def test_much_output_is_read_quickly(host: Host) -> None:
    """40 MB, of which the first 64 KiB are kept."""
    ended = awkward(host, "speak").wait()
    assert (len(ended.out), ended.out_total, ended.over) == (65536, 40 << 20, True)


def test_a_child_may_keep_the_output(host: Host) -> None:
    """What its parent wrote is returned all the same; the time for its end is spent once."""
    program = awkward(host, "leave")
    ended = program.wait()
    assert (ended.code, ended.out, ended.over) == (3, b"gone", False)
    start = time.monotonic()
    assert [program.ended() for _ in range(3)] == [True] * 3
    assert time.monotonic() - start < 2 * GRACE
    program.forget()
    host._programs.remove(program)


def test_windows_that_hang_take_the_time_of_one(host: Host) -> None:
    """Five boxes that do not answer are known for that before the agent would count as lost."""
    program = awkward(host, "hang")
    boxes = wait_for(lambda: program.boxes() if len(program.boxes()) == 5 else None, "five boxes",
                     seconds=30)
    assert [(box.hangs, box.title, box.text) for box in boxes] == [(True, "", None)] * 5


def reading(host: Host, launch: Launch = Launch()) -> Program:
    """Start a program that reads with getchar, and wait until it does."""
    program = awkward(host, "read", launch)
    wait_for(lambda: program.status()[1].out, "the program to read", program.describe)
    return program


@pytest.mark.parametrize("console", ["shared", "new"])
def test_ctrl_c_does_not_end_the_agent(host: Host, console: str) -> None:
    """A program that reads with getchar is ended by it, as at a keyboard."""
    program = reading(host, Launch(new_console=console == "new"))
    program.press(CONTROL_C)
    assert program.wait().code not in (5, 6)
    other = awkward(host, "read")
    other.press(LETTER)
    assert not other.ended()


def test_a_key_reaches_the_program_after_one_that_was_killed(host: Host) -> None:
    """The read of the first one, and its mode without Ctrl-C, can outlive it in its console."""
    for key in (LETTER, CONTROL_C, CONTROL_C):
        killed = awkward(host, "key", TRACED)
        wait_for(lambda: killed.has_called("_getch"), "a program that reads", killed.describe)
        killed.terminate()
        later = awkward(host, "key") if key == LETTER else reading(host)
        later.press(key)
        assert (later.wait().code == ord("x")) == (key == LETTER)


def test_a_key_reaches_the_program_after_one_that_ctrl_c_ended(host: Host) -> None:
    """Nobody has killed that one, and its read can outlive it all the same."""
    for _ in range(3):
        ended = reading(host)
        ended.press(CONTROL_C)
        ended.wait()
        later = awkward(host, "key")
        later.press(LETTER)
        assert later.wait().code == ord("x")


def test_there_may_be_many_objects(host: Host) -> None:
    """More than 64, each of which can be used and closed by its number."""
    objects: List[Mapping] = [host.create(f"{NAME}-{number}", 4096) for number in range(100)]
    for number, thing in enumerate(objects):
        thing.map().write(bytes([number]))
    assert [thing.read(1) for thing in objects] == [bytes([number]) for number in range(100)]


def test_there_may_be_many_programs(host: Host) -> None:
    """More than 64 at a time that have not been forgotten."""
    programs = [host.start("many", f'"{host.path(BUILD / "foreign" / "awkward.exe")}"')
                for _ in range(66)]
    assert {program.wait(30).code for program in programs} == {2}


def test_a_view_is_not_lost(host: Host) -> None:
    """An object has one view, and what it must not do is refused and not done."""
    thing = host.create(NAME, 4096).map(access=4)
    with pytest.raises(HarnessError, match="mapped already"):
        thing.map()
    with pytest.raises(HarnessError, match="cannot be written"):
        thing.write(b"x")
    with pytest.raises(HarnessError, match="outside the view"):
        thing.read(2, 4095)
    assert thing.read(1) == b"\0"


@pytest.mark.parametrize("launch", [Launch(), Launch(trace=True), Launch(limited_token=True)])
def test_a_failed_start_says_its_call(host: Host, launch: Launch) -> None:
    """Its name and last error; no program comes of it."""
    call = "CreateProcessAsUser" if launch.limited_token else "CreateProcess"
    with pytest.raises(Win32Error, match=f"^{call} failed with 2$"):
        host.start("nothing", "C:\\nothing.exe", launch=launch)


def test_the_agent_knows_wine(host: Host) -> None:
    """It is what tells a Windows Python that it runs under Wine."""
    assert ("wine" in host.agent().request("whoami")) == on_wine()


def test_a_limit_of_a_request_is_an_error(host: Host) -> None:
    """It is none of the programs' business."""
    thing = host.create(NAME, 1 << 20).map()
    with pytest.raises(HarnessError, match="more than 65,536 bytes"):
        thing.read(65537)
    with pytest.raises(HarnessError, match="a line that is too long"):
        thing.write(bytes(200000))
    assert thing.read(4) == bytes(4)
