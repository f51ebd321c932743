"""Prints a verdict as Markdown, for a CI job summary: python3 -m harness.report.summary FILE"""
from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import List

from harness.driver.errors import HarnessError
from harness.judge.claims import CLAIMS
from harness.judge.verdict import reason
from harness.report.results import Document, load

WORDS = {"kept": "Every claim that was checked is kept.", "broken": "A claim is broken.",
         "none": "There is no verdict."}


def cell(text: str) -> str:
    """Escape text for a cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")


def summary(verdict: Document) -> List[str]:
    """Return the lines: the verdict, the count of each verdict, and why each claim is not kept."""
    claims = verdict["claims"]
    counts = Counter(claim["verdict"] for claim in claims.values())
    lines = [f"**{WORDS[verdict['verdict']]}** "
             + ", ".join(f"{count} {word}" for word, count in counts.most_common()),
             *(f"- {cell(str(trouble))}" for trouble in verdict.get("trouble", [])),
             *(f"- {pair}: {cell(why)}" for pair, why in verdict.get("not_run", {}).items()),
             *(f"- platform gap {gap}: {state}" for gap, state in verdict.get("gaps", {}).items())]
    rest = {name: claim for name, claim in claims.items() if claim["verdict"] != "kept"}
    if rest:
        lines += ["", "| claim | verdict | why |", "|---|---|---|"]
    for name, claim in rest.items():
        lines.append(f"| {name}: {cell(CLAIMS[name])} | {claim['verdict']} "
                     f"| {cell(reason(claim))} |")
    return lines


def main(arguments: List[str]) -> int:
    """Print the summary of the verdict in that file."""
    if len(arguments) != 1:
        print("summary: name the file that --verdict wrote", file=sys.stderr)
        return 2
    try:
        print("\n".join(summary(load(Path(arguments[0])))))
    except HarnessError as problem:
        print(f"**There is no verdict:** {problem}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
