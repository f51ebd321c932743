"""The tables of variants fit the sources, so that `make mutants` has something to judge."""
from __future__ import annotations

from pathlib import Path

import pytest

from harness.judge.claims import CLAIMS
from harness.selftests.mutants.tables import FAITHFUL, FAULTS
from harness.selftests.mutants.variant import READER, Stale, Variant, WRITER
from harness.selftests.mutants.verdict import read

pytestmark = pytest.mark.products

REPORT = """<testsuites><testsuite>
<testcase classname="harness.test_a" name="one"><properties><property name="claim" value="W5"/>
</properties><failure message="AssertionError: W5: bytes"/></testcase>
<testcase classname="harness.test_a" name="two"><failure
    message="harness.driver.errors.Expired: no box"/>
</testcase>
<testcase classname="harness.test_a" name="three"><failure message="KeyError: 'x'"/></testcase>
<testcase classname="harness.test_a" name="four"><failure
    message="harness.driver.errors.HostLost: the agent ended"/></testcase>
<testcase classname="harness.test_a" name="five"><error message="AssertionError"/></testcase>
<testcase classname="harness.test_a" name="six"><skipped message="not here"/></testcase>
<testcase classname="harness.test_a" name="seven"/>
</testsuite></testsuites>"""


def test_every_variant_fits_the_sources() -> None:
    """Its edits find their text exactly once, and the claims that it breaks are known."""
    for variant in [*FAULTS, *FAITHFUL]:
        assert set(variant.claims) <= set(CLAIMS)
        assert all(variant.source(program) for program in variant.programs)


def test_the_tables_are_long_enough_and_name_each_variant_once() -> None:
    """Both programs and both charsets have their share of the faults."""
    names = [variant.name for variant in [*FAULTS, *FAITHFUL]]
    assert len(names) == len(set(names))
    assert len(FAULTS) >= 60 and len(FAITHFUL) >= 8
    for program in (WRITER, READER):
        for charset in ("ansi", "unicode"):
            assert sum(program in fault.programs and charset in fault.charsets
                       for fault in FAULTS) >= 30


@pytest.mark.parametrize("text", ["not in any source", "return"])
def test_an_edit_that_does_not_fit_is_refused(text: str) -> None:
    """Text that the source does not have, or has more than once."""
    with pytest.raises(Stale, match="instead of once"):
        Variant("stale", {WRITER: ((text, ""),)}).source(WRITER)


def test_trouble_of_the_harness_is_no_verdict(tmp_path: Path) -> None:
    """Only failures that are about the judged program count; what was skipped did not run."""
    report = tmp_path / "report.xml"
    report.write_text(REPORT)
    verdict = read(report, 1.0)
    assert verdict.failed == [("test_a::one", ("W5",)), ("test_a::two", ())]
    assert [line.split(":")[2] for line in verdict.trouble] == ["three", "four", "five"]
    assert verdict.ran == 6
