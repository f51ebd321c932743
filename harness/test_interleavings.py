"""A sample of the orders in which the pair's steps can follow each other, on the real programs, and
what makes it fail. `make interleavings` runs them all."""
from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import List, Tuple

import pytest

from driver.contract import MESSAGE
from driver.deadline import wait_for
from driver.host import Host
from driver.pair import Pair, Scene, product_pair
from driver.patience import DEADLINE
from interleavings import crew
from interleavings.crew import Crew
from interleavings.model import Object, World
from interleavings.orders import (TWO_AND_TWO, Order, count, number_of, numbered, one_and_one,
                                  parse, word)
from interleavings.outcomes import OUTCOMES, foretell, grouped, shortest
from interleavings.stage import Disagreement, Drift, Story, play
from interleavings.steps import STEPS

pytestmark = [pytest.mark.products, pytest.mark.calls]
HARNESS = Path(__file__).resolve().parent

START = one_and_one("unicode")
STORIES = [foretell(START, numbered(START, number + 1)) for number in range(count(START))]
#: Order numbers: the shortest one of each outcome, and these with one in twelve of all.
SHORTEST = sorted(number_of(START, shortest(START, found)) for found in grouped(STORIES).values())
SAMPLE = sorted({*SHORTEST, *range(1, len(STORIES) + 1, 12)})
#: The shortest ones in both charsets, the others in turn in one of them.
ROWS = [(number, charset) for place, number in enumerate(SAMPLE) for charset in ("ansi", "unicode")
        if number in SHORTEST or place % 2 == (charset == "unicode")]


def order_id(value: object) -> str:
    """How a test is named after its order, and its charset."""
    return word(numbered(START, value)) if isinstance(value, int) else str(value)


@pytest.mark.claims("O3", "O4", "H4", "W5", "W7", "R5", "R6")
@pytest.mark.parametrize("number, charset", ROWS, ids=order_id)
def test_an_order_goes_as_predicted(host: Host, number: int, charset: str) -> None:
    """Each step of the real programs does what the model says, to their ends."""
    start = one_and_one(charset)
    play(host, start, numbered(start, number))


@pytest.mark.claims("O3", "O4", "H4", "W5", "W7", "R5", "R6")
@pytest.mark.parametrize("pair", [product_pair("i686", "ansi"), product_pair("i686", "unicode")],
                         ids=str)
@pytest.mark.parametrize("number", SHORTEST, ids=order_id)
def test_a_32_bit_order_goes_as_predicted(scene: Scene, pair: Pair, number: int) -> None:
    """Each outcome that there is, in 32 bit."""
    start = one_and_one(pair.writer.charset)
    play(scene.host, start, numbered(start, number), pair.writer.arch)


#: The last three steps of each of four programs.
ENDS = "".join(actor * 3 for actor in TWO_AND_TWO)


@pytest.mark.parametrize("order, boxes", [
    pytest.param("w2w2w2w1w1w1r1r1r1r2r2r2" + ENDS, [MESSAGE, "敍獳条\u2065牦浯映物瑳瀠潲散獳.irst process."],
                 id="the ANSI writer last", marks=pytest.mark.claims("W8", "H1", "H2", "O5")),
    pytest.param("w1w1w1w2w2w2r1r1r1r2r2r2" + ENDS, ["M", MESSAGE],
                 id="the Unicode writer last", marks=pytest.mark.claims("W8", "H2", "O5")),
    pytest.param("w1w1w1w1w1w1w2r1r1r1w2w2r2r2r2w2w2w2r1r1r1r2r2r2", ["", MESSAGE],
                 id="a new object of that name", marks=pytest.mark.claims("O3", "O4")),
])
def test_a_crowd_goes_as_predicted(host: Host, order: str, boxes: List[str]) -> None:
    """Two writers and two readers, of both charsets, share an object or make a second one."""
    story = play(host, *parse(order, "unicode"))
    assert [taken.seen.box for taken in story if taken.step.shows] == boxes


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


def test_an_order_is_repeated_if_the_host_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """The agent is killed before one order; all are played, and the repetition is told."""
    lost: List[Host] = []

    def play_without_agent(host: Host, start: World, order: Order) -> Story:
        if not lost:
            lost.append(host)
            os.kill(host.agent().process.pid, signal.Signals["SIGKILL"])
        return play(host, start, order)

    monkeypatch.setattr(crew, "play", play_without_agent)
    played = Crew([(START, numbered(START, number)) for number in (1, 206, 465)])
    played.run(2, lambda done: None)
    assert (sorted(played.stories), played.failures, played.broken) == ([0, 1, 2], {}, [])
    assert [told.split(": ")[1] for told in played.repeated] == ["the agent ended at"]


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
@pytest.mark.parametrize("sent, expected", [("SIGTERM", 130), ("SIGKILL", -9)])
def test_nothing_is_left_of_an_interrupted_run(tmp_path: Path, sent: str, expected: int) -> None:
    """While programs are held: no process, no folder."""
    environment = dict(os.environ, PYTHONPATH=str(HARNESS), TMPDIR=str(tmp_path))
    with open(tmp_path / "told", "wb") as told:
        run = subprocess.Popen([sys.executable, "-m", "interleavings"], env=environment,
                               stdin=subprocess.DEVNULL, stdout=told, stderr=told)
    wait_for(lambda: any("first_process" in line for _, line in left_behind(tmp_path)),
             "a writer that is held", lambda: (tmp_path / "told").read_text())
    run.send_signal(getattr(signal, sent))
    assert run.wait(3 * DEADLINE) == expected
    wait_for(lambda: not left_behind(tmp_path), "an end of all processes",
             lambda: str(left_behind(tmp_path)))
    wait_for(lambda: [file.name for file in tmp_path.iterdir()] == ["told"], "an empty folder",
             lambda: str(list(tmp_path.iterdir())))
