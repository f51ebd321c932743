"""A sample of the orders of the pair's steps, on the real programs; `make interleavings` runs all
of them."""
from __future__ import annotations

from typing import List

import pytest

from harness.driver.contract import MESSAGE
from harness.driver.host import Host
from harness.driver.pair import VARIANTS, Pair, Scene, product_pair
from harness.interleavings.documented import DOCUMENTED, TWO_AND_TWO
from harness.interleavings.model import start
from harness.interleavings.orders import number_of, numbered, parse, word
from harness.interleavings.outcomes import grouped, predict_all, shortest
from harness.interleavings.replay import replay
from harness.judge.checks import check

pytestmark = [pytest.mark.products, pytest.mark.calls]

START = start(DOCUMENTED)
RUNS = predict_all(START)
#: Order numbers: the shortest order of each outcome, and a sample with these and every twelfth.
SHORTEST = sorted(number_of(START, shortest(START, found)) for found in grouped(RUNS).values())
SAMPLE = sorted({*SHORTEST, *range(1, len(RUNS) + 1, 12)})
#: The shortest orders on all variants, the others on the 64-bit ones alternately.
ROWS = [(number, product_pair(*variant)) for place, number in enumerate(SAMPLE)
        for variant in VARIANTS
        if number in SHORTEST or variant == ("x86_64", ("ansi", "unicode")[place % 2])]


def order_id(value: object) -> str:
    """Return the part of a test id for an order or a pair."""
    return word(numbered(START, value)) if isinstance(value, int) else str(value)


@check("O3.alive", "O4.zero", "H4.early", "W5.message", "W7.order", "R5.text", "R6.order")
@pytest.mark.parametrize("number, pair", ROWS, ids=order_id)
def test_an_order_goes_as_predicted(scene: Scene, pair: Pair, number: int) -> None:
    """Each step of the real programs does what the model predicts, until both have exited."""
    state = start(DOCUMENTED, pair.writer.charset)
    replay(scene.host, state, numbered(state, number), pair.writer.arch)


#: The last three steps of each of four programs.
ENDS = "".join(actor * 3 for actor, _ in TWO_AND_TWO.processes)


@pytest.mark.parametrize("order, boxes", [
    pytest.param("w2w2w2w1w1w1r1r1r1r2r2r2" + ENDS, [MESSAGE, "敍獳条\u2065牦浯映物瑳瀠潲散獳.irst process."],
                 id="the-ANSI-writer-last",
                 marks=check("W8.overwrites", "H1.shown", "H2.shown", "O5.shown")),
    pytest.param("w1w1w1w2w2w2r1r1r1r2r2r2" + ENDS, ["M", MESSAGE],
                 id="the-Unicode-writer-last",
                 marks=check("W8.overwrites", "H2.shown", "O5.shown")),
    pytest.param("w1w1w1w1w1w1w2r1r1r1w2w2r2r2r2w2w2w2r1r1r1r2r2r2", ["", MESSAGE],
                 id="a-new-object-of-that-name", marks=check("O3.alive", "O4.zero")),
])
def test_a_crowd_goes_as_predicted(host: Host, order: str, boxes: List[str]) -> None:
    """Two writers and two readers of both character sets share an object, or create a second."""
    run = replay(host, *parse(order))
    assert [result.seen.box for result in run if result.step.shows] == boxes
