"""Writes the results of a folder: for the teacher, for each author, for Moodle and Gradescope."""
from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any, Dict, List, Mapping, Sequence

from harness.check.grade.marks import Row, marks, slug, text_lines
from harness.driver.errors import HarnessError
from harness.judge import files

#: The format number of results.json, and the text that identifies such a file.
FORMAT, MARK = 1, '{\n "format": 1,\n "grades":'
#: The first characters of what a spreadsheet takes for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write(file: Path, text: str) -> None:
    """Write a file whole. Raises HarnessError."""
    problem = files.write(file, text)
    if problem:
        raise HarnessError(problem)


def save(folder: Path, task: str, rows: Sequence[Row], about: Mapping[str, Any]) -> None:
    """Write results.json, from which the next run takes the rows that have not changed."""
    write(folder / "results.json", json.dumps(
        {"format": FORMAT, "grades": task or "pair", **about,
         "submissions": [row.data() for row in rows]}, indent=1) + "\n")


def load(folder: Path) -> Dict[str, Row]:
    """Return the rows of an earlier run by their sums; none if its format differs."""
    try:
        document = json.loads((folder / "results.json").read_text(encoding="utf-8"))
        if document["format"] != FORMAT:
            return {}
        return {row["sum"]: Row(**row) for row in document["submissions"]}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}


def _cell(text: str) -> str:
    """Return the text so that no spreadsheet runs it."""
    return f"'{text}" if text.startswith(FORMULA) else text


def grades(rows: Sequence[Row], points: Mapping[str, float]) -> str:
    """Return the rows as CSV."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["submission", "result", "points", "maximum", "broken", "first finding",
                     "equal to"])
    for row in rows:
        got = marks(row, points)
        writer.writerow(map(_cell, [
            row.name, row.state, f"{sum(mark.points for mark in got):g}",
            f"{sum(mark.most for mark in got):g}", " ".join(row.broken) if row.claims else
            "; ".join(row.broken), row.why, "; ".join(row.equal)]))
    # Names that are not valid text are escaped.
    return out.getvalue().encode(errors="backslashreplace").decode()


def gradescope(row: Row, points: Mapping[str, float]) -> str:
    """Return the results of a submission in the format of Gradescope."""
    got = marks(row, points)
    tests = [{"name": f"{mark.name} {mark.says}", "score": mark.points, "max_score": mark.most,
              "status": "passed" if mark.points else "failed", "output": mark.why}
             for mark in got]
    return json.dumps({"score": sum(mark.points for mark in got), "tests": tests,
                       "output": "\n".join(text_lines(row))}, indent=1) + "\n"


def places(rows: Sequence[Row]) -> Dict[str, str]:
    """Return the folder name of each submission in the results."""
    found: Dict[str, str] = {}
    taken: List[str] = []
    for row in rows:
        name = slug(row.name)
        while name.lower() in taken:
            name += "_"
        taken.append(name.lower())
        found[row.name] = name
    return found


def write_all(folder: Path, rows: Sequence[Row], points: Mapping[str, float]) -> None:
    """Write all results except the pages. Raises HarnessError."""
    write(folder / "grades.csv", grades(rows, points))
    for name, place in places(rows).items():
        row = next(row for row in rows if row.name == name)
        (folder / place).mkdir(exist_ok=True)
        write(folder / place / "verdict.txt", "\n".join(text_lines(row)) + "\n")
        write(folder / place / "gradescope.json", gradescope(row, points))
