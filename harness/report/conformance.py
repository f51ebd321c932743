"""Compares Wines: makes docs/conformance.md from the runs in docs/conformance/. Also makes
docs/claims.md, the text of each claim.

    python3 -m harness.report.conformance            update the pages
    python3 -m harness.report.conformance VERDICT    first add the run of a --verdict file
    python3 -m harness.report.conformance A B …      only print the table of these runs
"""
from __future__ import annotations

import json
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

from harness.driver.errors import HarnessError
from harness.driver.paths import ROOT
from harness.judge.claims import CLAIMS
from harness.judge.gaps import WINE
from harness.judge.verdict import reason
from harness.report import results

PAGE = ROOT / "docs" / "conformance.md"
SENTENCES = ROOT / "docs" / "claims.md"
RUNS = ROOT / "docs" / "conformance"
#: The format number of the files in docs/conformance/, which docs/verdict.md describes.
FORMAT = 1
#: The fields that a run copies from its verdict.
KEPT = ("platform", "commit", "date", "seconds", "programs", "environment", "verdict", "trouble",
        "claims", "gaps", "not_run")
INTRO = """# Conformance

Which of the [documented claims](claims.md) hold on which Wine: the newest run on each system,
with all four builds of the two programs. `make conformance` adds your own run, failures included.
[docs/conformance](conformance) has the runs, and [verdict.md](verdict.md) describes their files.
"""
ABOUT_CLAIMS = """# The claims

What Microsoft's page says of the two programs, in our own words, with the ids that verdicts,
reports and tests use. The [walkthrough](walkthrough.md) explains the calls, and
[conformance](conformance.md) says which claims hold on which Wine."""
LEGEND = """
✓ kept; ✗ broken; ≠ affected by a [platform gap](gaps.md), after ✓ only in part; ? not judged; – not
run. Claims that the previous run on that system kept and this one did not are marked **new** and
come first.
"""
NO_BREAK_HYPHEN = "\N{NON-BREAKING HYPHEN}"
Run = Dict[str, Any]


def run_of(verdict: results.Document) -> Run:
    """Reduce a verdict to a run: its claims, and the results and seconds of each test function.
    Raises HarnessError if it is not a full run on the project's own programs."""
    if verdict["subject"] or verdict["level"] != "calls":
        raise HarnessError("this verdict is on other programs than the project's, or on behaviour "
                           "alone; make conformance makes one on a platform")
    # A Wine on which nothing runs is a result, too.
    why = verdict["not_run"] or verdict["trouble"]
    left_out = [claim for claim, about in verdict["claims"].items()
                if about["verdict"] == "not run" and not why]
    if left_out or set(verdict["claims"]) != set(CLAIMS):
        raise HarnessError(f"this run left out {', '.join(left_out)}; make conformance runs all "
                           "of harness/claims")
    tests: Dict[str, Any] = {}
    for test in verdict["tests"]:
        row = tests.setdefault(test["name"].partition("[")[0], {"seconds": 0.0})
        row["seconds"] = round(row["seconds"] + test["seconds"], 2)
        row[test["outcome"]] = row.get(test["outcome"], 0) + 1
    failed = {test["name"]: test["why"] for test in verdict["tests"]
              if test["outcome"] in ("failed", "error")}
    return {"format": FORMAT, **{name: verdict[name] for name in KEPT}, "failed": failed,
            "tests": tests}


def load(file: Path) -> Run:
    """Load a run, or a verdict as a run. Raises HarnessError."""
    document = results.load(file, {"claims", "tests", "environment"})
    return run_of(document) if "level" in document else document


def all_runs() -> List[Tuple[str, Run]]:
    """Return the runs in docs/conformance/ with their file names, oldest first."""
    runs = [(file.name, load(file)) for file in RUNS.glob("*.json")]
    return sorted(runs, key=lambda each: str(each[1]["date"]))


def cell(run: Run, claim: str) -> str:
    """Return the table cell of a run for a claim, with the gaps that the run met."""
    about = run["claims"][claim]
    gaps = ", ".join(f"[{name.replace('-', NO_BREAK_HYPHEN)}](gaps.md#{name})"
                     for name, state in run["gaps"].items()
                     if state == "open" and name in WINE and claim in WINE[name].claims)
    sign = results.SIGNS[about["verdict"]]
    if about["verdict"] == "gap":
        return f"{sign} {gaps}"
    if about["verdict"] == "kept":
        return f"{sign} ≠ {gaps}" if gaps else sign
    return f"{sign} {about['verdict']}"


