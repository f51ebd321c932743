"""Tests that the harness always ends cleanly, and that a killed process fails only one test."""
from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Callable, Dict, List, Optional

import pytest

from harness.driver.paths import ROOT
from harness.driver.waiting import DEADLINE, wait_for
from harness.selftests.inner_runs import Outcome, PYTEST, InnerRuns, ROUND_TRIP, processes_with

pytestmark = [pytest.mark.products, pytest.mark.slow]


def results(outcome: Outcome) -> Dict[str, str]:
    """Return the inner tests' results by name."""
    return {name: word for word, name in
            re.findall(r"^(PASSED|FAILED|ERROR) harness/selftests/broken_suites/\w+\.py::(\S+)",
                       outcome.text, re.MULTILINE)}


def section(outcome: Outcome, test: str) -> str:
    """Return the inner run's report on one failed test."""
    parts: List[str] = re.split(r"^_{3,} (\S+) _{3,}$", outcome.text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2]))[test]


def test_a_casualty_is_one_test_s_failure(inner: InnerRuns) -> None:
    """After any process is killed during a test, the run continues, if need be in a new host."""
    seen = inner.run(PYTEST + ["harness/selftests/broken_suites/casualties.py"])
    harness = ["agent", "server", "supervisor"]
    programs = ["first_process.exe", "second_process.exe"]
    expected = {}
    for victim in harness + programs:
        expected[f"test_it_dies[{victim}]"] = "FAILED"
        expected[f"test_life_goes_on[{victim}]"] = "PASSED"
    assert (results(seen), seen.code) == (expected, 1), seen.text
    for victim in harness + programs:
        report = section(seen, f"test_it_dies[{victim}]")
        assert re.search(r"^ +\d+\.\d{3}  \w+\(", report, re.MULTILINE), "the timeline is missing"
        assert ("HostLost: the agent ended at: " in report) == (victim in harness), report


def folder(inner: InnerRuns) -> Optional[Path]:
    """Return the inner run's folder."""
    return next(inner.tmp.glob("named-shared-memory-*"), None)


MOMENTS: Dict[str, Callable[[InnerRuns], bool]] = {
    "its folder is made": lambda inner: folder(inner) is not None,
    "its server starts": lambda inner: any("wineserver" in line for line in inner.processes()),
    "its agent starts": lambda inner: any(inner.tmp.glob("*/agent.log")),
    "its full prefix is filled": lambda inner: any(inner.tmp.glob("*/prefix/drive_c/windows/*")),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_while_it_starts(inner: InnerRuns, moment: str) -> None:
    """After SIGKILL of pytest nothing remains."""
    run = inner.start(ROUND_TRIP + ["--prefix", "full"] * ("full" in moment))
    wait_for(lambda: MOMENTS[moment](inner), moment, lambda: f"{inner.left()}")
    run.kill()
    run.communicate(timeout=2 * DEADLINE)


def test_killed_in_a_self_test(inner: InnerRuns) -> None:
    """Nor does anything remain of a run inside the killed run."""
    run = inner.start(PYTEST + ["harness/selftests/test_surroundings.py", "-k", "umask"])
    wait_for(lambda: next(inner.tmp.glob("*/tmp/named-shared-memory-*/agent.log"), None),
             "the run inside", lambda: f"{inner.left()}", 20.0)
    run.kill()
    run.communicate(timeout=2 * DEADLINE)


@pytest.mark.parametrize("moment, sign, workers", [
    ("writer", signal.SIGHUP, 0), ("reader", signal.SIGKILL, 0), ("reader", signal.SIGINT, 0),
    ("destructor", signal.SIGTERM, 0), ("terminal", signal.SIGKILL, 0),
    ("terminal", signal.SIGTERM, 0), ("reader", signal.SIGKILL, 2),
    ("reader", signal.SIGTERM, 2)])
def test_ended_in_the_middle(inner: InnerRuns, moment: str, sign: signal.Signals,
                             workers: int) -> None:
    """No signal leaves anything; after one that can be caught, there is a summary."""
    command = PYTEST + ["harness/selftests/broken_suites/endless.py", "-s"]
    command += ["-n", str(workers)] * bool(workers)
    command += ["-W", "ignore::pytest.PytestUnraisableExceptionWarning"]  # From the destructor.
    # With workers, only files show the progress of the test.
    with open(inner.folder / "output", "w+") as output:
        run = inner.start(command, stdout=output, environment={"MOMENT": moment})
        wait_for(lambda: any("_process.exe" in line for line in inner.processes())
                 if workers else "NOW" in (inner.folder / "output").read_text(),
                 f"the moment of the {moment}", (inner.folder / "output").read_text)
        run.send_signal(sign)
        code = run.wait(2 * DEADLINE)
    text = (inner.folder / "output").read_text()
    if sign == signal.SIGKILL:
        assert code == -signal.SIGKILL
    else:
        assert code == pytest.ExitCode.INTERRUPTED and "KeyboardInterrupt" in text, text


def test_hangs_are_failures_that_explain_themselves(inner: InnerRuns) -> None:
    """The report of a hang has the step, the processes, the open message boxes, and the output."""
    seen = inner.run(PYTEST + ["harness/selftests/broken_suites/hangs.py", "-k", "not run"])
    assert seen.code == 1, seen.text
    assert list(results(seen).values()) == ["FAILED"] * 3, seen.text
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


def test_a_set_up_has_a_limit(inner: InnerRuns) -> None:
    """The setup of a test has a time limit, in which the start of a host does not count."""
    seen = inner.run(PYTEST + ["harness/selftests/broken_suites/unready.py"])
    assert results(seen) == {"test_it_is_not_run": "ERROR",
                             "test_a_late_host_is_waited_for": "PASSED"}, seen.text
    assert "Hang: " in seen.text


def test_the_run_has_a_ceiling(inner: InnerRuns) -> None:
    """A run that takes too long stops and says so."""
    seen = inner.run([*PYTEST, "harness/selftests/broken_suites/hangs.py", "-k", "run",
                      "--ceiling", "1"])
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
        subprocess.run(["rm", "-r", str(path)], check=True)
    assert not inner.left()


@pytest.mark.parametrize("sent, expected", [("SIGTERM", 130), ("SIGKILL", -9)])
def test_nothing_is_left_of_interrupted_interleavings(tmp_path: Path, sent: str,
                                                      expected: int) -> None:
    """Interrupting interleavings while programs are held leaves no process and no folder."""
    environment = dict(os.environ, TMPDIR=str(tmp_path))
    with open(tmp_path / "output", "wb") as output:
        run = subprocess.Popen([sys.executable, "-m", "harness.interleavings"], cwd=ROOT,
                               env=environment, stdin=subprocess.DEVNULL, stdout=output,
                               stderr=subprocess.STDOUT)
    wait_for(lambda: any("first_process" in line for line in processes_with(str(tmp_path))),
             "a writer that is held", lambda: (tmp_path / "output").read_text())
    run.send_signal(getattr(signal, sent))
    assert run.wait(3 * DEADLINE) == expected
    wait_for(lambda: not processes_with(str(tmp_path)), "an end of all processes",
             lambda: str(processes_with(str(tmp_path))))
    wait_for(lambda: [file.name for file in tmp_path.iterdir()] == ["output"], "an empty folder",
             lambda: str(list(tmp_path.iterdir())))
