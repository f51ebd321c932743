"""The machine that plays orders: a wrong model is noticed, and nothing is left behind."""
from __future__ import annotations

import os
import signal
from typing import List

import pytest

from harness.claims.products.test_interleavings import SAMPLE, STORIES
from harness.driver.host import Host
from harness.interleavings import __main__ as command, crew
from harness.interleavings.crew import HOSTS, Crew
from harness.interleavings.model import Object, World
from harness.interleavings.orders import Order, numbered, one_and_one, parse
from harness.interleavings.outcomes import OUTCOMES, grouped
from harness.interleavings.stage import Disagreement, Drift, Story, play
from harness.interleavings.steps import STEPS

pytestmark = [pytest.mark.products, pytest.mark.calls]

START = one_and_one("unicode")


def test_the_sample_has_every_outcome() -> None:
    """At least forty orders, and each outcome that there is."""
    assert len(SAMPLE) >= 40
    assert set(grouped(STORIES[number - 1] for number in SAMPLE)) == {
        outcome.key for outcome in OUTCOMES}


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


def test_an_order_is_repeated_if_the_host_is_lost(alone: None,
                                                  monkeypatch: pytest.MonkeyPatch) -> None:
    """The agent is killed before one order; all are played, and the repetition is told."""
    lost: List[Host] = []

    def play_without_agent(host: Host, start: World, order: Order) -> Story:
        if not lost:
            lost.append(host)
            # On Windows SIGTERM ends a process as SIGKILL does elsewhere.
            os.kill(host.win32().agent.process.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
        return play(host, start, order)

    monkeypatch.setattr(crew, "play", play_without_agent)
    played = Crew([(START, numbered(START, number)) for number in (1, 206, 465)])
    played.run(HOSTS, lambda done: None)
    assert (sorted(played.stories), played.failures, played.broken) == ([0, 1, 2], {}, [])
    assert [told.split(": ")[1] for told in played.repeated] == ["the agent ended at"]


def test_it_says_how_far_it_is_in_a_log(alone: None, monkeypatch: pytest.MonkeyPatch,
                                        capsys: pytest.CaptureFixture[str]) -> None:
    """A line now and then, since the whole takes minutes."""
    monkeypatch.setattr(command, "PERIOD", 0.0)
    command.run([(START, numbered(START, number)) for number in (1, 206)])
    assert "0 of 2 orders\n" in capsys.readouterr().err
