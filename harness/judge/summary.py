"""Summarizes a run on the project's own programs: how many claims each variant keeps."""
from __future__ import annotations

from typing import Iterator, List, Sequence

from harness.judge.claims import CLAIMS
from harness.judge.gaps import gap_lines
from harness.judge.results import Result
from harness.judge.verdict import judge


def product_lines(results: Sequence[Result]) -> Iterator[str]:
    """Yield a line for each variant, one for each gap that was met, and one if tests of the harness
    itself failed."""
    whole = judge(results)
    pairs: List[str] = sorted({result.pair for result in results
                               if result.pair and "+" not in result.pair})
    for pair in pairs:
        if pair in whole.not_run:
            yield f"{pair}: {whole.not_run[pair]}"
            continue
        verdict = judge([result for result in results
                         if result.pair in (pair, "") or "+" in result.pair])
        rest = [f"{word}: {', '.join(names)}" for word in ("broken", "not judged", "gap", "not run")
                for names in [verdict.of(word)] if names]
        yield f"{pair}: {len(verdict.of('kept'))} of {len(CLAIMS)} claims kept" + "".join(
            f"; {text}" for text in rest)
    yield from gap_lines(dict(whole.gaps))
    own = [result.id for result in results
           if result.outcome in ("failed", "error") and not result.facts]
    if own:
        yield f"! tests of the harness itself failed: {len(own)}, such as {own[0]}"
