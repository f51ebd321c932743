"""Shows the verdict on the terminal: one screen, in words that a student understands; for the
project's own programs, how many claims each variant keeps."""
from __future__ import annotations

import os.path
import textwrap
from typing import Dict, Iterator, List, Sequence

from harness.driver.contract import Words
from harness.judge.advice import advice, page
from harness.judge.claims import CLAIMS, sentence
from harness.judge.gaps import gap_lines
from harness.judge.results import Result, Seen
from harness.judge.sources import Refused
from harness.judge.subject import Subject
from harness.judge.verdict import NAMES, Claim, Verdict, judge, reason
from harness.judge.words import clean

#: The number of findings of a claim, and of broken claims, that are shown in full.
FINDINGS, BROKEN = 2, 8
#: The number of characters of a value that are shown, and of those before the first difference.
VALUE, BEFORE = 160, 40
#: The first line about sources that do not compile.
REFUSED = "✗ It does not compile:"


def refused_lines(refused: Refused) -> List[str]:
    """Return the compiler's messages about a source that does not compile."""
    return [REFUSED, *(f"   | {line}" for line in str(refused).splitlines())]


def head(name: str, programs: List[str], words: Words) -> str:
    """Return the first line about a broken claim: the programs at fault, and the claim's text."""
    return f"✗ {name} broken by {' and '.join(NAMES[one] for one in programs)}: " \
           f"{sentence(name, words)}"


def finding_lines(seen: Seen) -> Iterator[str]:
    """Yield the lines of a finding: what was checked, where, and both values."""
    yield f"   {seen.where + ': ' if seen.where else ''}{seen.what}"
    if seen.source:
        yield f"     > {seen.source}"
    same = len(os.path.commonprefix([seen.expected, seen.seen]))
    yield f"     expected: {_part(seen.expected, same)}"
    yield f"     seen:     {_part(seen.seen, same)}"


def _part(value: str, same: int) -> str:
    """Cut a value whose first `same` characters are as expected: if that would fill most of the
    space, begin shortly before the first difference."""
    start = same - BEFORE if same > VALUE - BEFORE else 0
    return "… " * (start > 0) + value[start:start + VALUE] + " …" * (len(value) > start + VALUE)


def broken_lines(name: str, claim: Claim, words: Words) -> Iterator[str]:
    """Yield a paragraph about a broken claim: its findings, each with advice."""
    yield head(name, list(dict.fromkeys(seen.program for seen in claim.findings)), words)
    said: List[str] = []
    for seen in list(claim.findings)[:FINDINGS]:
        yield from finding_lines(seen)
        tip = advice(name, seen.what, seen.seen)
        if tip and tip not in said:
            said.append(tip)
            yield from textwrap.wrap(tip, 96, initial_indent="   → ", subsequent_indent="     ")
    more = len(claim.findings) - FINDINGS
    if more > 0:
        yield f"   and {more} more of {name}: see the report or the log"


def page_line(name: str) -> str:
    """Return the line that names the page about a claim."""
    return f"   Explained in {page(name)}."


def verdict_lines(verdict: Verdict, subject: Subject, level: str = "calls", unsafe: str = ""
                  ) -> Iterator[str]:
    """Yield the whole screen, except where to find the details; `unsafe` says why the programs ran
    without a sandbox although it is "auto"."""
    yield ""
    yield from subject.describe()
    if unsafe:
        yield f"without a sandbox ({clean(unsafe)}): they could do whatever you can"
    if level != "calls":
        yield "checked by behaviour alone: the exact API calls were not checked"
    broken = verdict.of("broken")
    shown = broken[:BROKEN]
    for name, following in zip(shown, [*shown[1:], ""]):
        yield ""
        yield from broken_lines(name, verdict.claims[name], subject.words)
        # Adjacent claims with the same page name it once.
        if not following or page_line(following) != page_line(name):
            yield page_line(name)
    if len(broken) > BROKEN:
        yield f"\n✗ also broken: {', '.join(broken[BROKEN:])}"
    yield ""
    for sign, word in (("?", "not judged"), ("–", "not run")):
        groups: Dict[str, List[str]] = {}
        for name in verdict.of(word):
            groups.setdefault(reason(verdict.claims[name].data()), []).append(name)
        for why, names in groups.items():
            yield f"{sign} {word}: {', '.join(names)} ({why})"
    decided = {verdict.claims[name].why for name in verdict.of("gap")}
    for line in gap_lines({name: state for name, state in verdict.gaps.items()
                           if state == "closed" or name in decided}):
        yield f"≠ platform {line}"
    for trouble in verdict.trouble[:3]:
        yield f"! {trouble[:300]}"
    kept = len(verdict.of("kept"))
    yield {"kept": f"✓ All {kept} claims that could be judged here are kept.",
           "broken": f"✗ {len(broken)} of {len(CLAIMS)} claims broken: {', '.join(broken)}; "
                     f"{kept} {'is' if kept == 1 else 'are'} kept.",
           "none": "! No verdict: see above."}[verdict.verdict]


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
