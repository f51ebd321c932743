"""Measures the verdict: checks every variant, whose broken claims must be named exactly.

`make mutants` runs it, and prints a line for each variant and level: the claims that the verdict
named, and those that it missed or named wrongly.
"""
from __future__ import annotations

import argparse
import itertools
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import FrozenSet, List, Tuple

from harness.selftests.mutants.several import composed
from harness.selftests.mutants.tables import ALL
from harness.selftests.mutants.variant import CHARSETS, Stale, Variant
from harness.selftests.mutants.verdict import judge

LEVELS = ("calls", "behaviour")
Row = Tuple[Variant, str]  #: A variant and the character set that it is built for.


@dataclass(frozen=True)
class Outcome:
    """A line of the table. `kept` are the claims that the verdict calls kept."""

    variant: Variant
    charset: str
    level: str
    named: FrozenSet[str]
    kept: FrozenSet[str]
    trouble: str
    seconds: float
    lines: int

    @property
    def seen(self) -> Tuple[str, ...]:
        """Return the claims to be named for the effects of the fault, if only those are visible."""
        if self.level != "behaviour" or self.named == frozenset(self.variant.claims):
            return ()
        return self.variant.seen

    @property
    def broken(self) -> FrozenSet[str]:
        """Return the claims that the verdict should name at this level."""
        return frozenset(self.seen or self.variant.claims)

    @property
    def missed(self) -> FrozenSet[str]:
        """Return the claims that the variant breaks and the verdict does not name."""
        return self.broken - self.named

    @property
    def accused(self) -> FrozenSet[str]:
        """Return the claims that the verdict names and the variant keeps."""
        return self.named - self.broken

    @property
    def believed(self) -> FrozenSet[str]:
        """Return the claims that the variant breaks and the verdict calls kept."""
        return self.broken & self.kept

    @property
    def exact(self) -> bool:
        """Return whether the verdict is exactly right."""
        return not (self.trouble or self.missed or self.accused)

    def __str__(self) -> str:
        told = self.trouble or "; ".join(
            f"{word}: {' '.join(sorted(claims))}" for word, claims in
            (("named", self.named), ("missed", self.missed), ("accused", self.accused),
             ("kept though broken", self.believed)) if claims)
        return (f"{'ok ' if self.exact else 'NO '} {self.variant.name:<46} {self.charset:<8} "
                f"{self.level:<10} {self.seconds:5.1f} s {self.lines:>3} lines  {told}")


def outcomes(variant: Variant, charset: str, levels: Tuple[str, ...]) -> List[Outcome]:
    """Build one variant and check it at each level that can see its fault."""
    start = time.monotonic()
    try:
        programs = variant.build(charset)
    except Stale as problem:
        return [Outcome(variant, charset, "-", frozenset(), frozenset(), str(problem),
                        time.monotonic() - start, 0)]
    found = []
    for level in levels:
        if level == "calls" or not variant.calls:
            seen = judge(programs, charset, level)
            found.append(Outcome(variant, charset, level, seen.broken, seen.kept, seen.trouble,
                                 seen.seconds, seen.lines))
    return found


def pinned(processors: "itertools.cycle[int]") -> None:
    """Pin a worker and all that it starts to one processor, on which Wine is faster."""
    os.sched_setaffinity(0, {next(processors)})


def summary(found: List[Outcome], level: str) -> str:
    """Return how many faults were named exactly, and how many faithful variants were not blamed."""
    faults = [row for row in found if row.variant.claims and row.level in (level, "-")]
    led_to = sum(row.exact and bool(row.seen) for row in faults)
    faithful = [row for row in found if not row.variant.claims and row.level in (level, "-")]
    longest = max((row for row in faults + faithful), key=lambda row: row.seconds, default=None)
    most = max((row.lines for row in faults), default=0)
    led = f" ({led_to} by what they lead to)" if led_to else ""
    worst = (f"{sum(bool(row.missed - row.believed) for row in faults)} incomplete, "
             f"{sum(bool(row.accused) for row in faults + faithful)} accused of what holds, "
             f"{sum(bool(row.believed) for row in faults)} with a broken claim called kept")
    return (f"{level}: {sum(row.exact for row in faults)} of {len(faults)} faults named "
            f"exactly{led}, {sum(row.exact for row in faithful)} of {len(faithful)} faithful "
            f"variants left in peace; {worst}; longest {longest.seconds if longest else 0:.1f} s, "
            f"most {most} lines")


def main() -> int:
    """Check the selected variants. Return 0 if every verdict was exactly right."""
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", metavar="TEXT", help="variants with TEXT in the name")
    parser.add_argument("--charset", choices=CHARSETS, help="variants of this character set")
    parser.add_argument("--level", choices=LEVELS, help="check at this level only")
    parser.add_argument("--composed", type=int, default=0, metavar="N",
                        help="only N composed programs of each half, drawn at random")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="what they depend on")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)),
                        help="how many at a time")
    options = parser.parse_args()
    if options.composed:
        print(f"composed programs of seed {options.seed}")
    variants = composed(options.composed, options.seed) if options.composed else ALL
    rows: List[Row] = [(variant, charset) for variant in variants for charset in variant.charsets
                       if options.only in variant.name and options.charset in (None, charset)]
    levels = (options.level,) if options.level else LEVELS
    processors = itertools.cycle(sorted(os.sched_getaffinity(0)))
    start = time.monotonic()
    found: List[Outcome] = []
    with ThreadPoolExecutor(options.jobs, initializer=pinned, initargs=(processors,)) as pool:
        for results in pool.map(lambda row: outcomes(row[0], row[1], levels), rows):
            for result in results:
                print(result, flush=True)
            found += results
    print()
    for result in found:
        if not result.exact:
            print(result)
    for level in levels:
        print(summary(found, level))
    print(f"{time.monotonic() - start:.0f} s")
    # Several faults in one program may hide each other, so their claims may be not judged.
    return 0 if found and not any(result.trouble or result.accused or result.believed or (
        result.missed and not options.composed) for result in found) else 1


if __name__ == "__main__":
    sys.exit(main())
