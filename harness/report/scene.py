"""The scene of the report: the pair is played once, and everything about it is kept."""
from __future__ import annotations

from dataclasses import dataclass
from typing import List, Tuple

from harness.driver.calls import Call, lines
from harness.driver.contract import BUF_SIZE, NAME
from harness.driver.host import Settings
from harness.driver.hosts import open_host
from harness.driver.programs import HELD, Launch
from harness.driver.waiting import wait_for
from harness.lessons.drawing import dump
from harness.lessons.scenes.stage import unicode_scene


@dataclass(frozen=True)
class Played:
    """The object before and after the copying, and the calls in their order: whose, and what."""

    before: List[str]
    after: List[str]
    timeline: List[Tuple[str, str]]


def _waits_at(made: List[Call]) -> int:
    return next(place for place, call in enumerate(made) if call.name == "_getch")


def record() -> Played:
    """Play the Unicode pair in a host of its own. Raises HarnessError and Expired."""
    host = open_host(Settings(), NAME)
    try:
        scene = unicode_scene(host)
        writer = scene.writer(HELD)
        writer.go_through("MapViewOfFile")
        mapping = host.open(NAME).map()
        before = mapping.read(BUF_SIZE)
        writer.go()
        wait_for(lambda: writer.has_called("_getch"), "the writer's _getch", writer.describe)
        after = mapping.read(BUF_SIZE)
        mapping.close()
        reader = scene.reader(Launch(trace=True, new_console=True))
        reader.answer(reader.box())
        reader.wait()
        writer.press()
        writer.go()
        writer.go_through("CloseHandle")
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
