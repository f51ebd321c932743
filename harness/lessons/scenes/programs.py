"""Scenes about the calls of the documented programs, and when the object exists."""
from __future__ import annotations

from harness.driver.contract import BUF_SIZE, NAME
from harness.driver.host import Host
from harness.driver.programs import HELD, Launch, TRACED
from harness.driver.waiting import wait_for
from harness.driver.win32.calls import lines
from harness.lessons.drawing import dump
from harness.lessons.scenes.common import Lines, calls_of, reader, said, shown, writer


def all_calls(host: Host) -> Lines:
    """The calls of both programs, with arguments and results."""
    first = writer(host, TRACED)
    first.await_call("_getch")
    second = reader(host, TRACED)
    second.answer(second.box())
    second.wait()
    first.press()
    first.wait()
    yield from calls_of(first)
    yield from calls_of(second)


def failing_call(host: Host) -> Lines:
    """What the functions return when they fail."""
    alone = reader(host, TRACED)
    alone.wait()
    yield from calls_of(alone)


def huge_code(host: Host) -> Lines:
    """CreateFileMapping fails with 0x80000001, which no int can hold."""
    yield "CreateFileMapping is made to fail with 0x80000001 (2147483649)."
    yield from said(writer(host, Launch(trace=True, fail="CreateFileMapping", error=0x80000001)))


def reader_alone(host: Host) -> Lines:
    """The reader starts without a writer."""
    yield "Nobody has created the object. second_process starts."
    yield from said(reader(host))


def the_object(host: Host) -> str:
    """Say whether the object still exists."""
    return f"The object is {'still there.' if host.exists(NAME) else 'gone.'}"


def writer_gone_first(host: Host) -> Lines:
    """The writer ends while the reader's message box is open."""
    first = writer(host, TRACED)
    first.await_call("_getch")
    second = reader(host)
    box = second.box()
    yield "first_process waits for its key, second_process shows its message box."
    first.press()
    yield "The key is pressed."
    yield from said(first)
    yield the_object(host)
    second.answer(box)
    yield "OK is pressed."
    yield from said(second)
    yield the_object(host)
    yield "Another second_process starts."
    yield from said(reader(host))


def too_early(host: Host) -> Lines:
    """The reader comes between the writer's MapViewOfFile and its CopyMemory."""
    writer(host, HELD).go_through("MapViewOfFile")
    yield "first_process is held after MapViewOfFile, before CopyMemory."
    yield from shown(reader(host))


def before_and_after(host: Host) -> Lines:
    """The first bytes of the object before and after the writer's copy."""
    first = writer(host, HELD)
    first.go_through("MapViewOfFile")
    mapping = host.open(NAME).map()
    yield "After MapViewOfFile:"
    yield from dump(mapping.read(64))
    first.go()
    wait_for(lambda: any(mapping.read(2)), "the message", first.describe)
    first.await_call("_getch")
    yield "After CopyMemory, at _getch:"
    yield from dump(mapping.read(64))
    rest = mapping.read(mapping.region - BUF_SIZE, BUF_SIZE)
    yield (f"The view is {mapping.region} bytes; those from {BUF_SIZE} on are "
           f"{'not ' if any(rest) else ''}all zero.")


def view_left(host: Host) -> Lines:
    """Only a view of the object is left: the bytes exist, the name does not."""
    first = writer(host, Launch(trace=True, hold=True, fail="UnmapViewOfFile"))
    first.go_through("MapViewOfFile")
    yield "first_process has a handle and a view."
    yield f"The name can{'' if host.exists(NAME) else 'not'} be opened."
    first.press()
    first.go_through("CloseHandle")
    yield "The key is pressed. UnmapViewOfFile fails, CloseHandle succeeds: only the view is left."
    yield f"The name can{'' if host.exists(NAME) else 'not'} be opened."


def two_writers(host: Host) -> Lines:
    """A second writer comes while the first one has the object."""
    writer(host, TRACED).await_call("_getch")
    yield "first_process waits for its key. A second first_process starts:"
    second = writer(host, Launch(trace=True, new_console=True))
    second.await_call("_getch")
    created = second.calls()[0]
    yield f"  {lines([created])[0]}"
    yield f"with the last error {created.error}."
    second.press()
    yield from said(second)
