"""Starts the harness's commands inside a test, as separate programs, in an environment as hostile
as the test wants; they must leave nothing."""
from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Tuple

import psutil
import pytest

from harness.driver.paths import ROOT as CHECKOUT
from harness.driver.waiting import wait_for
from harness.driver.wine.host import Supervisor

#: The command of an inner run of pytest. It shares nothing with the outer run.
PYTEST = [sys.executable, "-m", "pytest", "-rA", "--tb=short"]
#: The quickest complete test: a round trip of one pair.
ROUND_TRIP = PYTEST + ["harness/claims/test_round_trip.py", "-k", "shows_what and x86_64-ansi"]
DEMO, CHECK = ([sys.executable, "-m", f"harness.{module}"] for module in ("lessons.demo", "check"))
SHOW = [sys.executable, "-m", "harness.lessons.show", "reader-alone"]
RUN = [sys.executable, str(CHECKOUT / "harness" / "run")]
#: Share a Wine among the programs of this run of the tests only.
SHARE = ["--share", f"inner-{os.getpid()}"]
IS_ROOT = os.geteuid() == 0
#: An ordinary user without a home, a name or files.
NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
#: Python's bytecode goes to make's cache folder, or nowhere.
BYTECODE = ({"PYTHONPYCACHEPREFIX": os.environ["PYTHONPYCACHEPREFIX"]}
            if "PYTHONPYCACHEPREFIX" in os.environ else {"PYTHONDONTWRITEBYTECODE": "1"})
#: Ends an inner run together with its parent.
MORTAL = [str(shutil.which("setpriv")), "--pdeathsig", "KILL"]


class Outcome(NamedTuple):
    """How an inner run ended: its exit code, standard output and standard error."""

    code: int
    out: bytes
    errors: bytes

    @property
    def text(self) -> str:
        """Return all of its output."""
        return (self.out + self.errors).decode(errors="replace")


def unshared(*options: str) -> Tuple[str, ...]:
    """Return what runs a command in its own namespaces; skip the test if that is not permitted."""
    command = ("unshare", *options) if IS_ROOT else ("unshare", "--map-root-user", *options)
    if subprocess.run([*command, "true"], stdin=subprocess.DEVNULL, capture_output=True).returncode:
        pytest.skip(f"{' '.join(command)} is not permitted here")
    return command


def after(before: str) -> Tuple[str, ...]:
    """Return what runs a command after `before` in a shell, with mounts of its own."""
    namespaces = unshared("--mount") if "mount" in before else ()
    return (*namespaces, "sh", "-e", "-c", f'{before}\nexec "$@"', "sh")


def assert_shown(seen: Outcome) -> None:
    """Assert that the round trip or the demonstration succeeded."""
    assert seen.code == 0, seen.text
    assert "1 passed" in seen.text or "The reader showed what the writer wrote" in seen.text


def assert_refused(seen: Outcome, *said: str) -> None:
    """Assert that it ended with an error, and that one line has all of these."""
    assert seen.code not in (0, None), seen.text
    assert "Traceback" not in seen.text and "INTERNALERROR" not in seen.text, seen.text
    assert any(all(part in line for part in said) for line in seen.text.splitlines()), seen.text


def put(folder: Path, scripts: Dict[str, str], *programs: str) -> str:
    """Make the folder, with these shell scripts and links to these programs. Return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name).chmod(0o755)
    for program in programs:
        (folder / program).symlink_to(str(shutil.which(program)))
    return str(folder)


def listing(*folders: object) -> str:
    """Return name, mode, owner, size and times of everything in these folders that can be seen."""
    return subprocess.run(["find", *map(str, folders), "-printf", "%p %M %U %s %T@ %C@\\n"],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout


def processes_with(value: str) -> List[str]:
    """Return process id and command line of the processes with the value in their environment."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if any(value in setting for setting in process.environ().values()):
                found.append(f"{process.pid} {' '.join(process.cmdline())}")
    return found


