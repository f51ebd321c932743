"""A sample of the orders in which the pair's steps can follow each other, on the real programs, and
what makes it fail. `make interleavings` runs them all."""
from __future__ import annotations

import os
import signal
import subprocess
import sys
from math import comb
from pathlib import Path
from typing import Dict, List, Tuple

import pytest

from driver.deadline import wait_for
from driver.errors import HarnessError
from driver.host import Host
from interleavings.model import Object, world
from interleavings.orders import (TWO_AND_TWO, Order, count, number_of, numbered, one_and_one,
                                  parse, word)
from interleavings.outcomes import (BEFORE, CLOSED, HOLDS, OUTCOMES, Key, foretell, grouped,
                                    order_of, outcome_of, shortest, wrong_counts)
from interleavings.picture import picture
from interleavings.stage import Disagreement, Drift, play
from interleavings.steps import STEPS

pytestmark = [pytest.mark.products, pytest.mark.calls]
HARNESS = Path(__file__).resolve().parent
PICTURE = HARNESS.parent / "docs" / "pictures" / "interleavings.svg"

START = one_and_one("unicode")
STORIES = [foretell(START, numbered(START, number + 1)) for number in range(count(START))]
#: Order numbers: the shortest one of each outcome, and one in twelve of all.
SAMPLE = sorted({number_of(START, shortest(START, found)) for found in grouped(STORIES).values()}
                | set(range(1, len(STORIES) + 1, 12)))


def order_id(number: int) -> str:
    """How a test is named after its order."""
    return word(numbered(START, number))


@pytest.mark.claims("O3", "O4", "H4", "W5", "W7", "R5", "R6")
@pytest.mark.parametrize("charset", ["ansi", "unicode"])
@pytest.mark.parametrize("number", SAMPLE, ids=order_id)
def test_an_order_goes_as_predicted(host: Host, number: int, charset: str) -> None:
    """Each step of the real programs does what the model says, to their ends."""
    start = one_and_one(charset)
    story = play(host, start, numbered(start, number))
    assert outcome_of(story) == outcome_of(foretell(start, numbered(start, number)))


@pytest.mark.claims("W8", "H1", "H2", "O3", "O5")
@pytest.mark.parametrize("number", [1, 400_000_000_000, 700_000_000_000, 1_000_000_000_000])
def test_a_crowd_goes_as_predicted(host: Host, number: int) -> None:
    """Two writers and two readers of both charsets, in a few of their many orders."""
    start = world(TWO_AND_TWO)
    play(host, start, numbered(start, number))


def test_the_sample_has_every_outcome() -> None:
    """At least forty orders, and each outcome that there is."""
    assert len(SAMPLE) >= 40
    assert set(grouped(STORIES[number - 1] for number in SAMPLE)) == {
        outcome.key for outcome in OUTCOMES}


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


def first_closer(closed: Object, actor: str) -> bool:
    """A wrong rule: the name goes with the first handle that is closed."""
    return True


def nobody(closed: Object, actor: str) -> bool:
    """A wrong rule: the name never goes."""
    return False


@pytest.mark.parametrize("lifetime, order, step", [
    (first_closer, "wwwrrrrrrwww", "r.close"),
    (first_closer, "wwwrrwwwrrrr", "w.close"),
    (nobody, "wwwwwrwr", "w.close"),
])
def test_a_wrong_model_is_noticed(host: Host, lifetime: object, order: str, step: str) -> None:
    """With a wrong rule of lifetime the programs disagree, at the step where it tells."""
    start, parsed = parse(order, "unicode")
    with pytest.raises(Disagreement, match=step):
        play(host, start, parsed, lifetime=lifetime)  # type: ignore[arg-type]


def test_a_step_that_is_not_taken_is_refused(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer that is to close where it really unmaps has drifted, and that is no disagreement."""
    steps = STEPS["w"]
    closing = steps[3]._replace(stops=steps[3].stops[:1] + steps[4].stops)
    monkeypatch.setitem(STEPS, "w", steps[:3] + (closing,) + steps[4:])
    with pytest.raises(Drift, match="expected: held where CloseHandle returns"):
        play(host, START, parse("wwwwwwrr", "unicode")[1])


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
    ("0", "from 1 to 465"), ("466", "from 1 to 465"), ("wx", "no «x»"), ("", "no «»"),
    ("wr", "stops early; it can go on with: w.map, r.map"), ("rrr", "it has ended"),
    ("w.map", "w.create is next"), ("r.open r.map", "r.exit is next"),
])
def test_an_order_that_cannot_be_is_refused(text: str, told: str) -> None:
    """Never completed, never skipped: the text says what could come instead."""
    with pytest.raises(HarnessError, match=told):
        parse(text, "unicode")


def test_the_picture_is_that_of_the_outcomes() -> None:
    """The one in docs/ is what a run without disagreements draws."""
    assert PICTURE.read_text(encoding="utf-8") == picture(STORIES)


def left_behind(folder: Path) -> List[Tuple[str, str]]:
    """Processes that were started with their files in that folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if os.fsencode(folder) in (process / "environ").read_bytes():
                found.append((process.name, (process / "cmdline").read_text()))
        except OSError:
            continue  # It has just ended, or is none of ours.
    return found


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent as Unix does")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL],
                         ids=["SIGINT", "SIGTERM", "SIGKILL"])
def test_nothing_is_left_of_an_interrupted_run(tmp_path: Path, sent: signal.Signals) -> None:
    """While programs are held: no process, no folder."""
    environment = dict(os.environ, PYTHONPATH=str(HARNESS), TMPDIR=str(tmp_path))
    with open(tmp_path / "told", "wb") as told:
        run = subprocess.Popen([sys.executable, "-m", "interleavings"], env=environment,
                               stdin=subprocess.DEVNULL, stdout=told, stderr=told)
    wait_for(lambda: any("first_process" in line for _, line in left_behind(tmp_path)),
             "a writer that is held", lambda: (tmp_path / "told").read_text())
    run.send_signal(sent)
    code = run.wait(10)
    assert code == (-9 if sent == signal.SIGKILL else 130)
    wait_for(lambda: not left_behind(tmp_path), "an end of all processes",
             lambda: str(left_behind(tmp_path)))
    wait_for(lambda: [file.name for file in tmp_path.iterdir()] == ["told"], "an empty folder",
             lambda: str(list(tmp_path.iterdir())))
