"""Tests that harness.run ends as its program does, and that its programs end with it."""
from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import termios
from contextlib import suppress
from pathlib import Path
from typing import List

import pexpect
import psutil
import pytest

from harness.driver.paths import ROOT
from harness.driver.waiting import wait_for
from harness.driver.wine.folders import remove_rest
from harness.selftests.inner_runs import SHARE, InnerRuns

BOTH = pytest.mark.parametrize("share", [[], SHARE], ids=["alone", "shared"])


@pytest.mark.parametrize("words, status, said", [
    ("exit 0", 0, ""), ("exit 1", 1, ""), ("exit 255", 255, ""), ("exit 0xFFFFFFFF", 255, ""),
    ("exit 0xFFFFFFFE", 254, ""), ("exit 256", 1, ""),  # Wine makes this 1.
    ("exit 257", 255, "its exit code is 257 (0x00000101); the exit status is 255\n"),
    ("exit 0xC0000005", 139, "it crashed: 0xC0000005 STATUS_ACCESS_VIOLATION\n"),
    ("exit 0xC000013A", 130, "it crashed: 0xC000013A STATUS_CONTROL_C_EXIT\n"),
    # Wine reports 0 for it.
    ("run 'probe.exe end-all'", 128 + signal.SIGKILL, "another program ended it")])
def test_exit_codes(runner: InnerRuns, words: str, status: int, said: str) -> None:
    """The exit status is the program's; a line explains a large code or an end by another."""
    line = f"harness.run: {runner.programs / 'probe.exe'}: {said}" if said else ""
    runner.expect(status, line, "probe.exe", *shlex.split(words))


def test_a_child_ends_with_it(runner: InnerRuns) -> None:
    """A program's child ends with the run, and so do its pipes."""
    done = runner.launch("probe.exe", "child")
    assert (done.code, done.out.split()[0]) == (0, b"left")


@BOTH
@pytest.mark.parametrize("words, to, sign, status, said", [
    *(("box", "run", sign, 128 + sign, "") for sign in (
        signal.SIGINT, signal.SIGTERM, signal.SIGHUP)),
    # Meson and CTest send it to the group.
    *(("box", to, signal.SIGKILL, -signal.SIGKILL, "") for to in ("run", "group")),
    ("event", "run", signal.SIGINT, 44, "event 0\n"),
    ("event", "run", signal.SIGTERM, 44, "event 0\n"),
    ("ignore --grace 0.2", "run", signal.SIGTERM, 128 + signal.SIGTERM, "ran 0.2 s after SIGTERM"),
    # Wine would make its program's status 0.
    *(("event", "server", sign, 125, "Wine's server ended while the program ran")
      for sign in (signal.SIGINT, signal.SIGKILL))])
def test_signals(runner: InnerRuns, share: List[str], words: str, to: str, sign: signal.Signals,
                 status: int, said: str) -> None:
    """Each signal ends the process tree. A program that handles CTRL_C_EVENT gets it, and ends with
    its own status, or after the grace time. If Wine's server ends, that is said."""
    what, *options = words.split()
    with runner.running(*share, *options, "probe.exe", what) as process:
        if to == "group":
            os.killpg(process.pid, sign)
        elif to == "run":
            process.send_signal(sign)
        for line in runner.processes():
            if to == "server" and "wineserver" in line:
                os.kill(int(line.split()[0]), sign)
        assert process.wait(30) == status
        assert process.stdout and process.stderr
        heard = process.stdout.read() + process.stderr.read()
        assert said in heard.decode(), heard


@BOTH
def test_a_hang(runner: InnerRuns, share: List[str]) -> None:
    """At the time limit the run ends and names the running programs and the open message box."""
    runner.expect(124, "it still ran after 6 s and was ended\nstill running: probe.exe\n"
                  'a message box is open: "probe" saying "text" (OK)',
                  *share, "--timeout", "6", "probe.exe", "box")


def test_one_of_two_that_share_is_killed(runner: InnerRuns) -> None:
    """The program of a killed run ends, even if the run has made the Wine; another run goes on."""
    def boxes() -> int:
        return sum("probe.exe box" in line and str(ROOT) not in line
                   for line in runner.processes())

    with runner.running(*SHARE, "probe.exe", "box") as first:
        with runner.running(*SHARE, "probe.exe", "box") as second:
            assert boxes() == 2
            first.kill()
            wait_for(lambda: boxes() == 1, "the end of the first program")
            assert second.poll() is None


