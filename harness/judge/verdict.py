"""The verdict of a run: for each claim kept, broken, not judged, a platform gap, or not run.

Worked out once, from what the tests and the first look have recorded, whichever process they ran
in and in whichever order.
"""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, List, Mapping, Optional, Sequence, Set

import pytest

from harness.judge.claims import CLAIMS
from harness.judge.findings import Finding, Record, blamed_half, merged
from harness.judge.gaps import HERE

#: What a harness that failed raises; it says nothing about a program.
TROUBLE = ("HarnessError", "HostLost", "WineFailed", "Hang")
NOT_HANDED_IN = "the program that it is about was not handed in"


@dataclass(frozen=True)
class Case:
    """What the verdict needs of a test: its claims, its outcome (passed, failed, gap, skipped or
    error), what it recorded, and why it was skipped or what went wrong; and what a report says of
    it: how long it took, and the first paragraph of its docstring."""

    name: str
    pair: str
    claims: Sequence[str]
    outcome: str
    record: Record
    why: str = ""
    seconds: float = 0.0
    tells: str = ""

    def data(self) -> Dict[str, Any]:
        """As it is written to a file."""
        return {"name": self.name, "pair": self.pair, "claims": list(self.claims),
                "outcome": self.outcome, "why": self.why, "seconds": round(self.seconds, 3),
                "tells": self.tells}


def case_of(report: pytest.TestReport) -> Optional[Case]:
    """The case of a report of pytest's, or None where it is not the one that decides."""
    told: Dict[str, str] = {str(name): str(value) for name, value in report.user_properties}
    claims = [str(value) for name, value in report.user_properties if name == "claim"]
    record = Record.load(told["record"]) if "record" in told else Record()
    text = report.longreprtext
    if report.when == "call" or report.failed or report.skipped and report.when == "setup":
        outcome = {"passed": "passed", "failed": "failed", "skipped": "skipped"}[report.outcome]
        if hasattr(report, "wasxfail"):
            outcome = "gap" if report.skipped else "passed"
        elif report.failed and (report.when != "call"
                                or any(f"{name}: " in text for name in TROUBLE)):
            outcome = "error"
        why = text if report.failed else getattr(report, "wasxfail", "")
        if report.skipped and isinstance(report.longrepr, tuple):
            why = report.longrepr[2].replace("Skipped: ", "", 1)
        return Case(report.nodeid, told.get("pair", ""), claims, outcome, record, why,
                    report.duration, told.get("tells", ""))
    return None


@dataclass
class Claim:
    """The verdict on one claim, and what it rests on."""

    verdict: str
    findings: Dict[Finding, int] = field(default_factory=dict)
    because: Sequence[str] = ()
    why: str = ""

    def data(self) -> Dict[str, Any]:
        """As it is written to a file."""
        data: Dict[str, Any] = {"verdict": self.verdict}
        if self.findings:
            data["findings"] = [
                {"program": finding.half, "what": finding.what, "expected": finding.expected,
                 "seen": finding.seen, "times": times} for finding, times in self.findings.items()]
        if self.because:
            data["because"] = list(self.because)
        if self.why:
            data["gap" if self.verdict == "gap" else "why"] = self.why
        return data


def reason(claim: Mapping[str, Any]) -> str:
    """Why a claim has another verdict than kept, in one line; `claim` is what `data` returns."""
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
    """All claims, and what was wrong with harness or platform."""

    claims: Mapping[str, Claim]
    trouble: Sequence[str]

    @property
    def verdict(self) -> str:
        """kept, broken or none, as the whole."""
        if any(claim.verdict == "broken" for claim in self.claims.values()):
            return "broken"
        return "none" if self.trouble else "kept"

    def of(self, verdict: str) -> List[str]:
        """The claims with that verdict, in their order."""
        return [name for name, claim in self.claims.items() if claim.verdict == verdict]

    def data(self) -> Dict[str, Any]:
        """As it is written to a file (--verdict)."""
        return {"verdict": self.verdict, "trouble": list(self.trouble),
                "claims": {name: claim.data() for name, claim in self.claims.items()}}


def judge(cases: Sequence[Case], halves: Set[str], first: Record = Record(),
          left_out: Mapping[str, str] = {}) -> Verdict:
    """The verdict from a run's cases. Only the programs in `halves` are judged; `first` is what
    the first look has recorded, and `left_out` why the tests of a claim were not run at all."""
    records = [first, *(case.record for case in cases if case.outcome != "gap")]
    own = [finding for record in records for finding in record.findings
           if not finding.half or finding.half in halves]
    broken = {finding.claim for finding in own if finding.claim[0] in "BWR"}
    # A test that failed without a finding has met something that nothing else explains.
    unexplained = [case for case in cases if case.outcome == "failed" and not case.record.findings]
    if not broken:
        own += [Finding(case.claims[0], blamed_half(case.claims[0]), "what the test expected",
                        "see the log", case.why.strip().splitlines()[-1][:200] if case.why else "")
                for case in unexplained if case.claims]
        broken = {finding.claim for finding in own if finding.claim[0] in "BWR"}
    if broken:
        # What the system and both programs do is judged only where each program alone is right.
        own = [finding for finding in own if finding.claim[0] in "BWR"]
    trouble = [f"{case.name}: {case.why.strip().splitlines()[-1][:300] if case.why else ''}"
               for case in cases if case.outcome == "error"]
    return Verdict({claim: _claim(claim, cases, records, own, sorted(broken), left_out)
                    if blamed_half(claim) in {"", *halves} else
                    Claim("not run", why=NOT_HANDED_IN)
                    for claim in CLAIMS}, trouble)


def _claim(claim: str, cases: Sequence[Case], records: Sequence[Record], own: Sequence[Finding],
           broken: Sequence[str], left_out: Mapping[str, str]) -> Claim:
    found = merged([finding for finding in own if finding.claim == claim])
    if found:
        return Claim("broken", found)
    about = [case for case in cases if claim in case.claims]
    gap = next((name for name, gap in HERE.items() if gap.decides == claim), None)
    if gap and any(case.outcome == "gap" for case in about):
        return Claim("gap", why=gap)
    if any(claim in record.tried for record in records) or any(
            case.outcome == "passed" for case in about):
        if claim[0] not in "OH" or not broken:
            return Claim("kept")
    because: Set[str] = set()
    for case in about:
        because |= case.record.because
    because = because & set(broken) or (set(broken) if about and broken else set())
    if because:
        return Claim("not judged", because=sorted(because))
    why = next((case.why for case in about if case.outcome == "skipped"), left_out.get(claim, ""))
    return Claim("not run", why=why or "no test of it was run")
