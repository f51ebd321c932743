"""What a run on the products says at its end: how many claims are kept, for each variant."""
from __future__ import annotations

from typing import Iterator, List, Mapping, Sequence

from harness.judge.claims import CLAIMS
from harness.judge.gaps import HERE
from harness.judge.verdict import Case, judge


def product_lines(cases: Sequence[Case], left_out: Mapping[str, str]) -> Iterator[str]:
    """A line for each variant, and one for each gap and for what was not run."""
    halves = {"first_process", "second_process"}
    pairs: List[str] = sorted({case.pair for case in cases if case.pair and "+" not in case.pair})
    for pair in pairs:
        own = [case for case in cases if case.pair == pair]
        if all(case.outcome == "skipped" for case in own):
            yield f"{pair}: not run ({own[0].why})"
            continue
        verdict = judge([case for case in cases if case.pair in (pair, "")], halves,
                        left_out=left_out)
        rest = [f"{word}: {', '.join(names)}" for word in ("broken", "not judged", "gap", "not run")
                for names in [verdict.of(word)] if names]
        yield f"{pair}: {len(verdict.of('kept'))} of {len(CLAIMS)} claims kept" + "".join(
            f"; {text}" for text in rest)
    for name, gap in HERE.items():
        yield f"gap {name} ({', '.join(gap.claims)}): {gap.documented}; here {gap.seen}"
