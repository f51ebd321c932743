"""The pair of docs/changing: no reader shows half of a change."""
from __future__ import annotations

import pytest

from harness.driver.host import Host
from harness.driver.paths import ROOT
from harness.driver.programs import TRACED
from harness.driver.waiting import wait_for
from harness.driver.win32.console import Key, LETTER
from harness.interleavings.orders import OTHERS, Order, every_order, word
from harness.interleavings.outcomes import foretell, wrong_counts
from harness.interleavings.stage import play
from harness.interleavings.tell import summary
from harness.lessons.pages import blocks
from harness.lessons.scenes.changing import WAYS, start
from harness.play.casts import cover

pytestmark = [pytest.mark.products, pytest.mark.calls, pytest.mark.unprivileged]
PAIRS = ("unprotected", "sequence")
PAGE = ROOT / "docs" / "changing" / "README.md"


@pytest.mark.parametrize("name, order", [(name, order) for name in PAIRS
                                         for order in cover(OTHERS[name])],
                         ids=lambda value: value if isinstance(value, str) else word(value))
def test_an_order_goes_as_predicted(host: Host, name: str, order: Order) -> None:
    """Each step of the real programs does what the model says, from every state; all orders are run
    by `make interleavings PAIR=sequence` and `PAIR=unprotected`."""
    play(host, OTHERS[name], order)


@pytest.mark.parametrize("name", PAIRS)
def test_the_outcomes_are_those_of_the_page(name: str) -> None:
    """As often as the table says; half of a change only without protection."""
    start_ = OTHERS[name]
    stories = [foretell(start_, order) for order in every_order(start_)]
    assert wrong_counts(stories, start_.kind) == []
    told = "\n".join(summary(start_, stories)) + "\n"
    assert told in [block.text for block in blocks(PAGE)]
    assert ("half of a change" in told) == (name == "unprotected")


@pytest.mark.parametrize("way", WAYS[1:])
def test_many_readers(host: Host, way: str) -> None:
    """Eight readers at once, while the record changes 20 times: each prints a whole record."""
    other = Key(0x59, ord("y"))
    writer = start(host, "changing_writer", way, TRACED)
    wait_for(lambda: writer.has_called("_getch"), "the writer", writer.describe)
    readers = [start(host, "changing_reader", f"{way} 20000") for _ in range(8)]
    for key in [LETTER, LETTER, other, other] * 10:
        writer.press(key)
    for reader in readers:
        ended = reader.wait()
        assert (ended.code, ended.err) == (0, b"")
        assert ended.out in (b"--\r\n", b"xx\r\n", b"yy\r\n")


def test_a_second_writer(host: Host) -> None:
    """It refuses a record that exists, and what is no way."""
    writer = start(host, "changing_writer", "sequence", TRACED)
    wait_for(lambda: writer.has_called("_getch"), "the writer", writer.describe)
    ended = start(host, "changing_writer", "sequence").wait()
    assert ended.code == 1 and b"is another writer running?" in ended.err
    assert start(host, "changing_reader", "both").wait().err.startswith(b"Give a way: ")
