"""The scene of the report: the pair is played once, and everything about it is kept."""
from __future__ import annotations

from dataclasses import dataclass
from typing import List, Tuple

from drawing import dump
from driver.calls import Call, lines
from driver.contract import BUF_SIZE, NAME
from driver.deadline import wait_for
from driver.host import Settings, open_host
from scenes.stage import run_through, unicode_scene


@dataclass(frozen=True)
class Played:
    """The object before and after the copying, and the calls in their order: whose, and what."""

    before: List[str]
    after: List[str]
    timeline: List[Tuple[str, str]]


def _waits_at(made: List[Call]) -> int:
    return next(place for place, call in enumerate(made) if call.name == "_getch")


def play() -> Played:
    """Play the Unicode pair in a host of its own. Raises HarnessError and Expired."""
    host = open_host(Settings())
    try:
        scene = unicode_scene(host)
        writer = scene.writer(trace=1, hold=1)
        run_through(writer, "MapViewOfFile")
        mapping = host.open(NAME).map()
        before = mapping.read(BUF_SIZE)
        writer.agent.request("go", program=writer.number)
        wait_for(lambda: writer.calls()[2:], "the writer's _getch", writer.describe)
        after = mapping.read(BUF_SIZE)
        mapping.close()
        reader = scene.reader(trace=1, console="new")
        reader.answer(reader.box())
        reader.wait()
        writer.press()
        writer.agent.request("go", program=writer.number)
        run_through(writer, "CloseHandle")
        made = writer.calls()
        written, read = lines(made), lines(reader.calls())
        waits = _waits_at(made) + 1
        # The key comes when the reader has gone, so _getch is told where it returns.
        return Played(dump(before), dump(after),
                      [("writer", line) for line in written[:waits - 1]]
                      + [("writer", "_getch() waits for a key")]
                      + [("reader", line) for line in read]
                      + [("writer", line) for line in written[waits - 1:]])
    finally:
        host.close()