def table(runs: Sequence[Tuple[Run, Optional[Run]]]) -> Iterator[str]:
    """Yield the table of these runs, each with the one before it: new failures first."""
    heads = [f"{run['platform'].split(' ')[0]}<br>{run['environment']['system']}<br>"
             f"{run['date'][:10]}" for run, _ in runs]
    # The short name of a system, as in `Debian 12`.
    yield re.sub(r" GNU/Linux| \(.*?\)", "", f"| claim | {' | '.join(heads)} |")
    yield "|---|" + "---|" * len(runs)
    kept = [[{claim for claim, about in one["claims"].items() if about["verdict"] == "kept"}
             if one else set() for one in pair] for pair in runs]
    new = [before - now for now, before in kept]
    for claim in sorted(CLAIMS, key=lambda claim: claim not in set().union(*new)):
        cells = [cell(run, claim) + " **new**" * (claim in worse)
                 for (run, _), worse in zip(runs, new)]
        yield f"| {claim} {CLAIMS[claim]} | {' | '.join(cells)} |"


def details(file: str, run: Run) -> Iterator[str]:
    """Yield the platform and the problems of a column."""
    about = run["environment"]
    counts: "Counter[str]" = Counter()
    for row in run["tests"].values():
        counts.update({ending: number for ending, number in row.items() if ending != "seconds"})
    yield (f"- [{run['platform']}](conformance/{file}): commit {run['commit']}, "
           f"{run['seconds']:.0f} s on {about['cores']} × {about['processor']}; "
           + ", ".join(f"{counts[name]} {name}" for name in results.ENDINGS if counts[name]))
    for line in [*run["trouble"], *(f"{pair}: {why}" for pair, why in run["not_run"].items())]:
        yield "  - " + re.sub(r"harness/\S*/", "", line)[:110]
    for claim, verdict in run["claims"].items():
        if verdict["verdict"] in ("broken", "not judged"):
            yield f"  - {claim} {verdict['verdict']}: {reason(verdict)}"
    for gap, state in run["gaps"].items():
        if state == "closed":
            yield f"  - the gap {gap} is closed there"


def page(runs: Sequence[Tuple[str, Run]]) -> str:
    """Return the page: the newest run of each system."""
    newest: Dict[str, Tuple[str, Run, Optional[Run]]] = {}
    for name, run in runs:
        system = str(run["environment"]["system"])
        newest[system] = (name, run, newest[system][1] if system in newest else None)
    shown = [newest[system] for system in sorted(newest)]
    lines = [INTRO, *table([(run, before) for _, run, before in shown]), LEGEND]
    for name, run, _ in shown:
        lines += details(name, run)
    return "\n".join(lines) + "\n"


def sentences() -> str:
    """Return the page with the text of each claim."""
    lines = [ABOUT_CLAIMS]
    for letter, group in results.GROUPS.items():
        lines += [f"\n## {group}\n", *(f"- **{claim}** {says[0].upper()}{says[1:]}."
                                       for claim, says in CLAIMS.items() if claim[0] == letter)]
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str]) -> int:
    """Do what the arguments ask for. Return the exit code."""
    try:
        if len(arguments) > 1:
            loaded = [load(Path(file)) for file in arguments]
            print("\n".join(table(list(zip(loaded, [None, *loaded])))))
            return 0
        if arguments:
            run = load(Path(arguments[0]))
            slug = "-".join(re.findall(r"[a-z0-9_.]+", str(run["platform"]).lower()))
            file = RUNS / f"{run['date'].replace(':', '')}-{slug}.json"
            RUNS.mkdir(exist_ok=True)
            file.write_text(json.dumps(run, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
            print(f"Run: {file}")
        PAGE.write_text(page(all_runs()), encoding="utf-8")
        SENTENCES.write_text(sentences(), encoding="utf-8")
        print(f"Page: {PAGE}")
    except (HarnessError, OSError) as problem:
        print(f"conformance: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
