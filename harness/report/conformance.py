"""Results over many Wines and over time: docs/conformance.md, made from the runs in
docs/conformance/; and docs/claims.md, what each claim says.

    python3 -m harness.report.conformance            write the pages again
    python3 -m harness.report.conformance VERDICT    add that run (its --verdict) first
    python3 -m harness.report.conformance A B …      print the table of these runs instead
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
#: The number of what is in docs/conformance/, which docs/verdict.md describes.
FORMAT = 1
#: What a run keeps of its verdict as it is.
KEPT = ("platform", "commit", "date", "seconds", "programs", "environment", "verdict", "trouble",
        "claims", "gaps", "not_run")
#: The claims in so few words that a row is a line.
WORDS = {
    "B1": "console program, Windows DLLs only", "B2": "ANSI and Unicode from one source",
    "B3": "256 bytes, name in Global\\\\", "B4": "failure: one line and exit code 1",
    "W1": "CreateFileMapping, its arguments", "W2": "no object: the line, exit code 1",
    "W3": "MapViewOfFile, its arguments", "W4": "no view: the line, handle closed",
    "W5": "27 characters, no terminator", "W6": "\\_getch waits for any one key",
    "W7": "unmaps, closes, 0", "W8": "writes over an existing object",
    "R1": "OpenFileMapping, its arguments", "R2": "no object: the line, exit code 1",
    "R3": "MapViewOfFile, its arguments", "R4": "no view: the line, handle closed",
    "R5": "MessageBox with the shared text", "R6": "unmaps, closes, 0", "R7": "links user32",
    "O1": "Global\\\\ is shared, apart from Local\\\\", "O2": "creating it needs a privilege",
    "O3": "exists as long as any handle", "O4": "begins as zero", "O5": "all views are one memory",
    "O6": "one name space for all kinds: 6", "O7": "names are case-sensitive",
    "H1": "an older, longer text shows", "H2": "mixed character sets: wrong text",
    "H3": "text past byte 256 shows", "H4": "reader too early or too late: 2",
    "H5": "the name taken first: 6 or 5"}
INTRO = """# Conformance

Which of the [documented claims](claims.md) hold on which Wine: the newest run on each system,
with all four builds of the two programs. `make conformance` adds a run of yours, failures included;
the runs are in [docs/conformance](conformance), and [verdict.md](verdict.md) describes their files.
"""
ABOUT_CLAIMS = """# The claims

What Microsoft's page says of the two programs, in our own words, with the ids that verdicts,
reports and tests use. The [walkthrough](walkthrough.md) explains the calls, and
[conformance](conformance.md) says which claims hold on which Wine."""
LEGEND = """
✓ kept; ✗ broken; ≠ a [gap of the platform](gaps.md) decides it, or, after ✓, a part of it; ? not
judged; – not run. What was kept in the run before on that system and is not any more is **new**,
and comes first.
"""
NO_BREAK_HYPHEN = "\N{NON-BREAKING HYPHEN}"
Run = Dict[str, Any]


def run_of(verdict: results.Document) -> Run:
    """What is kept of a verdict: its claims, and each test function with how often it ended in
    which way and its seconds. Raises HarnessError where it is no run of a platform."""
    if verdict["subject"] or verdict["level"] != "calls":
        raise HarnessError("this verdict is on somebody's own programs, or by behaviour alone; "
                           "make conformance makes one on a platform")
    # A Wine that can run nothing is a result, too.
    why = verdict["not_run"] or verdict["trouble"]
    left_out = [claim for claim, about in verdict["claims"].items()
                if about["verdict"] == "not run" and not why]
    if left_out or set(verdict["claims"]) != set(CLAIMS):
        raise HarnessError(f"this run has left out {', '.join(left_out)}; make conformance runs "
                           "all of harness/claims")
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
    """A run, or what is kept of a verdict. Raises HarnessError."""
    document = results.load(file, {"claims", "tests", "environment"})
    return run_of(document) if "level" in document else document


def all_runs() -> List[Tuple[str, Run]]:
    """The runs in docs/conformance/ with their names, the oldest first."""
    runs = [(file.name, load(file)) for file in RUNS.glob("*.json")]
    return sorted(runs, key=lambda each: str(each[1]["date"]))


def add(run: Run) -> Path:
    """Write a run into docs/conformance/, under a name of its own."""
    slug = "-".join(re.findall(r"[a-z0-9_.]+", str(run["platform"]).lower()))
    file = RUNS / f"{run['date'].replace(':', '')}-{slug}.json"
    RUNS.mkdir(exist_ok=True)
    file.write_text(json.dumps(run, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return file


def cell(run: Run, claim: str) -> str:
    """What a run says of a claim, in a few words, with the gaps that it has met."""
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


def short(system: str) -> str:
    """The name of a system without what everybody knows, as in `Debian 12`."""
    return re.sub(r" GNU/Linux| \(.*\)", "", system)


def is_worse(run: Run, before: Optional[Run], claim: str) -> bool:
    """Whether a claim was kept in the run before, and is not any more."""
    return bool(before and before["claims"][claim]["verdict"] == "kept"
                and run["claims"][claim]["verdict"] != "kept")


def table(runs: Sequence[Tuple[Run, Optional[Run]]]) -> Iterator[str]:
    """The table of these runs, each with the one before it: new failures first."""
    heads = ["<br>".join((run["platform"].split(" ")[0], short(run["environment"]["system"]),
                          run["date"][:10])) for run, _ in runs]
    yield f"| claim | {' | '.join(heads)} |"
    yield "|---|" + "---|" * len(runs)
    new = {claim for claim in CLAIMS for run, before in runs if is_worse(run, before, claim)}
    for claim in sorted(CLAIMS, key=lambda claim: claim not in new):
        cells = [cell(run, claim) + (" **new**" if is_worse(run, before, claim) else "")
                 for run, before in runs]
        yield f"| {claim} {WORDS[claim]} | {' | '.join(cells)} |"


def details(file: str, run: Run) -> Iterator[str]:
    """What a column is of, and what went wrong in it."""
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
    """The page of all runs: the newest of each system."""
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
    """The page of what each claim says."""
    lines = [ABOUT_CLAIMS]
    for claim, says in CLAIMS.items():
        if results.GROUPS[claim[0]] not in "".join(lines):
            lines += [f"\n## {results.GROUPS[claim[0]]}\n"]
        lines += [f"- **{claim}** {says[0].upper()}{says[1:]}."]
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str]) -> int:
    """Do what the words ask for; the exit code."""
    try:
        if len(arguments) > 1:
            loaded = [load(Path(file)) for file in arguments]
            print("\n".join(table(list(zip(loaded, [None, *loaded])))))
            return 0
        if arguments:
            print(f"Run: {add(load(Path(arguments[0])))}")
        PAGE.write_text(page(all_runs()), encoding="utf-8")
        SENTENCES.write_text(sentences(), encoding="utf-8")
        print(f"Page: {PAGE}")
    except (HarnessError, OSError) as problem:
        print(f"conformance: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
