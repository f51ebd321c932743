"""Tests that a run leaves no trace: user's files and display are as before, concurrent runs are
independent, every run ends cleanly, and a killed process fails only one test."""
from __future__ import annotations

import os
import re
import shutil
import signal
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Dict, Iterator, List

import pytest

from harness.driver.waiting import DEADLINE, wait_for
from harness.driver.wine import folders
from harness.selftests.inner_runs import (DEMO, PYTEST, ROUND_TRIP, InnerRuns, Outcome,
                                          assert_shown, listing)

if TYPE_CHECKING:
    from harness.driver.wine.desktop import Desktop

#: One test for each of four workers.
SAMPLE = PYTEST + ["harness/claims/test_round_trip.py", "-k", "shows_what"]
#: The summary with and without 32-bit programs.
ALL = re.compile(rb" (4 passed|2 passed, 2 skipped)\b")


def test_two_runs_at_once(inner: InnerRuns) -> None:
    """Two runs can use the same temporary directory at once. Their parallel workers do not see each
    other's objects, even with more workers than processors."""
    runs = [inner.start(SAMPLE + ["-n", "4"]) for _ in range(2)]
    for run in runs:
        out, _ = run.communicate(timeout=40)
        assert run.returncode == 0 and ALL.search(out), out


@pytest.mark.parametrize("command", [ROUND_TRIP, DEMO], ids=["pytest", "demo"])
def test_the_user_s_own_files(inner: InnerRuns, command: List[str]) -> None:
    """HOME, ~/.wine with its registry, and the XDG folders are unchanged."""
    environment = {"WINEPREFIX": str(inner.home / ".wine"), "USER": "somebody"}
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR",
                 "XDG_STATE_HOME", "XDG_DESKTOP_DIR"):
        environment[name] = str(inner.home / name.lower())
        os.mkdir(environment[name])
    wine = inner.home / ".wine"
    (wine / "drive_c").mkdir(parents=True)
    for name in ("system.reg", "user.reg", "userdef.reg"):
        (wine / name).write_text("WINE REGISTRY Version 2\n")
    before = listing(inner.home)
    assert_shown(inner.run(command, environment=environment))
    assert listing(inner.home) == before


def test_the_folder_of_a_server_goes_with_it() -> None:
    """The folder that Debian's server makes in /tmp without TMPDIR is removed."""
    folder, own = Path(folders.new_folder()), Path("/tmp", f"wine-{os.urandom(6).hex()}")
    (folder / "prefix").mkdir(parents=True)
    (folder / "prefix" / "wineserver").write_text(own.name)
    prefix = (folder / "prefix").stat()
    server = own / f"server-{prefix.st_dev:x}-{prefix.st_ino:x}"
    server.mkdir(parents=True)
    (server / "lock").touch()
    folders.remove(str(folder))
    assert not folder.exists() and not own.exists()


@pytest.fixture
def desktop() -> "Iterator[Desktop]":
    """Yield a display without a screen, which DISPLAY names."""
    if not shutil.which("Xvfb"):
        pytest.skip("no display to draw on; Debian: xvfb")
    for module in ("pyvirtualdisplay", "Xlib", "PIL"):
        pytest.importorskip(module)
    from harness.driver.wine.desktop import Desktop
    with closing(Desktop()) as desktop:
        yield desktop


#: A test that starts more than a plain host: a display.
ON_DISPLAY = PYTEST + ["harness/claims/test_desktop.py", "-k", "real_window and x86_64-ansi"]


@pytest.mark.parametrize("command", [ON_DISPLAY, ROUND_TRIP + ["--display", "x11"]])
def test_the_user_s_display_is_left_as_it_was(inner: InnerRuns, desktop: "Desktop",
                                              command: List[str]) -> None:
    """Windows and clipboard are unchanged, whether the run draws on the display or not. Only with
    --display and in the demonstration, which is noticed, windows open."""
    environment = {"DISPLAY": os.environ["DISPLAY"]}
    desktop.hold_selections()
    desktop.watch()
    before = desktop.state()
    seen = inner.run(command, environment=environment)
    assert seen.code == 0, seen.text
    assert desktop.state() == before
    assert (desktop.opened() > 0) == ("--display" in command)
    if command == ON_DISPLAY:
        run = inner.start(DEMO, environment=environment)
        wait_for(lambda: desktop.opened() > 0, "a window of the demonstration",
                 lambda: f"{inner.processes()}", 20.0)
        run.kill()
        run.communicate()


