"""The results of a folder: the row of each submission, its points, and what is written for the
teacher, for each author, for Moodle and for Gradescope."""
from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence

from harness.driver.contract import Words
from harness.driver.errors import HarnessError
from harness.judge import files
from harness.judge.claims import CLAIMS, sentence
from harness.judge.gaps import HERE
from harness.judge.verdict import NOT_CHECKED, reason
from harness.judge.words import clean

#: The states of a submission, best first.
STATES = ("right", "wrong", "does not compile", "no program", "no verdict", "too slow")
#: The state that earns the points of a task.
WHOLE = "right"
#: The format number of results.json, and the text that identifies such a file.
FORMAT, MARK = 1, '{\n "format": 1,\n "grades":'
#: The first characters of what a spreadsheet takes for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass
class Row:
    """A submission: `programs` has the names of its files by role, `document` the verdict of the
    check, `lines` what it printed, and `equal` what its files are equal to; `sum` shows whether it
    has changed."""

    name: str
    state: str
    programs: Dict[str, str] = field(default_factory=dict)
    document: Dict[str, Any] = field(default_factory=dict)
    lines: List[str] = field(default_factory=list)
    equal: List[str] = field(default_factory=list)
    seconds: float = 0.0
    sum: str = ""

    @property
    def words(self) -> Words:
        """Return the strings that the programs had to use."""
        return Words(**self.document.get("words", {}))

    @property
    def claims(self) -> Dict[str, Dict[str, Any]]:
        """Return the verdict on each claim; empty for a task."""
        return dict(self.document.get("claims", {}))

    @property
    def broken(self) -> List[str]:
        """Return the broken claims, or the findings of a task."""
        if self.claims:
            return [name for name, claim in self.claims.items() if claim["verdict"] == "broken"]
        return [str(finding["what"]) for finding in self.document.get("findings", [])]

    @property
    def why(self) -> str:
        """Return the first problem, in one line."""
        if self.broken and self.state == "does not compile":
            return str(self.document["findings"][0]["seen"])
        if self.broken:
            name = self.broken[0]
            return f"{name}: {reason(self.claims[name])}" if self.claims else reason(self.document)
        if self.document.get("trouble"):
            return str(self.document["trouble"][0])
        if self.state == "right" or not self.lines:
            return ""
        # The compiler's messages follow a heading.
        return self.lines[self.state == "does not compile" and len(self.lines) > 1].lstrip(" |")


class Mark(NamedTuple):
    """The mark for a claim or task: its id and text, its points and their maximum, and why not."""

    name: str
    says: str
    points: float
    most: float
    why: str


def read_points(file: Optional[Path], task: str) -> Dict[str, float]:
    """Read the teacher's points: a line such as `W5,2` for each claim, or `right,10` for a task.
    Without a file, each gets one point. Raises HarnessError with cause and remedy."""
    names = [WHOLE] if task else list(CLAIMS)
    if not file:
        return dict.fromkeys(names, 1.0)
    try:
        rows = [row for row in csv.reader(file.read_text(encoding="utf-8-sig").splitlines())
                if row and not row[0].startswith("#")]
        points = {row[0].strip(): float(row[1]) for row in rows}
    except (OSError, ValueError, IndexError) as problem:
        raise HarnessError(f"--points: {clean(str(file))} cannot be read ({problem}); write a line "
                           f"like {names[-1]},2 for each")
    wrong = [name for name, value in points.items() if name not in names or not 0 <= value < 1e6]
    if wrong:
        raise HarnessError(f"--points: {clean(', '.join(wrong))}: give points from 0 to a million "
                           f"for {'right' if task else 'claims'}")
    return {name: points.get(name, 0.0) for name in names}


def possible(points: Mapping[str, float], rows: Sequence[Row]) -> Dict[str, float]:
    """Return the points that a submission can get, without claims that a platform gap decides or
    that are not checked on programs that are handed in."""
    never = {gap.decides for gap in HERE.values()}
    never |= {name for row in rows for name, claim in row.claims.items()
              if claim.get("why") == NOT_CHECKED}
    return {name: most for name, most in points.items() if most and name not in never}


