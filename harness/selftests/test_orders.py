"""The model and its orders: their number, their names, their outcomes, and the page about them."""
from __future__ import annotations

from math import comb
from typing import Dict, List

import pytest

from harness.driver.errors import HarnessError
from harness.driver.paths import ROOT
from harness.interleavings.model import world
from harness.interleavings.orders import (Order, TWO_AND_TWO, count, every_order, number_of,
                                          numbered, one_and_one, parse, word)
from harness.interleavings.outcomes import (BEFORE, CLOSED, HOLDS, Key, OUTCOMES, foretell,
                                            order_of, outcome_of, wrong_counts)
from harness.interleavings.tell import columns, heading, summary

pytestmark = pytest.mark.products
DOCS = ROOT / "docs"

START = one_and_one("unicode")
STORIES = [foretell(START, order) for order in every_order(START)]


def test_the_number_of_orders() -> None:
    """924 ways to merge six steps and six; fewer, since a failed open leaves only the exit."""
    after_open = {taken: comb(11 - taken, 5) for taken in range(7)}
    assert sum(after_open.values()) == comb(12, 6) == 924
    fails = (0, 5, 6)  # Steps that the writer has taken when there is no name to open.
    shortened = sum(comb(7 - taken, 1) for taken in fails)
    assert count(START) == sum(after_open[taken] for taken in range(1, 5)) + shortened == 465
    assert len({order_of(story) for story in STORIES}) == 465


def test_the_outcomes_are_these_and_no_others() -> None:
    """The model leads to exactly the outcomes of the table, as often as reckoned by hand: the
    reader opens after `first` steps of the writer and shows after `then`."""
    due: Dict[Key, int] = {}
    for first in range(1, 5):
        for then in range(first, 7):
            box = "" if then < 3 else "Message from first process."
            key = (box, HOLDS if then < 5 else CLOSED)
            due[key] = due.get(key, 0) + (then - first + 1) * comb(9 - then, 3)
    due["error 2", BEFORE], due["error 2", CLOSED] = 7, 2 + 1
    assert {outcome.key: outcome.orders for outcome in OUTCOMES} == due
    assert wrong_counts(STORIES) == []


def test_a_missing_outcome_is_noticed() -> None:
    """A run in which an outcome does not occur is told, and so is one that should not."""
    without = [story for story in STORIES if outcome_of(story) != ("", HOLDS)]
    assert wrong_counts(without) == ["the outcome ('', 'holds'): 161 orders expected, 0 seen"]


@pytest.mark.parametrize("text", [
    "206", "wwrrrrrrwwww",
    "w.create w.map r.open r.map r.show r.unmap r.close r.exit w.copy w.unmap w.close w.exit"])
def test_three_ways_to_write_an_order(text: str) -> None:
    """Number, word and steps name the same order."""
    assert number_of(*parse(text, "unicode")) == 206


def test_numbers_and_orders_belong_together() -> None:
    """Of a few among a million million."""
    start = world(TWO_AND_TWO)
    for number in (1, 2, 10 ** 6, count(start) // 3, count(start)):
        order: Order = numbered(start, number)
        assert number_of(start, order) == number
        assert parse(word(order), "unicode") == (start, order)


@pytest.mark.parametrize("text, told", [
    ("0", "from 1 to 465"), ("466", "from 1 to 465"), ("wx", 'no "x"'), ("", 'no ""'),
    ("wr", "stops early; it can go on with: w.map, r.map"), ("rrr", "it has ended"),
    ("w.map", "w.create is next"), ("r.open r.map", "r.exit is next"),
])
def test_an_order_that_cannot_be_is_refused(text: str, told: str) -> None:
    """Never completed, never skipped: the text says what could come instead."""
    with pytest.raises(HarnessError, match=told):
        parse(text, "unicode")


@pytest.mark.parametrize("told", [
    list(summary(START, STORIES)),
    *([heading(START, order_of(story)), *columns(START, story)] for story in STORIES
      if word(order_of(story)) in ("wwrrrrrrwwww", "wwwwrwwrrrrr"))],
    ids=["summary", "outlived", "empty"])
def test_the_page_tells_what_a_run_tells(told: List[str]) -> None:
    """The blocks in docs/ are what a run without disagreements prints."""
    assert "\n".join(told) in (DOCS / "interleavings.md").read_text(encoding="utf-8")
