"""The result of a check. All outputs are made from these results alone."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, List

from harness.judge.claims import claim_of

#: The beginning of `why` if a whole pair was left out.
NOT_RUN = "32-bit was not run"


@dataclass(frozen=True)
class Seen:
    """One look at a fact of a program ("" for the system): both values in words, and whether they
    agree. `where` is the place of the call or output in the source, as in `mine.c:41`, if it is
    known; `source` is that line."""

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
    """The result of one check of a pair. `facts` are those that it can see. `outcome` is passed,
    failed, skipped, gap, or error (the harness failed). `because` are the broken claims that
    prevented it, `why` is any other reason; `needed` is the milestone that the program did not
    reach. `about` is its program, if it starts only one; `survivor` is that program if its agent
    ended before it. `tells` describes the check; `gap` is the platform gap that it meets here."""

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
        """Return the claims that it contradicts."""
        return sorted({claim_of(seen.fact) for seen in self.seen if not seen.held})

    def claims(self) -> List[str]:
        """Return the claims that it is about."""
        return list(dict.fromkeys(map(claim_of, self.facts)))

    def row(self) -> Dict[str, Any]:
        """Return its entry in a verdict file; `held` are its claims whose seen facts all hold."""
        seen = {claim_of(seen.fact) for seen in self.seen} - set(self.broken())
        return {"name": self.id, "pair": self.pair, "claims": self.claims(),
                "held": [claim for claim in self.claims() if claim in seen],
                "outcome": self.outcome, "why": self.why, "seconds": self.seconds,
                "tells": self.tells}
