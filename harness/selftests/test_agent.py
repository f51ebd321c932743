"""Tests that awkward programs and a busy machine do not harm the agent, and that it reports what it
cannot do."""
from __future__ import annotations

import subprocess
import time
from typing import Optional

import pytest

from harness.driver.errors import HarnessError, HostLost, Win32Error
from harness.driver.host import Host
from harness.driver.hosts import on_wine
from harness.driver.paths import BUILD
from harness.driver.programs import Launch, Program, TRACED
from harness.driver.waiting import GRACE, STALL, Countdown, wait_for
from harness.driver.win32.agent import ARGUMENT, REQUEST, Agent
from harness.driver.win32.console import CONTROL_C, LETTER, Key
from harness.driver.win32.prototypes import FUNCTIONS, Prototype
from harness.driver.win32.tokens import wine_version

pytestmark = pytest.mark.unprivileged

NAME = "Local\\agent-test"


def probe(host: Host, task: str, launch: Launch = Launch()) -> Program:
    """Start probe/probe.c with that task."""
    return host.start(task, f'"{host.path(BUILD / "probe" / "probe.exe")}" {task}', launch=launch)


def test_much_output_is_read_quickly(host: Host) -> None:
    """The first 64 KiB of 40 MB are kept."""
    ended = probe(host, "speak").wait()
    assert (len(ended.out), ended.out_total, ended.over) == (65536, 40 << 20, True)


def test_another_start_takes_no_keys(host: Host) -> None:
    """What was pressed for a program that runs stays unread when another starts and ends beside it.
    """
    first = probe(host, "box")
    first.press()
    for _ in range(2):
        host.prove()
    assert first.unread(LETTER)


@pytest.mark.slow
def test_a_child_may_keep_the_output(host: Host) -> None:
    """The parent's output is returned although a child keeps the pipe open; it waits only once."""
    program = probe(host, "child")
    ended = program.wait()
    assert (ended.code, ended.out[:5], ended.over) == (0, b"left\n", False)
    start = time.monotonic()
    assert [program.ended() for _ in range(3)] == [True] * 3
    assert time.monotonic() - start < 2 * GRACE
    program.close()
    host._programs.remove(program)


@pytest.mark.slow
def test_windows_that_hang_take_the_time_of_one(host: Host) -> None:
    """Five message boxes that do not answer are reported before the agent counts as lost. When
    their program answers, long after they were visible, they are read."""
    program = probe(host, "hang")
    [boxes] = wait_for(lambda: [found for found in [program.boxes()] if len(found) == 5],
                       "five boxes", seconds=30)
    assert [(box.hangs, box.title, box.text) for box in boxes] == [(True, "", None)] * 5
    assert "hangs" in [box.title for box in program.boxes(30)]


def reading(host: Host, launch: Launch = Launch()) -> Program:
    """Start a program that reads with getchar, and wait until it does."""
    program = probe(host, "read", launch)
    wait_for(lambda: program.status()[1].out, "the program to read", program.describe)
    return program


@pytest.mark.parametrize("ended_by, key, launch", [
    (None, LETTER, TRACED), (None, CONTROL_C, TRACED), (CONTROL_C, LETTER, Launch()),
    (CONTROL_C, LETTER, Launch(new_console=True))], ids=["key", "ctrl-c", "after", "new-console"])
def test_a_key_reaches_the_next_program(host: Host, ended_by: Optional[Key], key: Key,
                                        launch: Launch) -> None:
    """Ctrl-C ends a program that reads with getchar, as at a keyboard, but not the agent. The next
    program gets its key: the read and mode of one that was killed or ended can outlive it."""
    for _ in range(2):
        if ended_by:
            before = reading(host, launch)
            before.press(ended_by)
            assert before.wait().code not in (5, 6)
        else:
            before = probe(host, "terminal", launch)
            before.await_call("_getch")
            before.terminate()
        later = probe(host, "terminal") if key == LETTER else reading(host)
        later.press(key)
        assert later.wait().out.endswith(b"key x\n") == (key == LETTER)