@pytest.mark.parametrize("sandbox", ["none", "auto"])
def test_harness_run_draws_there(runner: InnerRuns, desktop: "Desktop", sandbox: str) -> None:
    """With --display x11 a program draws there, also from a sandbox; its window goes with it."""
    runner.environment["DISPLAY"] = os.environ["DISPLAY"]
    before = desktop.state()
    with runner.running("--display", "x11", "--sandbox", sandbox, "probe.exe", "box"):
        wait_for(lambda: desktop.window("probe") is not None, "the box", lambda: "", 20.0)
        wait_for(lambda: len(set(desktop.photograph(desktop.window("probe")).getdata())) > 2,
                 "something drawn in it", lambda: "one colour")
    wait_for(lambda: desktop.state() == before, "the display as before", lambda: "", 5.0)


def results(outcome: Outcome) -> Dict[str, str]:
    """Return the inner tests' results by name."""
    return {name: word for word, name in
            re.findall(r"^(X?PASS|FAIL|ERROR)\w* harness/selftests/broken_suites/\w+\.py::(\S+)",
                       outcome.text, re.MULTILINE)}


def section(outcome: Outcome, test: str) -> str:
    """Return the inner run's report on one failed test."""
    parts: List[str] = re.split(r"^_{3,} (.+) _{3,}$", outcome.text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2]))[test]


SUITE = PYTEST + ["harness/selftests/broken_suites/failing.py", "-k"]


def test_a_casualty_is_one_test_s_failure(inner: InnerRuns) -> None:
    """After any process is killed during a test, the run continues, if need be in a new host. A
    platform that conforms where its ledger has a gap passes, and the run says so."""
    seen = inner.run(SUITE + ["dies or goes_on"])
    harness = ["agent.exe", "server", "supervisor"]
    victims = harness + ["first_process.exe", "second_process.exe"]
    expected = {**{f"test_it_dies[{victim}]": "FAIL" for victim in victims},
                **{f"test_life_goes_on[{victim}]": "XPASS" for victim in victims}}
    assert (results(seen), seen.code) == (expected, 1), seen.text
    assert " function-keys (W6) is closed here" in seen.text
    for victim in victims:
        report = section(seen, f"test_it_dies[{victim}]")
        assert re.search(r"^ +\d+\.\d{3}  \w+\(", report, re.MULTILINE), "the timeline is missing"
        assert ("HostLost: the agent ended at: " in report) == (victim in harness), report


INTERLEAVINGS = [sys.executable, "-m", "harness.interleavings"]


def waiting(moment: str, *options: str) -> List[str]:
    """Return the command of a test that waits at that moment of a scene."""
    return [*SUITE, f"test_it_waits and {moment}", "-s", *options,
            "-W", "ignore::pytest.PytestUnraisableExceptionWarning"]  # From the destructor.


@pytest.mark.parametrize("command, moment, sign", [
    (ROUND_TRIP, "named-shared-memory-*", signal.SIGKILL),
    (ROUND_TRIP, "wineserver", signal.SIGKILL),
    (ROUND_TRIP, "*/agent.log", signal.SIGKILL),
    (ROUND_TRIP + ["--prefix", "full"], "*/prefix/drive_c/windows/*", signal.SIGKILL),
    # A self-test has a run of its own.
    ([*PYTEST, "harness/selftests/test_surroundings.py", "-k", "umask"],
     "*/tmp/named-shared-memory-*/agent.log", signal.SIGKILL),
    (waiting("writer"), "NOW", signal.SIGHUP), (waiting("destructor"), "NOW", signal.SIGTERM),
    (waiting("reader"), "NOW", signal.SIGINT), (waiting("reader"), "NOW", signal.SIGKILL),
    (waiting("terminal"), "NOW", signal.SIGTERM), (waiting("terminal"), "NOW", signal.SIGKILL),
    # With workers, nothing that a test prints is shown before its end.
    *((command, "_process.exe", sign) for command in (waiting("reader", "-n2"), INTERLEAVINGS)
      for sign in (signal.SIGTERM, signal.SIGKILL))])
