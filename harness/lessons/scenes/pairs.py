"""Scenes about the robust pair, and about half of a change in the pair of docs/changing."""
from __future__ import annotations

import re

from harness.driver.host import Host
from harness.driver.programs import Launch, Program, TRACED
from harness.driver.win32.constants import FILE_MAP_READ
from harness.interleavings.changing import NAME
from harness.lessons.drawing import Lines, calls_of, said, start
from harness.lessons.robust import FORGED, RobustPair

WAYS = ("none", "sequence", "mutex")
MUTEX = "Local\\NamedSharedMemory.Changing.Mutex"
#: The last call of a reader that waits.
LAST_CALL = {"sequence": "MapViewOfFile", "mutex": "WaitForSingleObject"}


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
        for line in calls_of(program):
            yield re.sub(r"0x\w{4,}", "&security", line)


def changing(host: Host, half: str, arguments: str, launch: Launch = Launch()) -> Program:
    """Start the "writer" or "reader" of docs/changing with these arguments."""
    return start(host, f"changing_{half}", arguments, launch, "changing")


def writer_in_the_middle(host: Host, way: str) -> Program:
    """Start a writer that has changed one half of its record and waits for the second key."""
    writer = changing(host, "writer", way, TRACED)
    writer.press()
    writer.await_call("_getch", 2)
    return writer


def half_a_change(host: Host) -> Lines:
    """A record that is read while it changes, in three ways."""
    for way in WAYS:
        writer = writer_in_the_middle(host, way)
        yield f"{way}: changing_writer has changed the first half."
        yield from said(changing(host, "reader", f"{way} 200"))
        if way != "none":
            reader = changing(host, "reader", f"{way} 20000", TRACED)
            reader.await_call(LAST_CALL[way])
            yield "Another reader waits."
        yield "The other half is changed."
        writer.press()
        if way == "none":
            writer.await_call("_getch", 3)
            reader = changing(host, "reader", way)
        yield from said(reader)
        host.sweep()


def half_a_change_for_ever(host: Host) -> Lines:
    """The writer is killed while it changes the record."""
    for way in WAYS[1:]:
        # As if other readers had them open: the mutex and the record outlive the writer.
        host.occupy(MUTEX, "mutex")
        writer = writer_in_the_middle(host, way)
        host.open(NAME, FILE_MAP_READ)
        writer.terminate()
        writer.wait()
        yield f"{way}: changing_writer was killed between the two halves."
        yield from said(changing(host, "reader", f"{way} 200"))
        host.sweep()