def test_a_view_is_not_lost(host: Host) -> None:
    """An object has one view, of any size; forbidden access is refused."""
    thing = host.create(NAME, 4096).map(access=4)
    with pytest.raises(HarnessError, match="mapped already"):
        thing.map()
    with pytest.raises(Win32Error, match="WriteProcessMemory"):
        thing.write(b"x")
    with pytest.raises(HarnessError, match="outside the view"):
        thing.read(2, 4095)
    thing = host.create(f"{NAME}-large", 4 << 20).map()
    data = bytes(range(256)) * (3 << 12)
    thing.write(data, 77)
    assert thing.read(len(data), 77) == data


@pytest.mark.parametrize("launch", [Launch(), Launch(trace=True), Launch(limited_token=True)])
def test_a_failed_start_says_its_call(host: Host, launch: Launch) -> None:
    """The error has the function's name and the last error, and there is no program."""
    call = "CreateProcessAsUserW" if launch.limited_token else "CreateProcessW"
    with pytest.raises(Win32Error, match=rf"^{call}\(.*nothing.exe.*\) failed with 2 \(ERROR_FILE"):
        host.start("nothing", "C:\\nothing.exe", launch=launch)


def test_a_function_of_any_dll(host: Host, arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """64-bit results and arguments (two in a 32-bit process), and errors with their call work. By a
    function of Wine's own, a Windows Python learns that it runs under Wine."""
    win32 = host.win32(arch)
    assert bool(wine_version(win32)) == on_wine()
    monkeypatch.setitem(FUNCTIONS, "_ui64toa", Prototype(
        "_ui64toa", "ntdll", "PVOID", ("QWORD", "OUT", "INT"), ("value", "text", "radix")))
    text = bytearray(32)
    win32._ui64toa(0xFEDCBA9876543210, text, 16)
    assert text.rstrip(b"\0") == b"fedcba9876543210"
    first = win32.GetTickCount64()
    assert first <= win32.GetTickCount64() < first + 60000
    with pytest.raises(Win32Error, match=r'^OpenFileMappingW\(FILE_MAP_READ, FALSE, '
                       r'"Local\\none"\) failed with 2 \(ERROR_FILE_NOT_FOUND\)$'):
        win32.OpenFileMappingW(4, False, "Local\\none")
    with pytest.raises(AttributeError, match="^no prototype of Beep; add it to "):
        win32.Beep()
    with pytest.raises(Win32Error, match=r'^GetProcAddress\(kernel32, "Nothing"\) failed with 127'):
        win32.address("kernel32", "Nothing")
    assert "OpenFileMappingW(FILE_MAP_READ, FALSE" in win32.agent.story()


@pytest.mark.parametrize("raw, said", [
    (REQUEST.pack(1, 13, 0), "with more than 12 arguments"),
    (REQUEST.pack(1, 0, (1 << 20) + 1), "with more than 1 MiB"),
    (REQUEST.pack(0, 0, 0), "without a function"),
    (REQUEST.pack(1, 1, 4) + ARGUMENT.pack(5, 1) + bytes(4), "neither a number nor a place"),
    (REQUEST.pack(1, 1, 4) + ARGUMENT.pack(0, 2) + bytes(4), "neither a number nor a place"),
    (REQUEST.pack(1, 1, 4) + ARGUMENT.pack(0, 1), "the input ended within a request"),
    (b"wait program=1\n", "the input ended within a request")])
def test_what_is_no_request_ends_the_agent(host: Host, raw: bytes, said: str) -> None:
    """The agent gives the reason on its standard error and does nothing of the request."""
    # Not by the host, which treats the end of an agent as a loss.
    command = getattr(host, "command", lambda program: [str(program)])
    process = subprocess.Popen(command(host._agent_exe("x86_64")), stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               env=getattr(host, "environment", None), cwd=host.folder)
    agent = Agent(process)
    assert process.stdin
    process.stdin.write(raw)
    process.stdin.flush()
    if "input ended" in said:
        process.stdin.close()
    with pytest.raises(HostLost, match="the agent ended at: a broken request"):
        agent._next(10, lambda: "a broken request")
    agent.close()
    assert process.stderr
    with process.stderr as log:
        assert said in log.read().decode("ascii", "replace")
    assert process.returncode == 2


def test_time_in_which_nobody_could_ask_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pause is not counted, but all other time is, also after a pause."""
    now = 0.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    countdown = Countdown(4.0)
    now = 2.0
    assert countdown.left() == 2.0
    now += 4 * STALL
    assert countdown.left() == 2.0
    now += 2.0
    assert countdown.over()
