"""Computes the verdict from the results alone, without pytest or Wine.

Each claim is kept, broken, not judged, a platform gap, or not run; see docs/checking.md.
"""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, Iterable, List, Mapping, Sequence, Set, Tuple

from harness.judge.claims import ABOUT, CLAIMS, READER, WRITER, claim_of, required
from harness.judge.gaps import HERE, states
from harness.judge.results import NOT_RUN, Result, Seen

NOT_HANDED_IN = "the program that it is about was not handed in"
NOT_CHECKED = "checked only on the project's own programs"
#: Claims that prevent no other check if they are broken.
HARMLESS = {"B2", "R7"}
NAMES = {WRITER: "the writer", READER: "the reader", "": "the system"}


@dataclass(frozen=True)
class Run:
    """A run: the programs that are judged, its level, and why it stopped early, if it did."""

    programs: Tuple[str, ...] = (WRITER, READER)
    level: str = "calls"
    stopped: str = ""


@dataclass
class Claim:
    """The verdict on one claim: its findings with their number, or why it was not judged."""

    verdict: str
    findings: Dict[Seen, int] = field(default_factory=dict)
    because: Sequence[str] = ()
    why: str = ""

    def data(self) -> Dict[str, Any]:
        """Return it as it is written to a file."""
        found = [{"program": seen.program, "what": seen.what, "expected": seen.expected,
                  "seen": seen.seen, "times": times, "fact": seen.fact, "where": seen.where,
                  "source": seen.source} for seen, times in self.findings.items()]
        return {"verdict": self.verdict, **{name: value for name, value in (
            ("findings", found), ("because", list(self.because)),
            ("gap" if self.verdict == "gap" else "why", self.why)) if value}}


def reason(claim: Mapping[str, Any]) -> str:
    """Return in one line why a claim is not kept; `claim` is what `data` returns."""
    findings = claim.get("findings", [])
    if findings:
        more = f", and {len(findings) - 1} more" if len(findings) > 1 else ""
        first = findings[0]
        return f"{first['what']}: expected {first['expected']}, seen {first['seen']}{more}"
    because = claim.get("because", [])
    if because:
        return f"because {', '.join(because)} {'is' if len(because) == 1 else 'are'} broken"
    return str(claim.get("gap") or claim.get("why") or "")


@dataclass(frozen=True)
class Verdict:
    """All claims; problems of the harness or the platform; the pairs that were not run, with the
    reason; and the states of the platform gaps that were met (open or closed)."""

    claims: Mapping[str, Claim]
    trouble: Sequence[str]
    not_run: Mapping[str, str] = field(default_factory=dict)
    gaps: Mapping[str, str] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        """Return the verdict as a whole: kept, broken or none."""
        if self.of("broken"):
            return "broken"
        return "none" if self.trouble or not self.of("kept") else "kept"

    def of(self, verdict: str) -> List[str]:
        """Return the claims with that verdict, in their order."""
        return [name for name, claim in self.claims.items() if claim.verdict == verdict]

    def data(self) -> Dict[str, Any]:
        """Return it as it is written to a file (--verdict)."""
        return {"verdict": self.verdict, "trouble": list(self.trouble),
                "not_run": dict(self.not_run), "gaps": dict(self.gaps),
                "claims": {name: claim.data() for name, claim in self.claims.items()}}


def judge(results: Sequence[Result], run: Run = Run()) -> Verdict:
    """Return the verdict on each claim."""
    # A platform gap says nothing about a program.
    looks = [(result.pair, seen) for result in results if result.outcome != "gap"
             for seen in result.seen if not seen.program or seen.program in run.programs]
    broken = {claim_of(seen.fact) for _, seen in looks
              if not seen.held and seen.fact[0] in "BWR"}
    trouble = [_trouble(result) for result in results if result.outcome == "error"
               or result.outcome == "failed" and not result.broken() and not broken]
    if run.stopped:
        trouble.append(run.stopped)
    left_out = {result.pair: result.why for result in results if result.why.startswith(NOT_RUN)}
    claims = {claim: _claim(claim, results, looks, run, broken) for claim in CLAIMS}
    if not broken and not trouble:
        shown = {claim_of(seen.fact) for _, seen in looks}
        trouble = [text for program in run.programs for text in _nothing_of(program, claims, shown)]
    return Verdict(claims, trouble, left_out, states(results))


