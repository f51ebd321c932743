"""Scenes about the pair of docs/changing: how a reader handles half of a change in each mode."""
from __future__ import annotations

from harness.driver.host import Host
from harness.driver.pair import product
from harness.driver.programs import Launch, Program, TRACED
from harness.driver.win32.constants import FILE_MAP_READ
from harness.interleavings.changing import NAME
from harness.lessons.robust import Lines, said

WAYS = ("none", "sequence", "mutex")
MUTEX = "Local\\NamedSharedMemory.Changing.Mutex"
#: The last call of a reader that waits.
LAST_CALL = {"sequence": "MapViewOfFile", "mutex": "WaitForSingleObject"}


def start(host: Host, name: str, arguments: str, launch: Launch = Launch()) -> Program:
    """Start changing_writer or changing_reader with these arguments."""
    return host.start(name, f"{product('x86_64', 'changing', name).line(host)} {arguments}",
                      launch=launch)


def writer_in_the_middle(host: Host, way: str) -> Program:
    """Start a writer that has changed one half of its record and waits for the second key."""
    writer = start(host, "changing_writer", way, TRACED)
    writer.press()
    writer.await_call("_getch", 2)
    return writer


def half_a_change(host: Host) -> Lines:
    """A record that is read while it changes, in three ways."""
    for way in WAYS:
        writer = writer_in_the_middle(host, way)
        yield f"{way}: changing_writer has changed the first half."
        yield from said(start(host, "changing_reader", f"{way} 200"))
        if way != "none":
            reader = start(host, "changing_reader", f"{way} 20000", TRACED)
            reader.await_call(LAST_CALL[way])
            yield "Another reader waits."
        yield "The other half is changed."
        writer.press()
        if way == "none":
            writer.await_call("_getch", 3)
            reader = start(host, "changing_reader", way)
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
        yield from said(start(host, "changing_reader", f"{way} 200"))
        host.sweep()
