"""The verdict on the terminal: one screen, in words that a student understands."""
from __future__ import annotations

import textwrap
from typing import Iterator, List, Sequence

from harness.judge.advice import advice, page
from harness.judge.claims import CLAIMS
from harness.judge.findings import Finding
from harness.judge.gaps import HERE
from harness.judge.verdict import Claim, Verdict, reason

#: As many findings of a claim, and as many broken claims, are shown in full.
FINDINGS, BROKEN = 2, 8
NAMES = {"first_process": "the writer", "second_process": "the reader", "": "the system"}


def head(name: str, claim: Claim) -> str:
    """The first line about a broken claim: whose fault it is, and what the claim says."""
    return f"{name} broken by {NAMES[next(iter(claim.findings)).half]}: {CLAIMS[name]}"


def finding_lines(finding: Finding) -> Iterator[str]:
    """A finding: what was looked at, and both values."""
    yield f"   {finding.what}"
    yield f"     expected: {finding.expected[:160]}"
    yield f"     seen:     {finding.seen[:160]}"


def broken_lines(name: str, claim: Claim) -> Iterator[str]:
    """A paragraph about a broken claim: findings, what to do, what to read."""
    yield f"✗ {head(name, claim)}"
    for finding in list(claim.findings)[:FINDINGS]:
        yield from finding_lines(finding)
    more = len(claim.findings) - FINDINGS
    if more > 0:
        yield f"   and {more} more of {name}: see the report or the log"
    yield from help_lines(claim)


def help_lines(claim: Claim) -> Iterator[str]:
    """What to do about a broken claim."""
    help_line = next(filter(None, map(advice, claim.findings)), None)
    if help_line:
        yield from textwrap.wrap(help_line, 96, initial_indent="   → ", subsequent_indent="     ")


def page_line(name: str) -> str:
    """What to read about a claim."""
    return f"   Explained in {page(name)}."


def verdict_lines(verdict: Verdict, subject: Sequence[str], log: str) -> Iterator[str]:
    """The whole screen; `subject` says what was checked, and `log` where all else is."""
    yield ""
    yield from subject
    broken = verdict.of("broken")
    shown = broken[:BROKEN]
    for name, following in zip(shown, [*shown[1:], ""]):
        yield ""
        yield from broken_lines(name, verdict.claims[name])
        # A page is named once for claims that stand together.
        if not following or page_line(following) != page_line(name):
            yield page_line(name)
    if len(broken) > BROKEN:
        yield f"\n✗ broken too: {', '.join(broken[BROKEN:])}"
    yield ""
    groups: List[str] = []
    for name in verdict.of("not judged"):
        because = reason(verdict.claims[name].data())
        if because not in groups:
            groups.append(because)
            names = [other for other in verdict.of("not judged")
                     if reason(verdict.claims[other].data()) == because]
            yield f"? not judged, {because}: {', '.join(names)}"
    for name in verdict.of("gap"):
        gap = HERE[verdict.claims[name].why]
        yield f"≠ {name} platform gap: {gap.documented}; here {gap.seen}"
    reasons = sorted({verdict.claims[name].why for name in verdict.of("not run")})
    for why in reasons:
        names = [name for name in verdict.of("not run") if verdict.claims[name].why == why]
        yield f"– not run: {', '.join(names)} ({why})"
    for trouble in verdict.trouble[:3]:
        yield f"! the harness failed: {trouble[:300]}"
    kept = len(verdict.of("kept"))
    yield {"kept": f"✓ All {kept} claims that could be judged here are kept.",
           "broken": f"✗ {len(broken)} of {len(CLAIMS)} claims broken: {', '.join(broken)}; "
                     f"{kept} are kept.",
           "none": "! No verdict: the harness or its platform failed."}[verdict.verdict]
    yield f"What each claim says: docs/conformance.md. Details: {log}"
