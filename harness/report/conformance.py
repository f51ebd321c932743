"""Makes docs/conformance.md: each claim, what it says, which tests settle it, and what they said.

    conformance.py REPORT    write the page, with the results of that run (pytest's --junitxml)
    conformance.py           tell whether the page still has the claims and tests that there are
"""
from __future__ import annotations

import contextlib
import io
import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter, defaultdict
from pathlib import Path
from typing import Counter as Counts
from typing import DefaultDict, Dict, List

import pytest

from harness.driver.errors import HarnessError
from harness.driver.hosts import platform_name
from harness.driver.paths import ROOT
from harness.judge.claims import CLAIMS

PAGE = ROOT / "docs" / "conformance.md"
KINDS = {"B": "Both programs", "W": "The writer, first_process", "R": "The reader, second_process",
         "O": "The object", "H": "What follows from them"}
#: The part of the page that any change of claims or tests changes begins here.
TESTS = "## The claims and their tests\n"
#: The column of what is judged once, not for each pair: the files, mixed pairs, other processes.
WHOLE = "other"

Results = Dict[str, DefaultDict[str, Counts[str]]]  #: Claim, pair, outcome.


class Collection:
    """A pytest plugin that keeps what was collected."""

    items: List[pytest.Item] = []

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Called once, when it is known what would be run."""
        self.items = session.items


def tests_of_claims() -> Dict[str, List[str]]:
    """For each claim a line of Markdown a test function that carries it: its name, linked, and
    the first sentence of its docstring. Raises HarnessError where a claim has no test."""
    collection = Collection()
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        code = pytest.main([str(ROOT / "harness"), "--collect-only", "-q"], plugins=[collection])
    if code:
        raise HarnessError(f"the tests cannot be collected:\n{told.getvalue()[-2000:]}")
    tests: Dict[str, List[str]] = {claim: [] for claim in CLAIMS}
    for item in collection.items:
        assert isinstance(item, pytest.Function)
        sentence = " ".join((item.function.__doc__ or "").split()).split(". ")[0].rstrip(".")
        name = f"{item.path.stem}: {item.originalname}"
        line = f"- [{name}](../{item.path.relative_to(ROOT)}): {sentence}."
        for marker in item.iter_markers("claims"):
            for claim in marker.args:
                if line not in tests[claim]:
                    tests[claim].append(line)
    missing = [claim for claim, lines in tests.items() if not lines]
    if missing:
        raise HarnessError(f"no test settles {', '.join(missing)}")
    return tests


def results_of_claims(report: Path) -> Results:
    """What each test of a run said, counted for each claim and pair."""
    results: Results = {claim: defaultdict(Counter) for claim in CLAIMS}
    for case in ElementTree.parse(report).iter("testcase"):
        properties = [(entry.get("name"), entry.get("value", ""))
                      for entry in case.iter("property")]
        pair = dict(properties).get("pair", WHOLE)
        skipped = case.find("skipped")
        outcome = "passed"
        if case.find("failure") is not None or case.find("error") is not None:
            outcome = "failed"
        elif skipped is not None:
            outcome = "gap" if skipped.get("type") == "pytest.xfail" else "skipped"
        for claim in {value for name, value in properties if name == "claim"}:
            results[claim][pair][outcome] += 1
    return results


def cell(counts: Counts[str]) -> str:
    """`3/3`, or `2/4, 1 gap, 1 failed`; a dash where no test was run."""
    if not counts:
        return "–"
    others = [f"{counts[name]} {name}" for name in ("failed", "gap", "skipped") if counts[name]]
    return ", ".join([f"{counts['passed']}/{sum(counts.values())}", *others])


def results_part(report: Path) -> str:
    """The table of a run's results, a row a claim and a column a pair."""
    results = results_of_claims(report)
    day = next(ElementTree.parse(report).iter("testsuite")).get("timestamp", "")[:10]
    pairs = sorted({pair for row in results.values() for pair in row}, key=lambda pair:
                   (pair == WHOLE, "+" in pair, pair))
    lines = ["## Results", "", f"On {platform_name()}, {day}:", "",
             f"| claim | {' | '.join(pairs)} |", "|---|" + "---|" * len(pairs)]
    lines += [f"| [{claim}](#{claim.lower()}) | "
              + " | ".join(cell(row[pair]) for pair in pairs) + " |"
              for claim, row in results.items()]
    lines += ["", "`2/3, 1 gap`: of three tests two passed, and one failed as the ledger of what",
              "this platform does otherwise than documented says it must (harness/judge/gaps.py).",
              f"The column «{WHOLE}» has what is not about one pair: the .exe files, mixed pairs,",
              "and what other processes may do.", ""]
    return "\n".join(lines)


def tests_part(tests: Dict[str, List[str]]) -> str:
    """The claims in the project's own words, with their tests."""
    lines = [TESTS]
    kind = ""
    for claim, text in CLAIMS.items():
        if claim[0] != kind:
            kind = claim[0]
            lines += [f"### {KINDS[kind]}\n"]
        lines += [f"#### {claim}\n", f"{text[0].upper()}{text[1:]}.\n", *tests[claim], ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def main() -> int:
    """Write or check the page; the exit code."""
    try:
        part = tests_part(tests_of_claims())
        if len(sys.argv) == 1:
            known = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
            if known.partition(TESTS)[2] != part.partition(TESTS)[2]:
                raise HarnessError("docs/conformance.md is stale; run make conformance")
            return 0
        page = "\n".join([
            "# Conformance\n",
            "What Microsoft's page promises, in the project's own words, which tests settle it,",
            "and what they said. Made by `make conformance` from the tests' markers and a run.\n",
            results_part(Path(sys.argv[1])), part])
    except (HarnessError, OSError, ElementTree.ParseError) as problem:
        print(f"conformance: {problem}", file=sys.stderr)
        return 1
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