def test_what_survives_a_killed_supervisor(tmp_path: Path) -> None:
    """A process that has not yet found the Wine server is ended as well."""
    with subprocess.Popen(["sleep", "60"], env={"WINEPREFIX": f"{tmp_path}/prefix"}) as process:
        remove_rest(str(tmp_path), 10)
        assert process.wait(10) == -signal.SIGKILL


def test_a_shared_wine_is_killed_while_nobody_uses_it(runner: InnerRuns) -> None:
    """It leaves neither processes nor its folder."""
    runner.launch(*SHARE, "--linger", "60", "probe.exe", alone=False)
    server = next(line for line in runner.processes() if "wineserver" in line)
    psutil.Process(int(server.split()[0])).parent().kill()
    runner.nothing_left()


def test_a_supervisor_that_is_stopped(runner: InnerRuns) -> None:
    """The time limit works with a stopped supervisor, and nothing remains."""
    command = runner.command("--timeout", "2", "probe.exe", "box")
    less = ("import sys; from harness.driver.wine.connection import Connection, fork_supervisor; "
            "from harness.run import command; Connection.patience = 1; "
            "sys.exit(command.main(sys.argv[1:], fork_supervisor()))")
    with runner.start([sys.executable, "-c", less, *command[2:]]) as process:
        assert process.stdout and process.stderr and process.stdout.readline() == b"ready\n"
        ours = [psutil.Process(int(line.split()[0])) for line in runner.processes()]
        server = next(one for one in ours if "wineserver" in one.name())
        server.parent().suspend()
        assert process.wait(20) == 124
        assert b"the supervisor did not answer in 1 s" in process.stderr.read()


def test_killed_while_a_prefix_is_filled(runner: InnerRuns) -> None:
    """A run can be ended while it fills a prefix."""
    with runner.start(runner.command("--prefix", "full", "probe.exe")) as process:
        assert process.stderr and process.stderr.readline()
        process.terminate()
        assert process.wait(20) == 128 + signal.SIGTERM


def test_wineboot_is_killed(runner: InnerRuns) -> None:
    """A run says that its shared Wine's start was interrupted. Retry if wineboot had just ended."""
    def killed_at_work(moment: str) -> bool:
        with runner.start(runner.command(*SHARE, "probe.exe")) as process:
            wait_for(lambda: moment in str(runner.processes())
                     or process.poll() is not None, moment)
            for line in runner.processes():
                if "wineboot.exe" in line:
                    with suppress(ProcessLookupError):
                        os.kill(int(line.split()[0]), signal.SIGKILL)
            assert process.stderr
            status, words = process.wait(60), process.stderr.read()
        runner.nothing_left()
        assert status == (125 if b"Wine's start was interrupted" in words else 0)
        return status == 125

    assert any(map(killed_at_work, ["services.exe", "wineboot.exe"] * 5))


def test_a_terminal_stays_one(runner: InnerRuns) -> None:
    """Keys arrive; Ctrl-C or closing the terminal ends everything; it is as before."""
    own = pexpect.spawn("sh", env={**runner.environment, "PS1": "$ "}, timeout=60)
    own.expect_exact("$ ")
    own.sendline("stty -g")
    before = own.readline() and own.readline()
    command = " ".join(f"'{word}'" for word in runner.command("probe.exe", "terminal"))
    for key, said in (("q", "key q"), ("\x03", "")):
        own.sendline(command)
        own.expect("64 64")
        wait_for(lambda: bool(termios.tcgetattr(own.child_fd)[3] & (termios.ECHO | termios.ISIG)
                              == termios.ISIG), "keys not shown, and Ctrl-C that is a signal")
        own.send(key)
        own.expect_exact(said)
        own.expect_exact("$ ")
        own.sendline("echo =$?=")
        own.expect_exact("=0=" if said else "=130=")
        own.sendline("stty -g")
        own.expect_exact(before)
    own.sendline("exec " + command)
    own.expect("64 64")
    own.ptyproc.delayafterterminate = 1  # For the end of everything, in seconds.
    own.close(force=False)
    assert own.exitstatus == 128 + signal.SIGHUP
