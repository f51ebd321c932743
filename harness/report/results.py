"""A verdict document, which `--verdict` writes, as the rows of a report."""
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
#: What a document has at least.
KEYS = {"tests", "claims", "subject", "verdict"}
#: What the claims are about, by the first letter of their ids.
GROUPS = {"B": "Both programs", "W": "The writer, first_process", "R": "The reader, second_process",
          "O": "The object", "H": "What follows from them"}
#: The verdicts on a claim, with the sign that goes with each one's colour.
SIGNS = {"kept": "✓", "broken": "✗", "gap": "≠", "not judged": "?", "not run": "–"}
#: How a test can end, from the worst on, with the verdict whose colour it has. One that failed is
#: "blocked" for each of its claims that is not broken: another claim was in its way.
ENDINGS = {"failed": "broken", "error": "not judged", "gap": "gap", "passed": "kept",
           "blocked": "not judged", "skipped": "not run"}
#: The columns of tests about two halves that differ, and of those that are about no one pair.
MIXED, WHOLE = "mixed pairs", "other"


def load(file: Path, keys: AbstractSet[str] = KEYS) -> Document:
    """The document in that file, which has those keys. Raises HarnessError with the remedy."""
    try:
        document: Document = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as problem:
        raise HarnessError(f"no verdict can be read ({problem}); run make test or make check first")
    if not isinstance(document, dict) or not keys <= set(document) or not document["claims"]:
        raise HarnessError(f"{file} is no verdict of this version; run make test or make check")
    return document


def column(test: Dict[str, Any]) -> str:
    """The column of a test: its pair, or what stands for those that have none."""
    pair: str = test["pair"] or WHOLE
    return MIXED if "+" in pair else pair


def ending(document: Document, test: Dict[str, Any], claim: Optional[str]) -> str:
    """How a test ended, for one of its claims; or, without one, for itself."""
    failed = test["outcome"] == "failed"
    if failed and claim in test["held"]:
        return "passed"
    blocked = failed and claim and document["claims"][claim]["verdict"] != "broken"
    return "blocked" if blocked else str(test["outcome"])


def counted(document: Document) -> Dict[str, DefaultDict[str, Counts[str]]]:
    """For each claim and column, how many tests ended in which way."""
    results: Dict[str, DefaultDict[str, Counts[str]]] = {
        claim: defaultdict(Counter) for claim in CLAIMS}
    for test in document["tests"]:
        for claim in set(test["claims"]):
            results[claim][column(test)][ending(document, test, claim)] += 1
    return results


def columns(document: Document) -> List[str]:
    """All columns, the pairs first."""
    return sorted({column(test) for test in document["tests"] if test["claims"]},
                  key=lambda name: (name == WHOLE, name == MIXED, name))


def worst(counts: Counts[str]) -> str:
    """The verdict whose colour a number of tests has."""
    return next((ENDINGS[ending] for ending in ENDINGS if counts[ending]), "")


def cell(counts: Counts[str]) -> str:
    """`3/3`, or `2/4, 1 gap, 1 failed`; a dash where there is no test."""
    if not counts:
        return "–"
    others = [f"{counts[name]} {name}" for name in ENDINGS if name != "passed" and counts[name]]
    return ", ".join([f"{counts['passed']}/{sum(counts.values())}", *others])


def fraction(counts: Counts[str]) -> str:
    """`3/4` of the tests that say something about the claim; the sign of a gap or a dash where
    there are none of these, and a dot where there are none at all."""
    told = counts["passed"] + counts["failed"] + counts["error"]
    return (f"{counts['passed']}/{told}" if told else SIGNS["gap"] if counts["gap"] else
            "–" if counts else "·")


class Tests(NamedTuple):
    """A test function with all of its parameters: where it is, what it tells, how many of its tests
    ended in which way, their seconds together, and what those said that did not pass."""

    file: str
    name: str
    tells: str
    counts: Counts[str]
    seconds: float
    said: List[Tuple[str, str]]


def tests_of(document: Document, claim: Optional[str]) -> List[Tests]:
    """The tests of a claim, or of no claim (None), a function a row; those that failed first."""
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
    """The claims whose verdict is another one than in the document `before`, by then and now."""
    found: Dict[Tuple[str, str], List[str]] = {}
    for claim, then in before["claims"].items():
        now = document["claims"].get(claim, then)
        if now["verdict"] != then["verdict"]:
            found.setdefault((then["verdict"], now["verdict"]), []).append(claim)
    return found


def programs(document: Document) -> str:
    """Which programs a run was about, by the names of their files."""
    return ", ".join(re.split(r"[\\/]", file["file"])[-1] for file in document["subject"].values()
                     ) or "the project's own programs"


def builds(document: Document) -> Dict[Tuple[str, str], List[Dict[str, str]]]:
    """The files that were checked, by what they were built for: those that were handed in, or else
    the project's own."""
    found: Dict[Tuple[str, str], List[Dict[str, str]]] = {}
    for file in document["files"]:
        if not document["subject"] or file["program"] in document["subject"]:
            found.setdefault((file["arch"], file["charset"]), []).append(file)
    return found
