"""A verdict as Markdown, for the summary of a CI job: python3 -m harness.report.summary FILE"""
from __future__ import annotations

import json
import sys
from collections import Counter
from typing import Any, Dict, List

from harness.judge.claims import CLAIMS

WORDS = {"kept": "Every claim that was checked is kept.", "broken": "A claim is broken.",
         "none": "There is no verdict: the harness or the platform failed."}


def cell(text: str) -> str:
    """Text that keeps to its cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")


def summary(verdict: Dict[str, Any]) -> List[str]:
    """The lines: the verdict, how many claims got which, and each that is not kept with why."""
    claims = verdict["claims"]
    counts = Counter(claim["verdict"] for claim in claims.values())
    lines = [f"**{WORDS[verdict['verdict']]}** "
             + ", ".join(f"{count} {word}" for word, count in counts.most_common()),
             *(f"- {cell(str(trouble))}" for trouble in verdict.get("trouble", []))]
    rest = {name: claim for name, claim in claims.items() if claim["verdict"] != "kept"}
    if rest:
        lines += ["", "| claim | verdict | why |", "|---|---|---|"]
    for name, claim in rest.items():
        found = [f"{finding['what']}: expected {finding['expected']}, seen {finding['seen']}"
                 for finding in claim.get("findings", [])]
        because = claim.get("because")
        why = found or [f"{', '.join(because)} is broken" if because else
                        claim.get("gap") or claim.get("why") or ""]
        lines.append(f"| {name}: {cell(CLAIMS[name])} | {claim['verdict']} "
                     f"| {cell('; '.join(map(str, why)))} |")
    return lines


def main(arguments: List[str]) -> int:
    """Print the summary of the verdict in that file."""
    if len(arguments) != 1:
        print("summary: name the file that --verdict has written", file=sys.stderr)
        return 2
    try:
        with open(arguments[0], encoding="utf-8") as file:
            verdict = json.load(file)
    except (OSError, ValueError) as problem:
        print(f"**There is no verdict:** {problem}")
        return 0
    print("\n".join(summary(verdict)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
