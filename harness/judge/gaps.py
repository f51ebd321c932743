"""The ledger of platform gaps: known deviations of a platform from the documentation.

A check that meets one has the marker `@pytest.mark.gap("name")`. If the platform has the gap, the
check fails as expected; if it conforms, the check passes, and the run reports the gap as closed.
The behaviour of the platform decides, and not its version. The marker has no effect on a platform
that never had the gap.
"""
from __future__ import annotations

from typing import Dict, Iterable, Iterator, NamedTuple, Tuple

from harness.judge.results import Result

#: The page with a report for Wine on each gap.
PAGE = "docs/gaps.md"


class Gap(NamedTuple):
    """A deviation: its claims, what is documented, and what is seen instead; the first and last
    version in which these checks saw it; Microsoft's page, and the place in the platform's source.
    `decides` is the claim that it makes undecidable, if any. docs/gaps.md has the rest."""

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
        "the privilege is not required", "8.0", "10.0",
        f"{MICROSOFT}windows/win32/api/memoryapi/nf-memoryapi-createfilemappingw#remarks",
        f"{WINE_SOURCE}server/mapping.c", "O2"),
    "read-only-object": Gap(
        ("W4", "R4"),
        "an object made with PAGE_READONLY cannot be mapped with FILE_MAP_ALL_ACCESS",
        "an object in the paging file can, through a handle that was opened with that access",
        "8.0", "10.0",
        f"{MICROSOFT}windows/win32/api/memoryapi/nf-memoryapi-mapviewoffile#parameters",
        f"{WINE_SOURCE}dlls/ntdll/unix/virtual.c"),
    "function-keys": Gap(
        ("W6",),
        "_getch() returns for a function key, as for every key that has a code",
        "it ignores F1 to F12 and keeps waiting", "8.0", "10.0",
        f"{MICROSOFT}cpp/c-runtime-library/reference/getch-getwch#remarks",
        f"{WINE_SOURCE}dlls/msvcrt/console.c"),
}

#: The gaps that this run's platform may have; filled when the run starts.
HERE: Dict[str, Gap] = {}


def states(results: Iterable[Result]) -> Dict[str, str]:
    """Return the state of each gap that a run met: "closed" if all its checks passed, or "open"."""
    found: Dict[str, str] = {}
    for result in results:
        if result.outcome == "gap" or result.outcome == "passed" and result.gap not in found:
            found[result.gap] = "open" if result.outcome == "gap" else "closed"
    return {name: found[name] for name in HERE if name in found}


def gap_lines(found: Dict[str, str]) -> Iterator[str]:
    """Yield a line for each gap that a run met, open or closed."""
    for name, state in found.items():
        gap = HERE[name]
        claims = f"gap {name} ({', '.join(gap.claims)})"
        if state == "closed":
            yield f"{claims} is closed here, as documented: {gap.documented}"
        else:
            yield f"{claims}: {gap.documented}; here {gap.seen} (see {PAGE})"
