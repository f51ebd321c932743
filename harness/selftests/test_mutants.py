"""Tests that the tables of variants fit the sources, so that `make mutants` can build them."""
from __future__ import annotations

import pytest

from harness.judge.claims import CLAIMS
from harness.selftests.mutants.tables import ALL, FAULTS
from harness.selftests.mutants.variant import READER, Stale, Variant, WRITER

pytestmark = pytest.mark.products


def test_every_variant_fits_the_sources() -> None:
    """The edits of each variant find their text exactly once, and its claims exist."""
    for variant in ALL:
        assert set(variant.claims) <= set(CLAIMS)
        assert all(variant.source(program) for program in variant.programs)


def test_the_tables_are_long_enough_and_name_each_variant_once() -> None:
    """Names are unique, and there are enough faults for each program and character set."""
    names = [variant.name for variant in ALL]
    assert len(names) == len(set(names))
    assert len(FAULTS) >= 60 and len(ALL) - len(FAULTS) >= 14
    for program in (WRITER, READER):
        for charset in ("ansi", "unicode"):
            assert sum(program in fault.programs and charset in fault.charsets
                       for fault in FAULTS) >= 30


@pytest.mark.parametrize("text", ["not in any source", "return"])
def test_an_edit_that_does_not_fit_is_refused(text: str) -> None:
    """An edit is refused if the source has its text not at all or more than once."""
    with pytest.raises(Stale, match="instead of once"):
        Variant("stale", {WRITER: ((text, ""),)}).source(WRITER)
