"""The ledger of platform gaps: what a platform does otherwise than documented.

A check that meets one carries `@pytest.mark.gap("name")`. Where the platform has the gap, the check
fails as expected; where it conforms, the check passes, and the run says that the gap is closed
there. Which of the two holds is asked of the platform and not of its version. On a platform that
never had the gap the marker does nothing.
"""
from __future__ import annotations

from typing import Dict, Iterable, Iterator, NamedTuple, Tuple

from harness.judge.results import Result

#: What the reports to Wine are on, a section for each gap.
PAGE = "docs/gaps.md"


class Gap(NamedTuple):
    """One difference: the claims it is about, what is documented, and what is seen instead; the
    first and the last version in which that was seen by a run of these checks; where Microsoft
    says it, and where it is decided in the platform's source. `decides` is the claim that cannot be
    settled because of it, if there is one. docs/gaps.md has the rest."""

    claims: Tuple[str, ...]
    documented: str
    seen: str
    first: str
    last: str
    citation: str
    source: str
    decides: str = ""


MICROSOFT = "https://learn.microsoft.com/en-us/"
WINE_SOURCE = "https://gitlab.winehq.org/wine/wine/-/blob/master/"
WINE = {
    "create-global": Gap(
        ("O2", "W2"),
        "creating a file mapping in Global\\ outside session 0 needs SeCreateGlobalPrivilege",
        "the privilege is not asked for", "8.0", "10.0",
        f"{MICROSOFT}windows/win32/api/memoryapi/nf-memoryapi-createfilemappingw#remarks",
        f"{WINE_SOURCE}server/mapping.c", "O2"),
    "read-only-object": Gap(
        ("W4", "R4"),
        "an object made with PAGE_READONLY cannot be mapped with FILE_MAP_ALL_ACCESS",
        "over the paging file it can be, through a handle that was opened with that access",
        "8.0", "10.0",
        f"{MICROSOFT}windows/win32/api/memoryapi/nf-memoryapi-mapviewoffile#parameters",
        f"{WINE_SOURCE}dlls/ntdll/unix/virtual.c"),
    "function-keys": Gap(
        ("W6",),
        "_getch() returns for a function key, as for every key that has a code",
        "it passes over F1 to F12 and goes on waiting", "8.0", "10.0",
        f"{MICROSOFT}cpp/c-runtime-library/reference/getch-getwch#remarks",
        f"{WINE_SOURCE}dlls/msvcrt/console.c"),
}

#: The gaps that this run's platform may have; filled at its start.
HERE: Dict[str, Gap] = {}


def states(results: Iterable[Result]) -> Dict[str, str]:
    """What a run has found of each gap that it met: "open", or "closed" where every check that
    meets it passed."""
    found: Dict[str, str] = {}
    for result in results:
        if result.outcome == "gap" or result.outcome == "passed" and result.gap not in found:
            found[result.gap] = "open" if result.outcome == "gap" else "closed"
    return {name: found[name] for name in HERE if name in found}


def gap_lines(found: Dict[str, str]) -> Iterator[str]:
    """A line for each gap that a run has met, in whichever state."""
    for name, state in found.items():
        gap = HERE[name]
        claims = f"gap {name} ({', '.join(gap.claims)})"
        if state == "closed":
            yield f"{claims} is closed here: {gap.documented}, and so it is"
        else:
            yield f"{claims}: {gap.documented}; here {gap.seen} (see {PAGE})"
