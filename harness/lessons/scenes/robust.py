"""Scenes about the finished robust pair: what it refuses, and which calls it makes."""
from __future__ import annotations

import re

from harness.driver.host import Host
from harness.driver.programs import TRACED
from harness.driver.win32.calls import lines
from harness.lessons.robust import FORGED, Lines, RobustPair


def robust_headers(host: Host) -> Lines:
    """What the robust reader reports about each wrong header."""
    pair = RobustPair(host)
    for what, data in FORGED.items():
        pair.forge(data)
        ended = pair.reader(0).wait()
        yield f"{what}: {ended.err.decode().strip()}"
        host.sweep()
    yield f"robust_reader exits with {ended.code}."


def robust_calls(host: Host) -> Lines:
    """The calls of the robust pair, with arguments and results."""
    pair = RobustPair(host)
    writer = pair.serving_writer(3000, TRACED)
    reader = pair.reader(launch=TRACED)
    reader.answer(reader.box())
    for program in (writer, reader):
        program.wait()
        yield f"{program.name}:"
        for line in lines(program.calls()):
            yield "  " + re.sub(r"0x\w{4,}", "&security", line)
