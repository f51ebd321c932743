"""Makes docs/conformance.md: each claim, what it says, which tests settle it, and what they said.

    python3 -m harness.report.conformance VERDICT   write it: that run (its --verdict) is its
                                                    platform's column, and the others stay
    python3 -m harness.report.conformance           say whether it has all claims and tests
"""
from __future__ import annotations

import contextlib
import io
import sys
from collections import Counter
from pathlib import Path
from typing import Dict, List

import pytest

from harness.driver.errors import HarnessError
from harness.driver.paths import ROOT
from harness.judge.checks import facts_of
from harness.judge.claims import CLAIMS, claim_of
from harness.report import results

PAGE = ROOT / "docs" / "conformance.md"
#: The part of the page that any change of claims or tests changes begins here.
TESTS = "## The claims and their tests\n"


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
        for claim in map(claim_of, facts_of(item)):
            if line not in tests[claim]:
                tests[claim].append(line)
    missing = [claim for claim, lines in tests.items() if not lines]
    if missing:
        raise HarnessError(f"no test settles {', '.join(missing)}")
    return tests


def columns_of(page: str) -> Dict[str, Dict[str, str]]:
    """The columns of the page's table of results: by the text at the top, each claim's cell."""
    rows = [line.strip("| ").split(" | ") for line in page.splitlines()
            if line.startswith(("| claim |", "| ["))]
    return {column[0]: dict(zip(CLAIMS, column[1:])) for column in list(zip(*rows))[1:]}


def column_of(document: results.Document) -> Dict[str, str]:
    """Each claim's cell for the run of that document: all tests, of whatever pair."""
    return {claim: results.cell(sum(row.values(), Counter()))
            for claim, row in results.counted(document).items()}


def results_part(columns: Dict[str, Dict[str, str]]) -> str:
    """The table of results, a row a claim and a column a platform."""
    lines = ["## Results", "",
             f"| claim | {' | '.join(columns)} |", "|---|" + "---|" * len(columns)]
    lines += [f"| [{claim}](#{claim.lower()}) | "
              + " | ".join(column.get(claim, "–") for column in columns.values()) + " |"
              for claim in CLAIMS]
    lines += ["", "`2/3, 1 gap`: of three tests two passed, and one failed as the ledger of what",
              "this platform does otherwise than documented says it must (harness/judge/gaps.py).",
              "Skipped tests need 32-bit programs, which not every kernel runs, or Windows.", ""]
    return "\n".join(lines)


def tests_part(tests: Dict[str, List[str]]) -> str:
    """The claims in our own words, with their tests."""
    lines = [TESTS]
    kind = ""
    for claim, text in CLAIMS.items():
        if claim[0] != kind:
            kind = claim[0]
            lines += [f"### {results.GROUPS[kind]}\n"]
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
        document = results.load(Path(sys.argv[1]))
        columns = columns_of(PAGE.read_text(encoding="utf-8") if PAGE.exists() else "")
        columns = {top: cells for top, cells in columns.items()
                   if top.rpartition(",")[0] != document["platform"]}
        columns[f"{document['platform']}, {document['date'][:10]}"] = column_of(document)
        page = "\n".join([
            "# Conformance\n",
            "What Microsoft's page promises, in our own words, which tests settle it,",
            "and what they said. Made by `make conformance` from the tests' markers and a run.\n",
            results_part(dict(sorted(columns.items()))), part])
    except (HarnessError, OSError) as problem:
        print(f"conformance: {problem}", file=sys.stderr)
        return 1
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
