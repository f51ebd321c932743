"""Grades a folder of submissions: python3 -m harness.check.grade DIR [--task NAME] [options]

Each folder in DIR, and each source or .exe, is a submission: a pair or half of one, or a solution
of an exercise (--task). The results are written to DIR/results: index.html for you, grades.csv,
results.json, and a folder for each submission with its verdict as text, as a page, and as
Gradescope reads it. A second run checks only what is new or changed.

The exit status is 0 if every submission has a result, 1 if one of these is "no verdict", 2 if the
run was interrupted, and 4 if the command was wrong.
"""
from __future__ import annotations

import argparse
import json
import os
import sys
import time
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from harness.check.__main__ import WRONG, Parser
from harness.check.grade import outputs
from harness.check.grade.grader import PASSED, Grader
from harness.check.grade.outputs import possible, read_points
from harness.check.grade.submissions import equals, find
from harness.driver.errors import HarnessError
from harness.driver.hosts import on_wine, platform_name
from harness.driver.paths import BUILD, ROOT
from harness.judge import files, gaps, options, tools
from harness.judge.claims import READER, WRITER
from harness.judge.words import clean, escape_on_streams
from harness.lessons.exercises.checkers import EXERCISES

LOOK = 0.2  #: Seconds until it looks again whether it was interrupted.
#: Options that do not apply to a task.
OF_PAIRS = ("--title", "--level")
#: The files that affect verdicts, besides the submission and the options.
OURS = ("harness/**/*.py", "harness/**/*.c", "harness/**/*.h")


def arguments() -> argparse.Namespace:
    """Parse the command line. Raises HarnessError if it makes no sense."""
    parser = Parser(prog="python3 -m harness.check.grade", description=__doc__,
                    formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", metavar="DIR", type=Path)
    parser.add_argument("--task", default="", help="an exercise; without it, a pair is checked")
    parser.add_argument("--points", metavar="FILE", type=Path,
                        help="a CSV file with the points of each claim, as in W5,2, or right,10 "
                        "for a task (default: 1 each)")
    for half, role in (("first", "writers"), ("second", "readers")):
        parser.add_argument(f"--{half}", metavar="PATTERN", help=f"which files are {role}, as in "
                            f"'{half}*.c'; by default their names or calls decide")
    parser.add_argument("-n", dest="workers", metavar="N", type=int, help="how many submissions "
                        "are checked at once (default: one for each processor)",
                        default=len(os.sched_getaffinity(0)))
    parser.add_argument("--limit", metavar="SECONDS", type=float, default=300.0,
                        help="how long one may take (default: %(default)g)")
    for name in PASSED:
        parser.add_argument(name, **options.OPTIONS[name])
    option = parser.parse_args()
    for name in ("first_process", "second_process", "verdict"):
        setattr(option, name, None)
    option.deadline = option.ceiling = option.limit
    options.validate(option)
    if option.task and option.task not in EXERCISES:
        raise HarnessError(f"--task: there is no exercise {clean(option.task)}, only "
                           f"{', '.join(EXERCISES)}")
    for name in OF_PAIRS if option.task else ():
        if getattr(option, name[2:]) != options.OPTIONS[name].get("default"):
            raise HarnessError(f"{name} is for pairs, not for --task")
    if not 1 <= option.workers <= 64:
        raise HarnessError("-n: give a number from 1 to 64")
    if option.sandbox == "required" and tools.unsafe():
        raise HarnessError(f"there is no sandbox here: {tools.unsafe()}")
    return option


def settings(option: argparse.Namespace) -> str:
    """Return a text that changes whenever the same files may get another verdict."""
    newest = [(str(path), path.stat().st_mtime_ns, path.stat().st_size)
              for pattern in OURS for path in sorted(ROOT.glob(pattern))]
    return json.dumps([option.task, option.limit, [getattr(option, name[2:]) for name in PASSED],
                       platform_name(option.wine), newest])


def run(option: argparse.Namespace, folder: Path) -> int:
    """Grade the submissions in a folder. Return the exit status. Raises HarnessError."""
    submissions = find(option.folder, {WRITER: option.first, READER: option.second}, list(
        EXERCISES[option.task].checks if option.task else (WRITER, READER)))
    points = read_points(option.points, option.task)
    known, given = outputs.load(folder), settings(option)
    sums = {submission.name: submission.sum(given) for submission in submissions}
    # A submission may have been renamed, or be equal to another.
    rows = {name: replace(known[whole], name=name) for name, whole in sums.items()
            if whole in known}
    new = [submission for submission in submissions if submission.name not in rows]
    print(f"{len(submissions)} submissions, {len(new)} of them new or changed", flush=True)
    unsafe = tools.unsafe() if option.sandbox != "none" else "because of --sandbox none"
    about = {"platform": platform_name(option.wine), "task": option.task, "unsafe": unsafe,
             "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
    if unsafe and new:
        print(f"! without a sandbox ({unsafe}): they can do whatever you can", flush=True)
    grader, processors = Grader(option), sorted(os.sched_getaffinity(0))
    turns = iter(range(10**6))

    def begin() -> None:
        # A Wine server and its clients communicate faster on one processor.
        os.sched_setaffinity(0, {processors[next(turns) % len(processors)]})
    with tools.signals_noted() as signals, \
            ThreadPoolExecutor(option.workers, initializer=begin) as pool:
        left = {pool.submit(grader.check, submission) for submission in new}
        count = 0
        while left:
            done, left = wait(left, LOOK, FIRST_COMPLETED)
            if signals:
                grader.stop()
                raise KeyboardInterrupt
            for job in done:
                row = replace(job.result(), sum=sums[job.result().name])
                rows[row.name] = row
                outputs.save(folder, option.task, list(rows.values()), about)
                count += 1
                print(f"[{count:>3}/{len(new)}] {clean(row.name)}: {row.state} "
                      f"({row.seconds:g} s) {row.why[:100]}".rstrip(), flush=True)
    ordered = [replace(rows[name], equal=equal) for name, equal in equals(submissions).items()]
    outputs.save(folder, option.task, ordered, about)
    points = possible(points, ordered)
    outputs.write_all(folder, ordered, points)
    if find_spec("jinja2"):
        from harness.report.page import write_pages
        write_pages(folder, ordered, points, about)
        print(f"Results: {clean(str(folder / 'index.html'))}")
    else:
        print("no pages: jinja2 is missing (Debian: python3-jinja2)")
    states = [row.state for row in ordered]
    print(", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states)))
    return 1 if "no verdict" in states else 0


def main() -> int:
    """Grade a folder. Return the exit status."""
    escape_on_streams()
    tools.interrupt_on_signals()
    if on_wine():
        gaps.HERE.update(gaps.WINE)
    try:
        option = arguments()
        folder = option.folder / "results"
        if folder.is_symlink() or folder.exists() and not folder.is_dir():
            raise HarnessError(f"{clean(str(folder))} is not a folder for results; move it away")
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
