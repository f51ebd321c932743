"""Tests the models and their orders, the pages about them, that real programs run in chosen orders
as predicted, and that a wrong model is noticed. claims/ has orders of the documented pair."""
from __future__ import annotations

import os
import signal
from math import comb
from typing import Callable, Dict, List, Tuple

import pytest

from harness.driver.contract import MESSAGE
from harness.driver.errors import HarnessError
from harness.driver.host import Host
from harness.driver.paths import ROOT
from harness.driver.programs import Program, TRACED
from harness.driver.win32.console import Key, LETTER
from harness.interleavings import replay as replaying
from harness.interleavings.documented import DOCUMENTED, OUTCOMES, TWO_AND_TWO
from harness.interleavings.model import EFFECTS, State, Turn, start
from harness.interleavings.orders import PAIRS, count, number_of, numbered, parse, word
from harness.interleavings.outcomes import (order_of, outcome_of, predict_all, summary,
                                            wrong_counts)
from harness.interleavings.pairs import BEFORE, CLOSED, HOLDS, Order
from harness.interleavings.replay import Mismatch, Pool, Run, WrongStep, replay
from harness.lessons.scenes.pairs import WAYS, changing as start_changing
from harness.play.record import cover

pytestmark = pytest.mark.calls

START = start(DOCUMENTED)
RUNS = predict_all(START)
PAGES = {"documented": "interleavings.md", "robust": "robust/README.md"}
#: Orders of several readers: two time limits pass and one reader continues; a mutex passes to the
#: writer, which has waited longest, and then to the other reader.
SEVERAL = [("sequence-readers", "wwr1r2r3wr1r2r3t1r1t2r2wr3r3ww"),
           ("mutex-readers", "wwr1r2r1wr2r1r1r1wwr2r2r2ww")]
OTHERS = [pytest.param(name, word(order), marks=pytest.mark.slow)
          for name in ("robust", "unprotected", "sequence", "mutex")
          for order in cover(start(PAIRS[name]))]


def test_the_outcomes_are_these_and_no_others() -> None:
    """The table has exactly the outcomes and counts derived by hand: the reader opens after `first`
    steps of the writer and shows after `then`, or ends after it cannot open. No order is missing or
    counted twice."""
    due: Dict[Tuple[str, str], int] = {}
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
    page = (ROOT / "docs" / PAGES.get(name, "changing/README.md")).read_text(encoding="utf-8")
    assert "\n".join(summary(state, runs)) + "\n" in page
    assert name not in PAGES or f"**{count(state):,} orders**" in page


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


@pytest.mark.unprivileged
@pytest.mark.parametrize("name, order", [*OTHERS, *SEVERAL])
def test_an_order_goes_as_predicted(host: Host, name: str, order: str) -> None:
    """Each step of the real programs does what the model predicts, from every state."""
    replay(host, *parse(order, PAIRS[name]))


def first_closer(turn: Turn) -> None:
    """Apply a wrong rule: the name disappears with the first handle that is closed."""
    turn.close()
    turn.named = -1


def nobody(turn: Turn) -> None:
    """Apply a wrong rule: the name never disappears."""
    named = turn.named
    turn.close()
    turn.named = named


@pytest.mark.parametrize("rule, order, step", [
    (first_closer, "wwwrrrrrrwww", "r.close"),
    (first_closer, "wwwrrwwwrrrr", "w.close"),
    (nobody, "wwwwwrwr", "w.close"),
])
def test_a_wrong_model_is_noticed(host: Host, rule: Callable[[Turn], None], order: str, step: str,
                                  monkeypatch: pytest.MonkeyPatch) -> None:
    """With a wrong rule of an object's lifetime, the first affected step is a mismatch."""
    parsed = parse(order)
    monkeypatch.setitem(EFFECTS, "CloseHandle", rule)
    with pytest.raises(Mismatch, match=step):
        replay(host, *parsed)


def test_a_step_that_is_not_taken_is_refused(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the model expects a close where the writer unmaps, that is a wrong step."""
    steps = DOCUMENTED.steps["w"]
    closing = steps[3]._replace(stops=steps[3].stops[:1] + steps[4].stops)
    monkeypatch.setitem(DOCUMENTED.steps, "w", steps[:3] + (closing,) + steps[4:])
    with pytest.raises(WrongStep, match="expected: held where CloseHandle returns"):
        replay(host, *parse("wwwwwwrr"))


def test_an_order_is_repeated_if_the_host_is_lost(alone: None, monkeypatch: pytest.MonkeyPatch,
                                                  capsys: pytest.CaptureFixture[str]) -> None:
    """If the agent is killed, all orders still run; the repetition and progress are reported."""
    lost: List[Host] = []

    def replay_without_agent(host: Host, state: State, order: Order) -> Run:
        if not lost:
            lost.append(host)
            # On Windows, SIGTERM kills a process like SIGKILL elsewhere.
            os.kill(host.win32().agent.process.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
        return replay(host, state, order)

    monkeypatch.setattr(replaying, "replay", replay_without_agent)
    monkeypatch.setattr(replaying, "PERIOD", 0.0)
    ran = Pool([(START, numbered(START, number)) for number in (1, 206, 465)]).run()
    assert (sorted(ran.runs), ran.failures) == ([0, 1, 2], {})
    assert [said.split(": ")[1] for said in ran.repeated] == ["the agent ended at"]
    assert "0 of 3 orders\n" in capsys.readouterr().err


def changing(host: Host, way: str) -> Program:
    """Start the writer of docs/changing, and wait until it waits for a key."""
    writer = start_changing(host, "writer", way, TRACED)
    writer.await_call("_getch")
    return writer


@pytest.mark.unprivileged
@pytest.mark.parametrize("way", WAYS[1:])
def test_many_readers_of_data_that_changes(host: Host, way: str) -> None:
    """Eight concurrent readers each print a whole record while it changes 20 times."""
    writer, other = changing(host, way), Key(0x59, ord("y"))
    readers = [start_changing(host, "reader", f"{way} 20000") for _ in range(8)]
    for key in [LETTER, LETTER, other, other] * 10:
        writer.press(key)
    for reader in readers:
        ended = reader.wait()
        assert (ended.code, ended.err) == (0, b"")
        assert ended.out in (b"--\r\n", b"xx\r\n", b"yy\r\n")


@pytest.mark.unprivileged
def test_a_second_writer_of_data_that_changes(host: Host) -> None:
    """A second writer refuses the existing record; both programs refuse an unknown way."""
    changing(host, "sequence")
    ended = start_changing(host, "writer", "sequence").wait()
    assert ended.code == 1 and b"is another writer running?" in ended.err
    assert start_changing(host, "reader", "both").wait().err.startswith(b"Give a way: ")
