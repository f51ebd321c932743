"""Tests the models and their orders: numbers, notations, outcomes, and the pages about them.
test_interleavings.py runs real programs."""
from __future__ import annotations

import re
from math import comb
from typing import Dict, Set, Tuple

import pytest

from harness.driver.contract import MESSAGE
from harness.driver.errors import HarnessError
from harness.driver.paths import ROOT
from harness.interleavings.documented import DOCUMENTED, OUTCOMES, TWO_AND_TWO
from harness.interleavings.model import start
from harness.interleavings.orders import PAIRS, count, number_of, numbered, parse, word
from harness.interleavings.outcomes import (columns, order_of, outcome_of, predict_all, summary,
                                            wrong_counts)
from harness.interleavings.pairs import BEFORE, CLOSED, HOLDS, Key
from harness.interleavings.robust import GONE, LATE, ROBUST

PAGES = {"documented": "interleavings.md", "robust": "robust/README.md",
         "unprotected": "changing/README.md", "sequence": "changing/README.md",
         "mutex": "changing/README.md", "sequence-readers": "changing/README.md",
         "mutex-readers": "changing/README.md"}
START = start(DOCUMENTED)
RUNS = predict_all(START)


def test_the_outcomes_are_these_and_no_others() -> None:
    """The table has exactly the outcomes and counts derived by hand: the reader opens after `first`
    steps of the writer and shows after `then`, or ends after it cannot open. No order is missing or
    counted twice."""
    due: Dict[Key, int] = {}
    for first in range(1, 5):
        for then in range(first, 7):
            key = ("" if then < 3 else MESSAGE, HOLDS if then < 5 else CLOSED)
            due[key] = due.get(key, 0) + (then - first + 1) * comb(9 - then, 3)
    due["error 2", BEFORE], due["error 2", CLOSED] = 7, 2 + 1
    assert {outcome.key: outcome.orders for outcome in OUTCOMES} == due
    assert sum(due.values()) == count(START) == len({order_of(run) for run in RUNS}) == 465


@pytest.mark.parametrize("name", PAIRS)
def test_the_page_says_what_a_run_says(name: str) -> None:
    """The counts of all outcomes match the pair's table, and the page has the same text."""
    state = start(PAIRS[name])
    runs = predict_all(state)
    assert wrong_counts(runs, state.pair) == []
    page = (ROOT / "docs" / PAGES[name]).read_text(encoding="utf-8")
    assert "\n".join(summary(state, runs)) + "\n" in page
    assert "changing" in PAGES[name] or f"**{count(state):,} orders**" in page


def test_a_message_makes_its_column_wider() -> None:
    """All rows keep the same width."""
    [run] = [run for run in RUNS if word(order_of(run)) == "wwwrwwwrrrrr"]
    rows = list(columns(START, run))
    assert f'show: "{MESSAGE}"' in rows[9]
    assert len({len(re.split("name|taken|free", row)[0]) for row in rows}) == 1


def test_the_robust_reader_shows_the_message_or_an_error() -> None:
    """In every order, the robust reader shows the message or reports an error."""
    runs = predict_all(start(ROBUST))
    ends: Set[Tuple[int, str]] = {result.seen.end for run in runs for result in run
                                  if result.actor == "r" and result.seen.end}
    boxes = {result.seen.box for run in runs for result in run if result.step.shows}
    assert (ends, boxes) == ({(0, ""), (1, LATE), (1, GONE)}, {MESSAGE})


def test_a_missing_outcome_is_noticed() -> None:
    """A missing outcome is reported."""
    without = [run for run in RUNS if outcome_of(run) != ("", HOLDS)]
    assert wrong_counts(without, DOCUMENTED) == [
        "the outcome ('', 'holds'): 161 orders expected, 0 seen"]


@pytest.mark.parametrize("text", [
    "206", "wwrrrrrrwwww",
    "w.create w.map r.open r.map r.show r.unmap r.close r.exit w.copy w.unmap w.close w.exit"])
def test_three_ways_to_write_an_order(text: str) -> None:
    """A number, a word and a list of steps can name the same order."""
    assert number_of(*parse(text)) == 206


def test_numbers_and_orders_belong_together() -> None:
    """The number of an order leads back to it, even among a million million orders."""
    for number in (1, 2, 10 ** 6, count(TWO_AND_TWO) // 3, count(TWO_AND_TWO)):
        order = numbered(TWO_AND_TWO, number)
        assert number_of(TWO_AND_TWO, order) == number
        assert parse(word(order)) == (TWO_AND_TWO, order)


@pytest.mark.parametrize("text, said", [
    ("0", "from 1 to 465"), ("466", "from 1 to 465"), ("wx", 'no "x"'), ("", 'no ""'),
    ("wr", "stops early; it can go on with: w.map, r.map"), ("rrr", "r.. cannot come there"),
    ("w.map", "it can go on with: w.create"), ("r.open r.map", "go on with: w.create, r.exit"),
    ("wwwwwwrrw", "all have ended"),
])
def test_an_order_that_cannot_be_is_refused(text: str, said: str) -> None:
    """An impossible order is never completed or shortened; the error names the possible steps."""
    with pytest.raises(HarnessError, match=said):
        parse(text)
