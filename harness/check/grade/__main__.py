"""Grades a folder of submissions: python3 -m harness.check.grade DIR [--task NAME] [options]

Each folder in DIR, and each source or .exe, is a submission: a pair or half of one, or a solution
of an exercise (--task). The results are written to DIR/results: index.html for you, grades.csv,
results.json, and a folder for each submission with its verdict as text, as a page, and as
Gradescope reads it. A second run checks only what is new or changed.

The exit status is 0 where every submission has a row, 1 where there is one without a verdict, 2
where the run was interrupted, and 4 where the command was wrong.
"""
from __future__ import annotations

import argparse
import io
import json
import os
import signal
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Dict, List, Optional

from harness.check.__main__ import WRONG, Parser
from harness.check.grade import outputs
from harness.check.grade.marks import Row, possible, read_points
from harness.check.grade.submissions import Submission, equals, find
from harness.driver.errors import HarnessError
from harness.driver.hosts import on_wine, platform_name
from harness.driver.paths import BUILD, ROOT
from harness.driver.wine.folders import remove
from harness.judge import files, gaps, options, tools
from harness.judge.claims import READER, WRITER
from harness.judge.words import clean

#: The options of a check that a whole folder may have.
PASSED = ("--charset", "--name", "--message", "--title", "--level", "--sandbox", "--wine")
#: What decides about verdicts, besides the submission and the options.
OURS = ("harness/**/*.py", "harness/**/*.c", "harness/**/*.h")


