"""Reads a verdict document, which `--verdict` writes, and derives the rows of a report."""
from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import (AbstractSet, Any, Counter as Counts, DefaultDict, Dict, List, NamedTuple,
                    Optional, Tuple)

from harness.driver.errors import HarnessError
from harness.judge.claims import CLAIMS

Document = Dict[str, Any]
#: The keys that every document has.
KEYS = {"tests", "claims", "subject", "verdict"}
#: The groups of claims, by the first letter of their ids.
GROUPS = {"B": "Both programs", "W": "The writer, first_process", "R": "The reader, second_process",
          "O": "The object", "H": "What follows from them"}
#: The verdicts on a claim, with the sign that accompanies each one's colour.
SIGNS = {"kept": "✓", "broken": "✗", "gap": "≠", "not judged": "?", "not run": "–"}
#: The outcomes of a test, worst first, with the verdict whose colour each has. A failed test is
#: "blocked" for each of its claims that is not broken: another claim stopped it.
ENDINGS = {"failed": "broken", "error": "not judged", "gap": "gap", "passed": "kept",
           "blocked": "not judged", "skipped": "not run"}
#: The columns of tests that mix two builds, and of tests that belong to no pair.
MIXED, WHOLE = "mixed pairs", "other"


def load(file: Path, keys: AbstractSet[str] = KEYS) -> Document:
    """Load a document and check that it has these keys. Raises HarnessError with the remedy."""
    try:
        document: Document = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as problem:
        raise HarnessError(f"cannot read a verdict ({problem}); run make test or make check first")
    if not isinstance(document, dict) or not keys <= set(document) or not document["claims"]:
        raise HarnessError(f"{file} is not a verdict of this version; run make test or make check")
    return document


def column(test: Dict[str, Any]) -> str:
    """Return the column of a test: its pair, MIXED or WHOLE."""
    pair: str = test["pair"] or WHOLE
    return MIXED if "+" in pair else pair


def ending(document: Document, test: Dict[str, Any], claim: Optional[str]) -> str:
    """Return the outcome of a test for one of its claims, or without a claim."""
    failed = test["outcome"] == "failed"
    if failed and claim in test["held"]:
        return "passed"
    blocked = failed and claim and document["claims"][claim]["verdict"] != "broken"
    return "blocked" if blocked else str(test["outcome"])


def counted(document: Document) -> Dict[str, DefaultDict[str, Counts[str]]]:
    """Count the tests of each outcome for each claim and column."""
    results: Dict[str, DefaultDict[str, Counts[str]]] = {
        claim: defaultdict(Counter) for claim in CLAIMS}
    for test in document["tests"]:
        for claim in set(test["claims"]):
            results[claim][column(test)][ending(document, test, claim)] += 1
    return results


def columns(document: Document) -> List[str]:
    """Return all columns, pairs first."""
    return sorted({column(test) for test in document["tests"] if test["claims"]},
                  key=lambda name: (name == WHOLE, name == MIXED, name))


def worst(counts: Counts[str]) -> str:
    """Return the verdict whose colour these tests have: that of the worst outcome."""
    return next((ENDINGS[ending] for ending in ENDINGS if counts[ending]), "")


def cell(counts: Counts[str]) -> str:
    """Return `3/3`, or `2/4, 1 gap, 1 failed`, or a dash if there are no tests."""
    if not counts:
        return "–"
    others = [f"{counts[name]} {name}" for name in ENDINGS if name != "passed" and counts[name]]
    return ", ".join([f"{counts['passed']}/{sum(counts.values())}", *others])


def fraction(counts: Counts[str]) -> str:
    """Return `3/4`, counting tests that decide the claim; if there are none, the sign of a gap or a
    dash, or a dot if there are no tests at all."""
    decisive = counts["passed"] + counts["failed"] + counts["error"]
    return (f"{counts['passed']}/{decisive}" if decisive else SIGNS["gap"] if counts["gap"] else
            "–" if counts else "·")


class Tests(NamedTuple):
    """A test function with all its parameters: file, name, description, the number of tests of each
    outcome, their total seconds, and the messages of tests that did not pass."""

    file: str
    name: str
    tells: str
    counts: Counts[str]
    seconds: float
    said: List[Tuple[str, str]]


def tests_of(document: Document, claim: Optional[str]) -> List[Tests]:
    """Return a row for each test function of a claim, or of no claim (None), failures first."""
    rows: Dict[str, Tests] = {}
    for test in document["tests"]:
        if claim in test["claims"] or claim is None and not test["claims"]:
            function, _, case = test["name"].partition("[")
            file, _, name = function.partition("::")
            row = rows.setdefault(function, Tests(file, name, test["tells"], Counter(), 0.0, []))
            row.counts[ending(document, test, claim)] += 1
            rows[function] = row._replace(seconds=row.seconds + test["seconds"])
            if test["outcome"] in ("failed", "error"):
                row.said.append((f"[{case}" if case else "", test["why"]))
            elif test["why"] and ("", test["why"]) not in row.said:
                row.said.append(("", test["why"]))
    return sorted(rows.values(), key=lambda row: (
        list(ENDINGS.values()).index(worst(row.counts)), row.file, row.name))


def changes(document: Document, before: Document) -> Dict[Tuple[str, str], List[str]]:
    """Return the claims whose verdict differs from that in `before`, by old and new verdict."""
    found: Dict[Tuple[str, str], List[str]] = {}
    for claim, then in before["claims"].items():
        now = document["claims"].get(claim, then)
        if now["verdict"] != then["verdict"]:
            found.setdefault((then["verdict"], now["verdict"]), []).append(claim)
    return found


def programs(document: Document) -> str:
    """Return the file names of the checked programs."""
    return ", ".join(re.split(r"[\\/]", file["file"])[-1] for file in document["subject"].values()
                     ) or "the project's own programs"


def builds(document: Document) -> Dict[Tuple[str, str], List[Dict[str, str]]]:
    """Return the checked files by architecture and character set: the submitted ones, or else the
    project's own."""
    found: Dict[Tuple[str, str], List[Dict[str, str]]] = {}
    for file in document["files"]:
        if not document["subject"] or file["program"] in document["subject"]:
            found.setdefault((file["arch"], file["charset"]), []).append(file)
    return found
