"""Scenes about names that are taken, missing or misspelled."""
from __future__ import annotations

from harness.driver.contract import BUF_SIZE, NAME
from harness.driver.errors import Win32Error
from harness.driver.host import Host
from harness.driver.programs import Launch
from harness.driver.waiting import wait_for
from harness.driver.win32.constants import PAGE_READONLY

from harness.lessons.scenes.common import Lines, ending, showing, unicode_scene


def name_taken(host: Host) -> Lines:
    """Another kind of object has the name."""
    host.occupy(NAME, "event")
    yield f"Another process has created an event named {NAME}."
    yield from both_fail(host)


def no_access(host: Host) -> Lines:
    """An object whose DACL denies everyone access has the name."""
    host.create(NAME, BUF_SIZE, denied=True)
    yield "The object exists, and its DACL denies everyone access."
    yield from both_fail(host)


def small_file(host: Host) -> Lines:
    """The object exists, but is smaller than the view that both programs ask for."""
    host.create(NAME, 16, file=host.folder / "small.bin")
    yield f"The object exists over a file of 16 bytes; both ask for a view of {BUF_SIZE}."
    yield from both_fail(host)


def both_fail(host: Host) -> Lines:
    """Start writer and reader; yield how they end."""
    scene = unicode_scene(host)
    yield from ending("first_process", scene.writer())
    yield from ending("second_process", scene.reader())


def local_name(host: Host) -> Lines:
    """The writer left out the Global prefix, or used Local."""
    for name in ("MyFileMappingObject", "Local\\MyFileMappingObject"):
        mapping = host.create(name, BUF_SIZE)
        yield f"The object exists as {name}."
        yield from ending("second_process", unicode_scene(host).reader())
        mapping.close()


def other_case(host: Host) -> Lines:
    """The name is spelled with other capitals."""
    host.create("Global\\myfilemappingobject", BUF_SIZE)
    yield "The object exists as Global\\myfilemappingobject."
    yield from ending("second_process", unicode_scene(host).reader())


def path_as_name(host: Host) -> Lines:
    """The name is a file's path, or has a second backslash."""
    for name in ("C:\\data\\shared.bin", "Global\\My\\Object", "data/shared.bin"):
        try:
            host.create(name, BUF_SIZE).close()
            yield f"CreateFileMapping with the name {name} succeeds."
        except Win32Error as error:
            yield f"CreateFileMapping with the name {name} fails with {error.code}."


def limited_token(host: Host) -> Lines:
    """First the writer, then the reader has no SeCreateGlobalPrivilege."""
    scene = unicode_scene(host)
    who = host.token(limited=True)
    yield (f"A token is made that {'has' if who.create_global else 'lacks'} "
           f"SeCreateGlobalPrivilege, in session {who.session}.")
    yield "first_process starts with it."
    writer = scene.writer(Launch(limited_token=True))
    wait_for(lambda: writer.status()[0] or scene.exists(), "a verdict", writer.describe)
    if not scene.exists():
        yield from ending("first_process", writer)
        return
    scene.message_of(writer).close()
    yield "It creates the object: this platform does not enforce the privilege."
    yield "second_process starts with such a token, too."
    yield from showing(scene.reader(Launch(limited_token=True)))


def read_only_object(host: Host) -> Lines:
    """The object was created with PAGE_READONLY; the reader asks for all access."""
    host.create(NAME, BUF_SIZE, protect=PAGE_READONLY)
    yield "The object was created with PAGE_READONLY; second_process asks for all access to it."
    yield "The documentation requires PAGE_READWRITE for that. What happens here:"
    yield from showing(unicode_scene(host).reader())