def test_ended_at_any_moment(inner: InnerRuns, command: List[str], moment: str,
                             sign: signal.Signals) -> None:
    """No signal leaves anything; after one that can be caught, tests have a summary. The moment is
    a pattern of files, or a part of the output or of a process's command line."""
    file = inner.folder / "output"
    with open(file, "w") as output:
        run = inner.start(command, stdout=output)
        wait_for(lambda: list(inner.tmp.glob(moment)) if "*" in moment else
                 moment in file.read_text() + "".join(inner.processes()), moment, file.read_text)
        run.send_signal(sign)
        code = run.wait(3 * DEADLINE)
    if sign == signal.SIGKILL:
        assert code == -sign
    elif command == INTERLEAVINGS:
        assert code == 130, file.read_text()
    else:
        assert code == pytest.ExitCode.INTERRUPTED and "KeyboardInterrupt" in file.read_text()


def test_hangs_are_failures_that_explain_themselves(inner: InnerRuns) -> None:
    """The report of a hang has the step, the processes, the open message boxes, and the output. A
    set-up has a time limit, too, in which the start of a host does not count."""
    seen = inner.run(SUITE + ["hangs or late"])
    assert seen.code == 1, seen.text
    assert results(seen) == {
        "test_a_program_hangs": "FAIL", "test_the_agent_hangs": "FAIL",
        "test_the_test_itself_hangs": "FAIL", "test_a_set_up_hangs": "ERROR",
        "test_a_late_host_is_waited_for": "PASS"}, seen.text
    report = section(seen, "test_a_program_hangs")
    assert "the reader was expected to end within 0.3 s, but still runs" in report
    assert '"Process2" saying "Message from first process."' in report
    assert re.search(r"the writer \(process \d+\) is running; open boxes: none; "
                     r"standard output: b'' \(0 bytes\)", report), report
    report = section(seen, "test_the_agent_hangs")
    assert re.search(r"HostLost: the agent did not answer at: OpenFileMappingW", report)
    assert re.search(r"agent\.exe *: is stopped", report), report
    report = section(seen, "test_the_test_itself_hangs")
    assert "Hang: " in report and "the writer (process" in report
    assert "Hang: " in section(seen, "ERROR at setup of test_a_set_up_hangs")


def test_the_run_has_a_ceiling(inner: InnerRuns) -> None:
    """A run that takes too long stops and says so."""
    seen = inner.run([*SUITE, "test_it_waits and writer", "--ceiling", "1"])
    assert seen.code == pytest.ExitCode.INTERRUPTED
    assert "the run took longer than 1 s (--ceiling) and was stopped" in seen.text


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "workers"])
def test_keep_names_the_folder(inner: InnerRuns, workers: List[str]) -> None:
    """The folder that --keep leaves is printed, and contains the log, but no process remains."""
    programs = [f"--{name}-process=build/x86_64-ansi/{name}_process.exe"
                for name in ("first", "second")]
    seen = inner.run([*PYTEST, "harness/claims/test_writers_run.py",
                      "harness/claims/test_readers_run.py", "--keep", *programs, *workers])
    kept = [Path(name) for name in re.findall(r"^kept: (.*)$", seen.text, re.MULTILINE)]
    assert seen.code == 0 and kept, seen.text
    for path in kept:
        assert (path / "prefix").is_dir() and (path / "agent.log").is_file()
        shutil.rmtree(path)
    assert not inner.left()
