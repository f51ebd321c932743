"""The ledger of platform gaps: what the platform of this run does otherwise than documented.

A test that meets one carries `@pytest.mark.gap("name")`. On the platform that has the gap it must
then fail; if it passes, the platform has learned the documented behaviour, the run fails, and the
entry is to be removed. Elsewhere the marker does nothing.
"""
from __future__ import annotations

from typing import Dict, NamedTuple, Tuple


class Gap(NamedTuple):
    """One difference: the claims it is about, what is documented, and what is seen instead.
    `decides` is the claim that cannot be settled on this platform because of it, if there is one.
    """

    claims: Tuple[str, ...]
    documented: str
    seen: str
    decides: str = ""


#: Measured on Wine 8.0.
WINE = {
    "create-global": Gap(
        ("O2", "W2"),
        "creating a file mapping in Global\\ outside session 0 needs SeCreateGlobalPrivilege",
        "the privilege is not asked for", "O2"),
    "read-only-object": Gap(
        ("W4", "R4"),
        "an object made with PAGE_READONLY cannot be mapped with FILE_MAP_ALL_ACCESS",
        "over the paging file it can be, through a handle that was opened with that access"),
    "function-keys": Gap(
        ("W6",),
        "_getch() returns for a function key, as for every key that has a code",
        "it passes over F1 to F12 and goes on waiting"),
}

#: The gaps of the platform that this run is on; filled at its start.
HERE: Dict[str, Gap] = {}
