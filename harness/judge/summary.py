"""What a run on the products says at its end: how many claims are kept, for each variant."""
from __future__ import annotations

from typing import Iterator, List, Sequence

from harness.judge.claims import CLAIMS
from harness.judge.gaps import HERE
from harness.judge.results import Result
from harness.judge.verdict import judge


def product_lines(results: Sequence[Result]) -> Iterator[str]:
    """A line for each variant, and one for each gap and for what was not run."""
    pairs: List[str] = sorted({result.pair for result in results
                               if result.pair and "+" not in result.pair})
    for pair in pairs:
        own = [result for result in results if result.pair == pair]
        if all(result.outcome == "skipped" for result in own):
            yield f"{pair}: not run ({own[0].why})"
            continue
        verdict = judge([result for result in results
                         if result.pair in (pair, "") or "+" in result.pair])
        rest = [f"{word}: {', '.join(names)}" for word in ("broken", "not judged", "gap", "not run")
                for names in [verdict.of(word)] if names]
        yield f"{pair}: {len(verdict.of('kept'))} of {len(CLAIMS)} claims kept" + "".join(
            f"; {text}" for text in rest)
    for name, gap in HERE.items():
        yield f"gap {name} ({', '.join(gap.claims)}): {gap.documented}; here {gap.seen}"
