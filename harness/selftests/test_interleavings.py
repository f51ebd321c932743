"""Tests that real programs run in chosen orders as predicted, that a wrong model is noticed, and
that an order is repeated after a lost host. claims/ has orders of the documented pair."""
from __future__ import annotations

import os
import signal
from typing import Callable, List

import pytest

from harness.driver.host import Host
from harness.driver.programs import Program, TRACED
from harness.driver.win32.console import Key, LETTER
from harness.interleavings import replay as replaying
from harness.interleavings.documented import DOCUMENTED
from harness.interleavings.model import EFFECTS, State, Turn, start
from harness.interleavings.orders import PAIRS, numbered, parse, word
from harness.interleavings.pairs import Order
from harness.interleavings.replay import Mismatch, Pool, Run, WrongStep, replay
from harness.lessons.scenes.pairs import WAYS, changing as start_changing
from harness.play.record import cover

pytestmark = pytest.mark.calls

START = start(DOCUMENTED)
#: Orders of several readers: two time limits pass and one reader continues; a mutex passes to the
#: writer, which has waited longest, and then to the other reader.
SEVERAL = [("sequence-readers", "wwr1r2r3wr1r2r3t1r1t2r2wr3r3ww"),
           ("mutex-readers", "wwr1r2r1wr2r1r1r1wwr2r2r2ww")]
OTHERS = [pytest.param(name, word(order), marks=pytest.mark.slow)
          for name in ("robust", "unprotected", "sequence", "mutex")
          for order in cover(start(PAIRS[name]))]


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
