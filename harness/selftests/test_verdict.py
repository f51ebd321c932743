"""Tests of the verdict on made-up results, without any program; of failures of the harness itself;
and that `make mutants` can build its variants."""
from __future__ import annotations

import json
from pathlib import Path
from typing import List

import pytest

from harness.judge.claims import CLAIMS, READER, WRITER, required
from harness.judge.gaps import HERE, WINE
from harness.judge.results import Result, Seen
from harness.judge.verdict import Run, judge
from harness.selftests.edits import Edit, Stale, edited
from harness.selftests.inner_runs import PYTEST, InnerRuns
from harness.selftests.mutants.tables import FAITHFUL, FAULTS

PAIR = "x86_64-ansi"


def seen(fact: str, held: bool = True) -> List[Seen]:
    """Return a look at a fact for each program that it can be about."""
    programs = {"B": [WRITER, READER], "W": [WRITER], "R": [READER]}.get(fact[0], [""])
    return [Seen(fact, program, held, "what", "expected", "seen") for program in programs]


FACTS = [fact for claim in CLAIMS for fact in required(claim)]


def without(*left_out: str) -> Result:
    """Return a run in which all facts of all claims hold, except these, which were not seen."""
    return Result("all", PAIR, facts=FACTS,
                  seen=[one for fact in FACTS if fact not in left_out for one in seen(fact)])


def test_kept_means_that_every_fact_was_seen() -> None:
    """A fact that was not seen makes its claim not judged, and no other claim."""
    assert set(claim.verdict for claim in judge([without()]).claims.values()) == {"kept"}
    for fact in FACTS:
        verdict = judge([without(fact)])
        assert verdict.of("not judged") == [fact.partition(".")[0]], fact
        assert len(verdict.of("kept")) == len(CLAIMS) - 1


def test_one_finding_outweighs_any_number_of_looks_that_held() -> None:
    """A single finding breaks its claim; equal findings are counted."""
    more = [Result(str(number), PAIR, facts=["W5.changed"], seen=seen("W5.changed", False))
            for number in range(2)]
    verdict = judge([without(), *more])
    assert list(verdict.claims["W5"].findings.values()) == [2]
    assert (verdict.verdict, verdict.of("broken")) == ("broken", ["W5"])


def test_what_a_check_needs_is_the_reason() -> None:
    """A claim is not judged because of the broken claims that its checks were skipped for."""
    late = Result("late", PAIR, facts=["W7.end"], outcome="skipped", because=["W6"])
    assert judge([without("W7.end"), late]).claims["W7"].because == ["W6"]


def test_each_program_and_each_pair_must_be_seen() -> None:
    """A fact of one build or program says nothing about the other."""
    other = Result("other", "x86_64-unicode", facts=["W1.page"], outcome="skipped", because=["B1"])
    assert judge([without(), other]).claims["W1"].verdict == "not judged"
    alone = without()
    alone.seen = [one for one in alone.seen if (one.fact, one.program) != ("B3.name", READER)]
    assert judge([alone]).claims["B3"].verdict == "not judged"
    assert judge([alone], Run((WRITER,))).claims["B3"].verdict == "kept"


def test_what_only_calls_show_is_left_out_on_purpose_or_not_judged() -> None:
    """Facts that only calls show count at the level calls alone."""
    by_behaviour = without(*(fact for claim in CLAIMS for fact in required(claim)
                             if fact not in required(claim, "behaviour")))
    by_behaviour.why = "no calls"
    verdict = judge([by_behaviour])
    assert verdict.of("not judged") == ["B2", "W1", "W2", "W3", "W4", "W6", "W7", "R1", "R2", "R3",
                                        "R4", "R5", "R6"]
    assert verdict.claims["W1"].why == "no calls"
    level = judge([by_behaviour], Run(level="behaviour"))
    assert len(level.of("kept")) == len(CLAIMS)


