"""Scenes about when the object exists, and when its content is complete."""
from __future__ import annotations

from harness.driver.contract import BUF_SIZE, NAME
from harness.driver.host import Host
from harness.driver.programs import HELD, Launch
from harness.driver.waiting import wait_for
from harness.driver.win32.calls import lines
from harness.lessons.drawing import dump

from harness.lessons.scenes.common import Lines, ending, showing, unicode_scene


def reader_alone(host: Host) -> Lines:
    """The reader starts without a writer."""
    yield "Nobody has created the object. second_process starts."
    yield from ending("second_process", unicode_scene(host).reader())


def writer_gone_first(host: Host) -> Lines:
    """The writer ends while the reader's message box is open."""
    scene = unicode_scene(host)
    writer = scene.waiting_writer()
    reader = scene.reader()
    box = reader.box()
    yield "first_process waits for its key, second_process shows its message box."
    writer.press()
    yield "The key is pressed."
    yield from ending("first_process", writer)
    yield f"The object is {'still there.' if scene.exists() else 'gone.'}"
    reader.answer(box)
    yield "OK is pressed."
    yield from ending("second_process", reader)
    yield f"The object is {'still there.' if scene.exists() else 'gone.'}"
    yield "Another second_process starts."
    yield from ending("second_process", scene.reader())


def too_early(host: Host) -> Lines:
    """The reader comes between the writer's MapViewOfFile and its CopyMemory."""
    scene = unicode_scene(host)
    writer = scene.writer(HELD)
    writer.go_through("MapViewOfFile")
    yield "first_process is held after MapViewOfFile, before CopyMemory."
    yield from showing(scene.reader())


def before_and_after(host: Host) -> Lines:
    """The first bytes of the object before and after the writer's copy."""
    writer = unicode_scene(host).writer(HELD)
    writer.go_through("MapViewOfFile")
    mapping = host.open(NAME).map()
    yield "After MapViewOfFile:"
    yield from dump(mapping.read(64))
    writer.go()
    wait_for(lambda: any(mapping.read(2)), "the message", writer.describe)
    writer.await_call("_getch")
    yield "After CopyMemory, at _getch:"
    yield from dump(mapping.read(64))
    rest = mapping.read(mapping.region - BUF_SIZE, BUF_SIZE)
    yield (f"The view is {mapping.region} bytes; those from {BUF_SIZE} on are "
           f"{'not ' if any(rest) else ''}all zero.")


def view_left(host: Host) -> Lines:
    """Only a view of the object is left: the bytes exist, the name does not."""
    scene = unicode_scene(host)
    writer = scene.writer(Launch(trace=True, hold=True, fail="UnmapViewOfFile"))
    writer.go_through("MapViewOfFile")
    yield "first_process has a handle and a view."
    yield f"The name can{'' if scene.exists() else 'not'} be opened."
    writer.press()
    writer.go_through("CloseHandle")
    yield "The key is pressed. UnmapViewOfFile fails, CloseHandle succeeds: only the view is left."
    yield f"The name can{'' if scene.exists() else 'not'} be opened."


def two_writers(host: Host) -> Lines:
    """A second writer comes while the first one has the object."""
    scene = unicode_scene(host)
    scene.waiting_writer()
    yield "first_process waits for its key. A second first_process starts:"
    second = scene.writer(Launch(trace=True, new_console=True))
    second.await_call("_getch")
    created = second.calls()[0]
    yield f"  {lines([created])[0]}"
    yield f"with the last error {created.error}."
    second.press()
    yield from ending("The second one", second)