def arguments() -> argparse.Namespace:
    """The command line. Raises HarnessError where it makes no sense."""
    parser = Parser(prog="python3 -m harness.check.grade", description=__doc__,
                    formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", metavar="DIR", type=Path)
    parser.add_argument("--task", default="", help="an exercise; without it, a pair is checked")
    parser.add_argument("--points", metavar="FILE", type=Path,
                        help="a CSV file with the points of each claim, as in W5,2, or right,10 "
                        "for a task (default: 1 each)")
    for half, role in (("first", "writers"), ("second", "readers")):
        parser.add_argument(f"--{half}", metavar="PATTERN", help=f"which files are {role}, as in "
                            f"'{half}*.c'; by default their names or calls say it")
    parser.add_argument("-n", dest="workers", metavar="N", type=int, help="how many submissions "
                        "are checked at once (default: one for each processor)",
                        default=len(os.sched_getaffinity(0)))
    parser.add_argument("--limit", metavar="SECONDS", type=float, default=120.0,
                        help="how long one may take (default: %(default)g)")
    for name in PASSED:
        parser.add_argument(name, **options.OPTIONS[name])
    option = parser.parse_args()
    for name in ("first_process", "second_process", "verdict"):
        setattr(option, name, None)
    option.deadline = option.ceiling = option.limit
    options.validate(option)
    if not 1 <= option.workers <= 64:
        raise HarnessError("-n: give a number from 1 to 64")
    if option.sandbox == "required" and tools.unsafe():
        raise HarnessError(f"there is no sandbox here: {tools.unsafe()}")
    return option


def settings(option: argparse.Namespace) -> str:
    """What changes if another verdict is possible for the same files."""
    newest = [(str(path), path.stat().st_mtime_ns, path.stat().st_size)
              for pattern in OURS for path in sorted(ROOT.glob(pattern))]
    return json.dumps([option.task, option.limit, [getattr(option, name[2:]) for name in PASSED],
                       platform_name(option.wine), newest])


class Grader:
    """Checks submissions, several at once."""

    def __init__(self, option: argparse.Namespace) -> None:
        self.option = option
        self.stopped = threading.Event()

    def command(self, programs: Dict[str, Path], verdict: Path) -> List[str]:
        """The command that checks these programs."""
        given = [f"{name}={getattr(self.option, name[2:])}" for name in PASSED
                 if getattr(self.option, name[2:]) not in (None, options.OPTIONS[name].get(
                     "default"))]
        if self.option.task:
            return [sys.executable, "-m", "harness.lessons.exercise", self.option.task, *given,
                    "--verdict", str(verdict), *(
                        f"--{role.replace('_', '-')}={path}" for role, path in programs.items())]
        return [sys.executable, "-m", "harness.check", str(programs.get(WRITER, "-")),
                str(programs.get(READER, "-")), *given, "--verdict", str(verdict), "-n", "0",
                "--log", str(verdict.with_suffix(".log")), f"--ceiling={self.option.limit:g}"]

    def check(self, submission: Submission) -> Row:
        """Check one; its row."""
        row = Row(submission.name, "no program", submission.programs, lines=[submission.problem])
        if submission.problem or self.stopped.is_set():
            return row
        began = time.monotonic()
        folder = tempfile.mkdtemp(prefix="named-shared-memory-graded-")
        try:
            self._check(submission, row, folder)
            if row.state == "no verdict" and not self.stopped.is_set():
                self._check(submission, row, folder)  # A failure may be one of the moment.
        finally:
            remove(folder)
        row.seconds = round(time.monotonic() - began, 1)
        return row

    def _check(self, submission: Submission, row: Row, folder: str) -> None:
        """Check one in that folder, and note in its row how it came out."""
        programs = submission.put(Path(folder, "handed-in"))
        verdict = Path(folder, "verdict.json")
        Path(folder, "tmp").mkdir(exist_ok=True)
        done = tools.run(self.command(programs, verdict), (), where=str(ROOT), confined=False,
                         seconds=self.option.limit + 30.0, TMPDIR=f"{folder}/tmp")
        text = done.text.replace(f"{folder}/handed-in/", "").replace(folder, "")
        row.lines = [clean(line) for line in text.splitlines() if line]
        row.document = _document(verdict)
        row.state = _state(done.code, row)

    def stop(self) -> None:
        """Begin no more, and end those that run."""
        self.stopped.set()
        tools.stop()


def _document(file: Path) -> Dict[str, Any]:
    """The verdict that was written, without the names of files of this machine."""
    if not file.exists():
        return {}
    document: Dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return {name: document[name] for name in document
            if name not in ("tests", "files", "subject")}


def _state(code: Optional[int], row: Row) -> str:
    """How a submission came out."""
    document = row.document
    if code is None:
        return "too slow"
    if "right" in document:
        return "right" if document["right"] else "wrong"
    if document:
        return {"kept": "right", "broken": "wrong"}.get(document["verdict"], "no verdict")
    refused = code == 1 and row.lines[:1] == ["✗ It does not compile:"]
    return "does not compile" if refused else "no program" if code == WRONG else "no verdict"


def run(option: argparse.Namespace, folder: Path) -> int:
    """Grade the folder's submissions; the exit status. Raises HarnessError."""
    submissions = find(option.folder, {WRITER: option.first, READER: option.second})
    points = read_points(option.points, option.task)
    known, given = outputs.load(folder), settings(option)
    sums = {submission.name: submission.sum(given) for submission in submissions}
    # Somebody may have renamed the folder, or handed in the same.
    rows = {name: replace(known[whole], name=name) for name, whole in sums.items()
            if whole in known}
    new = [submission for submission in submissions if submission.name not in rows]
    print(f"{len(submissions)} submissions, {len(new)} of them new or changed", flush=True)
    if tools.unsafe() and option.sandbox != "none" and new:
        print(f"! in no sandbox ({tools.unsafe()}): they can do whatever you can", flush=True)
    about = {"platform": platform_name(option.wine), "task": option.task,
             "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "unsafe": tools.unsafe()}
    grader, processors = Grader(option), sorted(os.sched_getaffinity(0))
    turns = iter(range(10**6))

    def begin() -> None:
        # A Wine server and its clients talk all the time; on one processor they do it quicker.
        os.sched_setaffinity(0, {processors[next(turns) % len(processors)]})
    with ThreadPoolExecutor(option.workers, initializer=begin) as pool:
        try:
            jobs = {pool.submit(grader.check, submission): submission for submission in new}
            for count, job in enumerate(as_completed(jobs), 1):
                row = job.result()
                row.sum = sums[row.name]
                rows[row.name] = row
                outputs.save(folder, option.task, list(rows.values()), about)
                print(f"[{count:>3}/{len(new)}] {clean(row.name)}: {row.state} "
                      f"({row.seconds:g} s) {row.why[:100]}".rstrip(), flush=True)
        except KeyboardInterrupt:
            grader.stop()
            raise
    equal = equals(submissions)
    ordered = [rows[submission.name] for submission in submissions]
    for row in ordered:
        row.equal = equal[row.name]
    outputs.save(folder, option.task, ordered, about)
    points = possible(points, ordered)
    outputs.write_all(folder, ordered, points)
    _pages(folder, ordered, points, about)
    states = [row.state for row in ordered]
    print(", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states)))
    return 1 if "no verdict" in states else 0


def _pages(folder: Path, rows: List[Row], points: Dict[str, float], about: Dict[str, Any]) -> None:
    if not find_spec("jinja2"):
        print("no pages: jinja2 is missing (Debian: python3-jinja2)")
        return
    from harness.report.grades import write_pages
    write_pages(folder, rows, points, about)
    print(f"Results: {clean(str(folder / 'index.html'))}")


def main() -> int:
    """Grade; the exit status."""
    for stream in (sys.stdout, sys.stderr):
        assert isinstance(stream, io.TextIOWrapper)
        stream.reconfigure(errors="backslashreplace")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if on_wine():
        gaps.HERE.update(gaps.WINE)
    try:
        option = arguments()
        folder = option.folder / "results"
        if folder.is_symlink() or folder.exists() and not folder.is_dir():
            raise HarnessError(f"{clean(str(folder))} is no folder for results; move it away")
        folder.mkdir(exist_ok=True)
        files.refuse("DIR", folder / "results.json", outputs.MARK)
        return run(option, folder)
    except KeyboardInterrupt:
        print("\ninterrupted; the next run goes on from here", file=sys.stderr)
        return 2
    except (HarnessError, OSError) as problem:
        print(f"grade: {problem}", file=sys.stderr)
        return WRONG


if __name__ == "__main__":
    if not (BUILD / "x86_64" / "agent.exe").is_file():
        sys.exit(f"grade: nothing is built; run make in {ROOT} first")
    sys.exit(main())
