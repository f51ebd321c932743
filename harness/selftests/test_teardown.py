"""Tests that the harness always ends cleanly, and that a killed process fails only one test."""
from __future__ import annotations

import re
import shutil
import signal
import sys
from pathlib import Path
from typing import Dict, List

import pytest

from harness.driver.waiting import DEADLINE, wait_for
from harness.selftests.inner_runs import Outcome, PYTEST, InnerRuns, ROUND_TRIP


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
