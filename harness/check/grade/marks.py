"""What a submission gets: its row, its points, and the text that can be sent to its author."""
from __future__ import annotations

import csv
import re
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence

from harness.driver.contract import Words
from harness.driver.errors import HarnessError
from harness.judge.claims import CLAIMS, sentence
from harness.judge.gaps import HERE
from harness.judge.results import Seen
from harness.judge.screen import verdict_lines
from harness.judge.subject import Subject
from harness.judge.verdict import NOT_CHECKED, Claim, Verdict, reason
from harness.judge.words import clean

#: How a submission can come out, from the best on.
STATES = ("right", "wrong", "does not compile", "no program", "no verdict", "too slow")
#: What the points of a task are for.
WHOLE = "right"


@dataclass
class Row:
    """A submission: `programs` has the names of its files by role, `document` the verdict of the
    check, `lines` what else there is to say, `equal` what its files are equal to, and `sum` shows
    whether it has changed."""

    name: str
    state: str
    programs: Dict[str, str] = field(default_factory=dict)
    document: Dict[str, Any] = field(default_factory=dict)
    lines: List[str] = field(default_factory=list)
    equal: List[str] = field(default_factory=list)
    seconds: float = 0.0
    sum: str = ""

    def data(self) -> Dict[str, Any]:
        """As plain data."""
        return asdict(self)

    @property
    def claims(self) -> Dict[str, Dict[str, Any]]:
        """The verdict on each claim; empty for a task."""
        claims: Dict[str, Dict[str, Any]] = self.document.get("claims", {})
        return claims

    @property
    def broken(self) -> List[str]:
        """The claims that are broken, or what a task found wrong."""
        if self.claims:
            return [name for name, claim in self.claims.items() if claim["verdict"] == "broken"]
        return [str(finding["what"]) for finding in self.document.get("findings", [])]

    @property
    def trouble(self) -> List[str]:
        """What was wrong with the harness, or with what runs in it."""
        trouble = self.document.get("trouble", [])
        return [trouble] if isinstance(trouble, str) else list(trouble)

    @property
    def why(self) -> str:
        """The first thing that is wrong, in a line."""
        if self.claims and self.broken:
            return f"{self.broken[0]}: {reason(self.claims[self.broken[0]])}"
        if self.broken and self.state == "does not compile":
            return str(self.document["findings"][0]["seen"])
        if self.broken:
            return reason(self.document)
        if self.trouble:
            return self.trouble[0]
        if self.state == "right" or not self.lines:
            return ""
        # What the compiler says follows a heading.
        return self.lines[self.state == "does not compile" and len(self.lines) > 1].lstrip(" |")


class Mark(NamedTuple):
    """The points for one thing: its id, what it says, what it got and could get, and why not."""

    name: str
    says: str
    points: float
    most: float
    why: str


def read_points(file: Optional[Path], task: str) -> Dict[str, float]:
    """The teacher's points: a line `W5,2` for each claim, or `right,10` for a task; without a file
    one for each. Raises HarnessError with cause and remedy."""
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
    """Those of the points that somebody can get: not for a claim that the platform cannot keep, or
    that is not checked on programs that are handed in."""
    never = {gap.decides for gap in HERE.values()}
    never |= {name for row in rows for name, claim in row.claims.items()
              if claim.get("why") == NOT_CHECKED}
    return {name: most for name, most in points.items() if most and name not in never}


def marks(row: Row, points: Mapping[str, float]) -> List[Mark]:
    """What the submission gets of these points."""
    found = []
    for name, most in points.items():
        claim = row.claims.get(name, {})
        got = claim.get("verdict") == "kept" if name in CLAIMS else row.state == WHOLE
        found.append(Mark(name, sentence(name, words(row)) if name in CLAIMS else
                          "the task is solved", most * got, most,
                          "" if got else reason(claim) or row.why or row.state))
    return found


def words(row: Row) -> Words:
    """The words that the programs were to use."""
    return Words(**row.document.get("words", {}))


def verdict_of(document: Mapping[str, Any]) -> Verdict:
    """The verdict on a pair, as it was before it was written."""
    claims = {}
    for name, data in document["claims"].items():
        findings = {Seen(one["fact"], one["program"], False, one["what"], one["expected"],
                         one["seen"], one["where"], one["source"]): one["times"]
                    for one in data.get("findings", [])}
        claims[name] = Claim(data["verdict"], findings, data.get("because", []),
                             data.get("gap") or data.get("why", ""))
    return Verdict(claims, document["trouble"])


def text_lines(row: Row) -> Iterator[str]:
    """The verdict as text that can be sent to the author: no path of this machine is in it, and
    nothing of others."""
    yield f"{clean(row.name)}: {row.state}"
    for role, name in row.programs.items():
        yield f"{role}: {clean(name)}"
    if row.claims:
        yield from verdict_lines(verdict_of(row.document), Subject([], words(row)),
                                 row.document["level"])
        return
    yield ""
    yield from row.lines


def slug(name: str) -> str:
    """A name for a file of the results."""
    return re.sub(r"[^\w.-]+", "_", clean(name)).lstrip(".") or "_"
