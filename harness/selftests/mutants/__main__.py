"""`make mutants`: builds every variant, has the suite judge it, and prints a table."""
from __future__ import annotations

import argparse
import itertools
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import List, Tuple

from harness.selftests.mutants.tables import FAITHFUL, FAULTS
from harness.selftests.mutants.variant import CHARSETS, Stale, Variant
from harness.selftests.mutants.verdict import Verdict, judge

Row = Tuple[Variant, str]  #: A variant and the charset that it is built for.


@dataclass(frozen=True)
class Outcome:
    """A line of the table; `ok` is whether the suite did as it should."""

    ok: bool
    name: str
    charset: str
    level: str
    told: str
    seconds: float

    def __str__(self) -> str:
        return (f"{'ok ' if self.ok else 'NO '} {self.name:<44} {self.charset:<8} "
                f"{self.level:<10} {self.seconds:5.1f} s  {self.told}")


def outcome(variant: Variant, charset: str) -> Outcome:
    """Build one variant and judge it at the first level that can tell."""
    start = time.monotonic()

    def said(ok: bool, level: str, told: str) -> Outcome:
        return Outcome(ok, variant.name, charset, level, told, time.monotonic() - start)

    def trouble(level: str, verdict: Verdict) -> Outcome:
        return said(False, level, f"trouble of the harness: {'; '.join(verdict.trouble)}")

    try:
        programs = variant.build(charset)
    except Stale as problem:
        return said(False, "-", str(problem))
    if not variant.claims:
        # The tests of the level «behaviour» are among those of «calls».
        verdict = judge(variant, programs, charset, "calls")
        blamed = "; ".join(name for name, _ in verdict.failed)
        if verdict.trouble or not verdict.ran:
            return trouble("calls", verdict)
        return said(not blamed, "calls", blamed or f"nothing to blame in {verdict.ran} tests")
    for level in ("behaviour", "calls"):
        verdict = judge(variant, programs, charset, level)
        if verdict.trouble:
            return trouble(level, verdict)
        if verdict.failed:
            name, claims = verdict.failed[0]
            fitting = " ".join(claim for claim in claims if claim in variant.claims)
            if variant.calls and level == "behaviour":
                return said(False, level, f"is marked as one that only calls tell, but {name} did")
            return said(True, level, f"{fitting}: {name}")
        if not variant.calls:
            break
    return said(False, level, f"not found by any of {verdict.ran} tests of "
                              f"{', '.join(variant.claims)}")


def pinned(processors: "itertools.cycle[int]") -> None:
    """Put a worker, and all that it starts, on one processor: Wine is quicker so."""
    os.sched_setaffinity(0, {next(processors)})


def main() -> int:
    """Judge the variants that were asked for; 0 if the suite was right about each."""
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("--only", default="", metavar="TEXT", help="variants with TEXT in the name")
    parser.add_argument("--charset", choices=CHARSETS, help="variants of this charset")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)),
                        help="how many at a time")
    options = parser.parse_args()

    rows: List[Row] = [(variant, charset) for variant in [*FAITHFUL, *FAULTS]
                       for charset in variant.charsets
                       if options.only in variant.name and options.charset in (None, charset)]
    processors = itertools.cycle(sorted(os.sched_getaffinity(0)))
    start = time.monotonic()
    outcomes = []
    print(f"    {'variant':<44} {'charset':<8} {'level':<10} {'time':>7}  claims: test")
    with ThreadPoolExecutor(options.jobs, initializer=pinned, initargs=(processors,)) as pool:
        for result in pool.map(lambda row: outcome(*row), rows):
            print(result, flush=True)
            outcomes.append(result)
    faults = [result.ok for (variant, _), result in zip(rows, outcomes) if variant.claims]
    faithful = [result.ok for (variant, _), result in zip(rows, outcomes) if not variant.claims]
    print(f"\nfaults found: {sum(faults)} of {len(faults)}; faithful variants left in peace: "
          f"{sum(faithful)} of {len(faithful)}; {time.monotonic() - start:.0f} s")
    for result in outcomes:
        if not result.ok:
            print(result)
    return 0 if outcomes and all(result.ok for result in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