def test_a_program_that_has_shown_nothing_has_not_passed() -> None:
    """Facts of its file alone give a program no verdict; a fact from its run does."""
    own = [fact for fact in FACTS if fact[0] == "R" and fact != "R7.user32"]
    silent = without(*own)
    silent.why = "nothing shows which object it asks for"
    verdict = judge([silent], Run((READER,)))
    assert verdict.claims["R7"].verdict == "kept" and verdict.verdict == "none"
    assert verdict.trouble == ["nothing that the reader does could be judged: " + silent.why]
    silent.seen += seen("R1.opened")  # Its calls are not seen, and it works.
    assert judge([silent], Run((READER,))).verdict == "kept"


def test_the_system_is_judged_only_where_both_programs_are_right() -> None:
    """A deviation of the system is no finding if a claim about a program is broken."""
    wrong = Result("both", PAIR, facts=["O4.zero", "W5.message"],
                   seen=seen("O4.zero", False) + seen("W5.message", False))
    verdict = judge([without(), wrong])
    assert verdict.of("broken") == ["W5"] and verdict.claims["O4"].because == ["W5"]
    wrong.seen = wrong.seen[:1]
    assert judge([without(), wrong]).of("broken") == ["O4"]


def test_a_gap_and_a_failed_harness_are_no_findings(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gap can decide a claim; an error or an unexplained failure is trouble."""
    monkeypatch.setitem(HERE, "create-global", WINE["create-global"])
    gap = Result("F1", PAIR, facts=["W6.others"], outcome="gap", seen=seen("W6.others", False))
    assert judge([without(), gap]).claims["W6"].verdict == "kept"
    gap = Result("O", PAIR, facts=["O2.create"], outcome="gap", seen=seen("O2.create", False),
                 gap="create-global")
    verdict = judge([without("O2.create"), gap])
    assert (verdict.claims["O2"].verdict, verdict.gaps) == ("gap", {"create-global": "open"})
    gap.outcome, gap.seen = "passed", seen("O2.create")
    verdict = judge([without("O2.create"), gap])
    assert (verdict.claims["O2"].verdict, verdict.gaps) == ("kept", {"create-global": "closed"})
    for outcome in ("error", "failed"):
        trouble = Result("x", PAIR, facts=["W6.others"], outcome=outcome, why="Hang: on")
        verdict = judge([without(), trouble])
        assert (verdict.verdict, len(verdict.trouble)) == ("none", 1)
    assert judge([without()], Run(stopped="no Wine")).verdict == "none"
    assert judge([]).verdict == "none"


SUITE = '''
import os
import pytest
from harness.driver.errors import HarnessError
from harness.driver.pair import product_pair
from harness.judge.checks import check
from harness.judge.claims import WRITER

pytestmark = pytest.mark.parametrize("pair", [product_pair("x86_64", "ansi")], ids=str)

@check("W2.line", about=WRITER)
def test_prints_what_looks_like_a_failed_harness(see, pair):
    see("W2.line", "output", "a", "HarnessError: Hang: on")

@check("W2.exit", about=WRITER)
def test_has_a_harness_that_fails(see, pair):
    raise HarnessError("nothing works")

def test_whose_process_crashes(pair):
    os._exit(7)
'''


def test_a_failed_harness_is_an_error(inner: InnerRuns, tmp_path: Path) -> None:
    """A test that the harness fails, or whose process crashes, is an error. If a program prints the
    text of a failed harness, that does not count as one."""
    suite = tmp_path / "test_suite.py"
    suite.write_text(SUITE)
    inner.run([*PYTEST, str(suite), "-p", "harness.judge.plugin", "-p", "harness.judge.fixtures",
               "--rootdir", str(tmp_path), "-c", "/dev/null", "--verdict",
               str(tmp_path / "verdict.json"), "-n1"])
    tests = json.loads((tmp_path / "verdict.json").read_text())["tests"]
    assert sorted(test["outcome"] for test in tests) == ["error", "error", "failed"]


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