def marks(row: Row, points: Mapping[str, float]) -> List[Mark]:
    """Return the marks of the submission for these points."""
    found = []
    for name, most in points.items():
        claim = row.claims.get(name, {})
        got = claim.get("verdict") == "kept" if name in CLAIMS else row.state == WHOLE
        says = sentence(name, row.words) if name in CLAIMS else "the task is solved"
        found.append(Mark(name, says, most * got, most,
                          "" if got else reason(claim) or row.why or row.state))
    return found


def text(row: Row) -> str:
    """Return the verdict as text for the author, without anything about other submissions."""
    programs = [f"{role}: {clean(name)}" for role, name in row.programs.items()]
    return "\n".join([f"{clean(row.name)}: {row.state}", *programs, "", *row.lines, ""])


def slug(name: str) -> str:
    """Return a file name for the results."""
    return re.sub(r"[^\w.-]+", "_", clean(name)).lstrip(".") or "_"


def write(file: Path, text: str) -> None:
    """Write a file whole. Raises HarnessError."""
    problem = files.write(file, text)
    if problem:
        raise HarnessError(problem)


def save(folder: Path, task: str, rows: Sequence[Row], about: Mapping[str, Any]) -> None:
    """Write results.json, from which the next run takes the rows that have not changed."""
    write(folder / "results.json", json.dumps(
        {"format": FORMAT, "grades": task or "pair", **about,
         "submissions": [asdict(row) for row in rows]}, indent=1) + "\n")


def load(folder: Path) -> Dict[str, Row]:
    """Return the rows of an earlier run by their sums; none if its format differs."""
    try:
        document = json.loads((folder / "results.json").read_text(encoding="utf-8"))
        if document["format"] != FORMAT:
            return {}
        return {row["sum"]: Row(**row) for row in document["submissions"]}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}


def grades(rows: Sequence[Row], points: Mapping[str, float]) -> str:
    """Return the rows as CSV."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["submission", "result", "points", "maximum", "broken", "first finding",
                     "equal to"])
    for row in rows:
        got = marks(row, points)
        cells = [row.name, row.state, f"{sum(mark.points for mark in got):g}",
                 f"{sum(mark.most for mark in got):g}",
                 (" " if row.claims else "; ").join(row.broken), row.why, "; ".join(row.equal)]
        # With an apostrophe before it, no spreadsheet runs a formula.
        writer.writerow([f"'{cell}" if cell.startswith(FORMULA) else cell for cell in cells])
    return out.getvalue()


def gradescope(row: Row, points: Mapping[str, float]) -> str:
    """Return the results of a submission in the format of Gradescope."""
    got = marks(row, points)
    tests = [{"name": f"{mark.name} {mark.says}", "score": mark.points, "max_score": mark.most,
              "status": "passed" if mark.points else "failed", "output": mark.why}
             for mark in got]
    return json.dumps({"score": sum(mark.points for mark in got), "tests": tests,
                       "output": text(row)}, indent=1) + "\n"


def places(rows: Sequence[Row]) -> Dict[str, str]:
    """Return the folder name of each submission in the results."""
    found: Dict[str, str] = {}
    for row in rows:
        name = slug(row.name)
        while name.lower() in map(str.lower, found.values()):
            name += "_"
        found[row.name] = name
    return found


def write_all(folder: Path, rows: Sequence[Row], points: Mapping[str, float]) -> None:
    """Write all results except the pages. Raises HarnessError."""
    write(folder / "grades.csv", grades(rows, points))
    for row, place in zip(rows, places(rows).values()):
        (folder / place).mkdir(exist_ok=True)
        write(folder / place / "verdict.txt", text(row))
        write(folder / place / "gradescope.json", gradescope(row, points))
