"""The one record of a check's result. Every output is made from these alone."""
from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Dict, List

from harness.judge.claims import claim_of

#: How a result begins to say why a whole pair was left out.
NOT_RUN = "32-bit was not run"


@dataclass(frozen=True)
class Seen:
    """One look at one fact of a program ("" for the system): both values in words, and whether
    they agree. `where` is the line of the source that made the call, as `mine.c:41`, if a call
    shows it and the program has line numbers; `source` is that line."""

    fact: str
    program: str
    held: bool
    what: str
    expected: str
    seen: str
    where: str = ""
    source: str = ""


@dataclass
class Result:
    """What one check of a pair has seen. `facts` are those that it is about. `outcome` is passed,
    failed, skipped, gap, or error (the harness failed); `because` are the broken claims in its
    way, `why` anything else that was; `needed` is what it needed and the program has not come to;
    `about` is the program that it starts, if it is one alone, and `survivor` the same where the
    agent that had started it was gone before it; `gap` is the platform gap that it meets, where
    this platform may have one."""

    id: str
    pair: str = ""
    about: str = ""
    facts: List[str] = field(default_factory=list)
    outcome: str = "passed"
    seen: List[Seen] = field(default_factory=list)
    because: List[str] = field(default_factory=list)
    why: str = ""
    needed: str = ""
    seconds: float = 0.0
    tells: str = ""
    survivor: str = ""
    gap: str = ""

    def broken(self) -> List[str]:
        """The claims that it contradicts."""
        return sorted({claim_of(seen.fact) for seen in self.seen if not seen.held})

    def claims(self) -> List[str]:
        """The claims that it is about."""
        return list(dict.fromkeys(map(claim_of, self.facts)))

    def data(self) -> Dict[str, Any]:
        """As plain data, which pytest-xdist and JSON can carry."""
        return asdict(self)

    @classmethod
    def load(cls, data: Dict[str, Any]) -> "Result":
        """The result from plain data."""
        result = cls(**data)
        result.seen = [Seen(**seen) for seen in data["seen"]]
        return result

    def row(self) -> Dict[str, Any]:
        """As it is written to a verdict's file; `held` are those of its claims of which it has seen
        facts, and none that contradicts them."""
        seen = {claim_of(seen.fact) for seen in self.seen} - set(self.broken())
        return {"name": self.id, "pair": self.pair, "claims": self.claims(),
                "held": [claim for claim in self.claims() if claim in seen],
                "outcome": self.outcome, "why": self.why, "seconds": self.seconds,
                "tells": self.tells}
