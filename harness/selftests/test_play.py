"""Tests docs/play.html without a browser: its recording matches the model, and it is up to date."""
from __future__ import annotations

import json
import re
from typing import Any, Dict, Set, Tuple

import pytest

from harness.driver.host import Host
from harness.driver.errors import HarnessError
from harness.interleavings.model import State
from harness.interleavings.orders import branches, parse
from harness.interleavings.outcomes import predict
from harness.interleavings.replay import replay
from harness.play.page import LISTINGS, PAGE, listing, page
from harness.play.record import (RECORDED, SETUPS, cover, event_of, events, orders_to_run, states,
                                 table)

TABLE: Dict[str, Any] = json.loads(RECORDED.read_text(encoding="utf-8"))


@pytest.mark.parametrize("setup", SETUPS)
def test_the_recording_agrees_with_the_model(setup: str) -> None:
    """In every state, the same programs can continue, and each does what the model predicts."""
    rows, recorded = TABLE["setups"][setup]["rows"], TABLE["setups"][setup]["events"]
    numbers = {state: number for number, state in enumerate(states(SETUPS[setup]))}
    for state, number in numbers.items():
        assert set(rows[number]) == {actor for actor, _ in branches(state)}
        for actor, (after, event) in rows[number].items():
            [result] = predict(state, (actor,))
            shown, named = recorded[event], result.after.named
            views = len(result.after.objects[named].views) if named >= 0 else 0
            expected = event_of(result, shown.get("calls", []), views, shown.get("title"))
            assert after == numbers[result.after]
            # Whether a call has not returned yet is seen, and not predicted.
            assert {**shown, "waits": 0} == {**json.loads(json.dumps(expected)), "waits": 0}
    assert len(rows) == len(numbers)
    assert TABLE["setups"][setup]["runs"] == len(orders_to_run(setup))


def test_a_cover_takes_every_step() -> None:
    """A cover takes every step from every state with only a few orders."""
    start = SETUPS["mixed"]
    taken: Set[Tuple[State, str]] = set()
    for order in cover(start):
        state = start
        for actor in order:
            taken.add((state, actor))
            state = dict(branches(state))[actor]
    assert taken == {(state, actor) for state in states(start) for actor, _ in branches(state)}
    assert len(cover(start)) < 30


def test_a_real_order_is_recorded_as_it_was(host: Host) -> None:
    """Replaying an order gives the recorded events. Recording fails if two orders disagree about a
    step, or if no order takes a step."""
    first, order = parse("wwrrrrrrwwww")
    story = replay(host, first, order)
    setup, state = TABLE["setups"]["pair"], 0
    for actor, event in zip(order, events(story)):
        state, number = setup["rows"][state][actor]
        assert json.loads(json.dumps(event)) == setup["events"][number]
    with pytest.raises(HarnessError, match="not every step was taken"):
        table(first, [story])
    other = (story[0]._replace(seen=story[0].seen._replace(error=183)), *story[1:])
    with pytest.raises(HarnessError, match="w.create had different results"):
        table(first, [story, other])


@pytest.mark.parametrize("program", LISTINGS)
def test_each_step_is_in_the_listing(program: str) -> None:
    """The listing marks a line for every recorded step of the program."""
    marked = {step for line in listing(program) for step in line["steps"]}
    taken = {setup["events"][event]["step"] for setup in TABLE["setups"].values()
             for row in setup["rows"] for actor, (_, event) in row.items()
             if setup["actors"][actor]["program"] == program}
    assert taken <= marked


def test_the_page_is_made_from_its_sources() -> None:
    """The page is up to date, small and self-contained."""
    text = PAGE.read_text(encoding="utf-8")
    assert text == page()
    assert len(text.encode()) < 300_000
    assert not re.search(r"""(src|href)=["']?(https?:|//)|@import|url\(""", text)
