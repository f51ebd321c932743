"""Checks submissions one by one, each in a process and a folder of its own."""
from __future__ import annotations

import argparse
import json
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Dict, List, Optional

from harness.check.__main__ import DETAILS, WRONG
from harness.check.grade.outputs import Row
from harness.check.grade.submissions import Submission
from harness.driver.paths import ROOT
from harness.driver.wine.folders import remove
from harness.judge import options, tools
from harness.judge.claims import READER, WRITER
from harness.judge.screen import REFUSED
from harness.judge.words import clean

#: The options of a check that apply to a whole folder.
PASSED = ("--charset", "--name", "--message", "--sandbox", "--wine", "--title", "--level")
#: Seconds after its limit in which a check can end by itself.
GRACE = 30.0


class Grader:
    """Checks submissions, several at once."""

    def __init__(self, option: argparse.Namespace) -> None:
        self.option = option
        self.stopped = threading.Event()

    def command(self, programs: Dict[str, Path], verdict: Path) -> List[str]:
        """Return the command that checks these programs and writes the verdict."""
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
        """Check a submission. Return its row."""
        row = Row(submission.name, "no program", submission.programs, lines=[submission.problem])
        if submission.problem or self.stopped.is_set():
            return row
        began = time.monotonic()
        folder = tempfile.mkdtemp(prefix="named-shared-memory-graded-")
        try:
            self._check(submission, row, folder)
            # The failure may not recur, unless the program has ended its agent.
            if row.state == "no verdict" and not self.stopped.is_set() \
                    and not row.document.get("agent_lost"):
                self._check(submission, row, folder)
        finally:
            remove(folder)
        row.seconds = round(time.monotonic() - began, 1)
        return row

    def _check(self, submission: Submission, row: Row, folder: str) -> None:
        """Check a submission in that folder, and note the result in its row."""
        began, programs = time.monotonic(), submission.put(Path(folder, "handed-in"))
        verdict = Path(folder, "verdict.json")
        Path(folder, "tmp").mkdir(exist_ok=True)
        done = tools.run(self.command(programs, verdict), (), where=str(ROOT), confined=False,
                         seconds=self.option.limit + GRACE, TMPDIR=f"{folder}/tmp")
        # The progress of a check of a pair comes before its verdict, after an empty line.
        text = f"\n{done.text}".partition("\n\n")[2] or done.text
        row.lines = [clean(line.replace(f"{folder}/handed-in/", "").replace(folder, ""))
                     for line in text.splitlines() if not line.startswith(DETAILS)]
        if verdict.exists():
            document = json.loads(verdict.read_text("utf-8").replace(f"{folder}/handed-in/", ""))
            row.document = {name: document[name] for name in document
                            if name not in ("tests", "files", "subject")}
        slow = time.monotonic() - began >= self.option.limit
        row.state = _state(done.code, row, slow)

    def stop(self) -> None:
        """Start no more checks, and end those that run."""
        self.stopped.set()
        tools.stop()


def _state(code: Optional[int], row: Row, slow: bool) -> str:
    """Return the state of a submission; `slow` says that its check reached the time limit."""
    document = row.document
    if slow and document.get("verdict", "none") == "none" and "right" not in document:
        row.lines = ["the check was stopped at its limit of time"]
        return "too slow"
    if "right" in document:
        if any(finding["what"] == "the source" for finding in document["findings"]):
            return "does not compile"
        return {True: "right", False: "wrong"}.get(document["right"], "no verdict")
    if document:
        return {"kept": "right", "broken": "wrong"}.get(document["verdict"], "no verdict")
    return "does not compile" if row.lines[:1] == [REFUSED] else \
        "no program" if code == WRONG else "no verdict"