class InnerRuns:
    """A separate home and temporary directory, and a minimal environment. `close` asserts that no
    process and no file of its runs remains. `programs` is a folder of programs for harness.run,
    with a space in its name."""

    def __init__(self) -> None:
        # Removes the folder even if this process is killed.
        self.supervisor = Supervisor(False)
        self.folder = Path(self.supervisor.folder)
        self.tmp = self.folder / "tmp"
        self.home = self.folder / "home"
        self.programs = self.folder / "a folder"
        for folder in (self.tmp, self.home, self.programs):
            folder.mkdir()
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(self.home),
                            "TMPDIR": str(self.tmp), "INNER_RUN": str(self.folder),
                            **{name: os.environ[name] for name in ("WINE",) if name in os.environ},
                            **BYTECODE}
        self.runs: List["subprocess.Popen[bytes]"] = []

    def start(self, command: List[str], checkout: Path = CHECKOUT, around: Tuple[str, ...] = (),
              environment: Optional[Dict[str, str]] = None, stdin: int = subprocess.DEVNULL,
              stdout: Any = subprocess.PIPE, stderr: Any = subprocess.PIPE
              ) -> "subprocess.Popen[bytes]":
        """Start an inner run in the checkout. `around` is a command that runs it."""
        self.runs.append(subprocess.Popen(
            [*MORTAL, *around, *command], cwd=checkout, stdin=stdin, stdout=stdout, stderr=stderr,
            env={**self.environment, **(environment or {})}, start_new_session=True))
        return self.runs[-1]

    def run(self, command: List[str], seconds: float = 40.0, data: bytes = b"",
            **surroundings: Any) -> Outcome:
        """Run an inner run to its end, with that standard input."""
        process = self.start(command, stdin=subprocess.PIPE, **surroundings)
        try:
            out, errors = process.communicate(data, seconds)
            return Outcome(process.returncode, out, errors)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            seen = Outcome(0, *process.communicate())
            raise AssertionError(f"{command} still ran after {seconds:g} s:\n{seen.text}")

    def processes(self) -> List[str]:
        """Return the processes of these runs, with their command lines."""
        # Under Wine, only paths in the run's own folder identify them.
        return processes_with(str(self.folder))

    def left(self) -> List[str]:
        """Return everything that remains of the runs."""
        found = set(self.tmp.iterdir())
        # Unlike pathlib, os.walk tolerates files that disappear meanwhile.
        for parent, folders, _ in os.walk(self.folder):
            if "pycache" in folders:
                folders.remove("pycache")  # It has the paths of all that ran.
            found |= {Path(parent, name) for name in folders if name.startswith("named-shared-")}
        return self.processes() + [str(path) for path in found]

    def command(self, *words: str) -> List[str]:
        """Return the command of harness.run for options, a program of the folder, and arguments."""
        return RUN + [str(self.programs / word) if word.endswith(".exe") else word
                      for word in words]

    def launch(self, *words: str, data: bytes = b"", alone: bool = True,
               **environment: str) -> Outcome:
        """Run to the end; nothing may remain if no other run goes on."""
        done = self.run(self.command(*words), 100.0, data, checkout=self.programs,
                        environment=environment)
        assert not (alone and self.left())
        return done

    def expect(self, status: int, said: str, *words: str, **more: Any) -> str:
        """Run to the end; assert this exit status, that standard error has all of these lines, or
        nothing if there are none, and that nothing remains. Return standard output."""
        done = self.launch(*words, **more)
        errors = done.errors.decode(errors="replace")
        assert done.code == status and bool(errors) == bool(said), errors
        assert all(line in errors for line in said.split("\n")), errors
        return done.out.decode(errors="replace")

    @contextmanager
    def running(self, *words: str) -> "Iterator[subprocess.Popen[bytes]]":
        """Yield the process after its first line, "ready"; terminate it at the end."""
        with self.start(self.command(*words), checkout=self.programs) as process:
            try:
                assert process.stdout and process.stdout.readline().strip() == b"ready"
                yield process
            finally:
                process.terminate()  # It may have ended.

    def nothing_left(self) -> None:
        """Wait until nothing remains. Raises Expired after DEADLINE seconds."""
        wait_for(lambda: not self.left(), "the end of the inner runs' processes and files",
                 lambda: "\n".join(self.left()))

    def close(self) -> None:
        """Kill what runs, and remove the folder. Raises Expired if the runs leave anything."""
        for run in self.runs:
            with run:  # Closes its pipes, too.
                run.kill()
        try:
            self.nothing_left()
        finally:
            for line in self.processes():
                with suppress(ProcessLookupError):
                    os.kill(int(line.split()[0]), signal.SIGKILL)
            self.supervisor.close()
