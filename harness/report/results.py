"""The last run, read from the JUnit file that `make test` leaves."""
from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Tuple

from harness.judge.claims import CLAIMS

#: Outcomes from the worst on: the word and the sign that go with each one's colour.
OUTCOMES = {"failed": ("fails", "✗"), "error": ("harness error", "!"), "gap": ("gap", "≠"),
            "passed": ("holds", "✓"), "skipped": ("not run", "–")}
#: The column of tests that are not about one pair.
NO_PAIR = "no one pair"
#: One column for all whose halves differ: there are twelve, and the test's name says which.
MIXED = "mixed pairs"


def _column(pair: str) -> str:
    return MIXED if "+" in pair else pair


#: What a harness that failed raises; a failure of that kind says nothing about a program.
TROUBLE = ("harness.driver.errors.HarnessError", "harness.driver.errors.HostLost")


@dataclass(frozen=True)
class Case:
    """One test: where it is, what it tells, what it is about, how it ended and what it said."""

    module: str
    name: str
    tells: str
    pair: str
    claims: Tuple[str, ...]
    outcome: str
    text: str

    @property
    def file(self) -> str:
        """The test's file, seen from the project's folder."""
        return self.module.replace(".", "/") + ".py"


@dataclass(frozen=True)
class Cell:
    """A claim on a pair, or all claims: how many tests of those that were run passed."""

    cases: Tuple[Case, ...]

    def count(self, outcome: str) -> int:
        """How many tests ended so."""
        return sum(case.outcome == outcome for case in self.cases)

    @property
    def outcome(self) -> str:
        """The worst outcome, or «skipped» where nothing was run."""
        return next((name for name in OUTCOMES if self.count(name)), "skipped")

    @property
    def fraction(self) -> str:
        """Passed tests of all that were run."""
        return f"{self.count('passed')}/{len(self.cases) - self.count('skipped')}"


@dataclass(frozen=True)
class Run:
    """A whole run: its date, its surroundings as name and value, and its tests."""

    date: str
    surroundings: Tuple[Tuple[str, str], ...]
    cases: Tuple[Case, ...]

    @property
    def pairs(self) -> List[str]:
        """The pairs that were judged, then MIXED, and NO_PAIR last."""
        return sorted({case.pair for case in self.cases},
                      key=lambda pair: (pair == NO_PAIR, pair == MIXED, pair))

    def cell(self, claim: str, pair: str) -> Cell:
        """The tests of a claim on a pair; with "" for either, of all."""
        return Cell(tuple(case for case in self.cases
                          if (not claim or claim in case.claims)
                          and (not pair or case.pair == pair)))

    def grid(self) -> Dict[str, List[Tuple[str, Cell]]]:
        """Each claim, with a cell for each pair."""
        return {claim: [(pair, self.cell(claim, pair)) for pair in self.pairs]
                for claim in CLAIMS}

    def claims(self, outcome: str) -> List[str]:
        """The claims whose worst outcome is that one."""
        return [claim for claim in CLAIMS if self.cell(claim, "").outcome == outcome]


def _ending(element: ElementTree.Element) -> Tuple[str, str]:
    """How a test ended, and what it said."""
    texts = []
    outcome = "passed"
    for child in element:
        said = (child.text or "").strip()
        if child.tag in ("failure", "error"):
            broken = child.tag == "error" or any(trouble in said for trouble in TROUBLE)
            outcome = "error" if broken else "failed"
        elif child.tag == "skipped":
            outcome = "gap" if child.get("type") == "pytest.xfail" else "skipped"
            said = child.get("message") or said
        elif child.tag == "properties":
            continue
        texts.append(said)
    return outcome, "\n".join(text for text in texts if text)


def _case(element: ElementTree.Element) -> Case:
    properties = [(item.get("name", ""), item.get("value", ""))
                  for item in element.iter("property")]
    named = dict(properties)
    outcome, text = _ending(element)
    return Case(element.get("classname", ""), element.get("name", ""), named.get("tells", ""),
                _column(named.get("pair", NO_PAIR)),
                tuple(value for name, value in properties if name == "claim"), outcome, text)


def read_run(file: Path) -> Run:
    """The run of a JUnit file. Raises OSError, or ElementTree.ParseError."""
    suite = next(ElementTree.parse(file).getroot().iter("testsuite"))
    surroundings = tuple((item.get("name", ""), item.get("value", ""))
                         for item in suite.findall("properties/property"))
    return Run(suite.get("timestamp", "")[:19].replace("T", " "), surroundings,
               tuple(_case(case) for case in suite.iter("testcase")))
