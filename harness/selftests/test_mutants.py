"""Tests that the tables of variants fit the sources, so that `make mutants` can build them."""
from __future__ import annotations

import pytest

from harness.judge.claims import CLAIMS, READER, WRITER
from harness.selftests.edits import Edit, Stale, edited
from harness.selftests.mutants.tables import FAITHFUL, FAULTS

pytestmark = pytest.mark.products


def test_every_variant_fits_the_sources() -> None:
    """The edits of each variant find their text exactly once, and its claims exist. There are
    enough for each program and character set, under different names."""
    variants = FAITHFUL + FAULTS
    assert len({variant.name for variant in variants}) == len(variants)
    assert not any(variant.claims for variant in FAITHFUL) and len(FAITHFUL) >= 14
    for variant in variants:
        assert set(variant.claims) <= set(CLAIMS)
        assert all(variant.source(program) for program in variant.edits)
    for program in (WRITER, READER):
        for charset in ("ansi", "unicode"):
            assert sum(program in fault.edits and charset in fault.charsets
                       for fault in FAULTS) >= 100


@pytest.mark.parametrize("text", ["not in any source", "return"])
def test_an_edit_that_does_not_fit_is_refused(text: str) -> None:
    """An edit is refused if the source has its text not at all or more than once."""
    with pytest.raises(Stale, match="instead of once"):
        edited("return 0; return 1;", [Edit(text, "→", "")], "stale")