def _nothing_of(program: str, claims: Mapping[str, Claim], shown: Set[str]) -> List[str]:
    """Return a line about a program that ran without showing any fact of its own claims: its file
    alone is no reason to call it right."""
    own = {name for name in claims if ABOUT.get(name[0]) == program and name not in HARMLESS}
    why = [reason(claims[name].data()) for name in CLAIMS
           if name in own and claims[name].verdict == "not judged"]
    return [f"nothing that {NAMES[program]} does could be judged: {why[0]}"] \
        if why and not own & shown else []


def _trouble(result: Result) -> str:
    """Describe what went wrong, with the program that may have caused it."""
    if result.survivor:
        return f"while {NAMES[result.survivor]} ran, {result.why}: a program may end no process " \
            "but its own"
    return f"the harness failed: {result.id}: {result.why}"


def _claim(claim: str, results: Sequence[Result], looks: Iterable[Tuple[str, Seen]], run: Run,
           broken: Set[str]) -> Claim:
    about = ABOUT.get(claim[0], "")
    if about and about not in run.programs:
        return Claim("not run", why=NOT_HANDED_IN)
    system = claim[0] in "OH"
    own = [(pair, seen) for pair, seen in looks if claim_of(seen.fact) == claim]
    findings: Dict[Seen, int] = {}
    for _, seen in own:
        # O and H claims are judged only if each program alone is right.
        if not seen.held and not (system and broken):
            findings[seen] = findings.get(seen, 0) + 1
    if findings:
        return Claim("broken", findings)
    tries = [result for result in results if claim in map(claim_of, result.facts)]
    gap = next((name for name, gap in HERE.items() if gap.decides == claim), "")
    if gap and any(result.outcome == "gap" for result in tries):
        return Claim("gap", why=gap)
    if not tries:
        return Claim("not run", why=NOT_CHECKED)
    ran = [result for result in tries
           if result.outcome != "skipped" or result.because or result.needed]
    if not ran:
        return Claim("not run", why=tries[0].why)
    if system and broken - HARMLESS:
        return Claim("not judged", because=sorted(broken - HARMLESS))
    return _kept(claim, ran, own, run)


def _kept(claim: str, ran: Sequence[Result], own: Sequence[Tuple[str, Seen]], run: Run) -> Claim:
    """Return kept if each fact was seen to hold for each program and pair; otherwise not judged,
    with the reason."""
    programs = ("",) if claim[0] in "OH" else (ABOUT[claim[0]],) if claim[0] in ABOUT \
        else run.programs
    missing: List[str] = []
    for fact in required(claim, run.level):
        pairs = {result.pair for result in ran if fact in result.facts}
        plain = {pair for pair in pairs if pair and "+" not in pair}
        for program in programs:
            held = {pair for pair, seen in own
                    if seen.held and (seen.fact, seen.program) == (fact, program)}
            # A fact that needs no pair holds for all of them.
            if not held or not (plain <= held or "" in held):
                missing.append(fact)
    if not missing:
        return Claim("kept")
    unable = [result for result in ran if set(result.facts) & set(missing)]
    because = {name for result in unable for name in result.because + result.broken()}
    if because - {claim} - HARMLESS:
        return Claim("not judged", because=sorted(because - {claim} - HARMLESS))
    why = next((result.why for result in unable if result.why),
               f"no check of this run shows it: {', '.join(dict.fromkeys(missing))}")
    return Claim("not judged", why=why)
