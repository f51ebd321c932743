"""Scenes about the documented programs: their calls, when the object exists, names that are taken
or misspelled, and the bytes that the reader finds."""
from __future__ import annotations

from harness.driver.contract import BUF_SIZE, MESSAGE, NAME, encode
from harness.driver.errors import Win32Error
from harness.driver.host import Host
from harness.driver.programs import HELD, Launch, TRACED
from harness.driver.waiting import wait_for
from harness.driver.win32.calls import lines
from harness.driver.win32.constants import PAGE_READONLY
from harness.lessons.drawing import Lines, calls_of, dump, reader, said, shown, start, writer

#: The names of the character sets.
BUILDS = {"ansi": "ANSI", "unicode": "Unicode"}


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


def both_fail(host: Host) -> Lines:
    """Start writer and reader; yield how they end."""
    yield from said(writer(host))
    yield from said(reader(host))


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


def local_name(host: Host) -> Lines:
    """The writer left out the Global prefix, or used Local."""
    for name in ("MyFileMappingObject", "Local\\MyFileMappingObject"):
        mapping = host.create(name, BUF_SIZE)
        yield f"The object exists as {name}."
        yield from said(reader(host))
        mapping.close()


def other_case(host: Host) -> Lines:
    """The name is spelled with other capitals."""
    host.create("Global\\myfilemappingobject", BUF_SIZE)
    yield "The object exists as Global\\myfilemappingobject."
    yield from said(reader(host))


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
    who = host.token(limited=True)
    yield (f"A token is made that {'has' if who.create_global else 'lacks'} "
           f"SeCreateGlobalPrivilege, in session {who.session}.")
    yield "first_process starts with it."
    first = writer(host, Launch(limited_token=True, trace=True))
    wait_for(lambda: first.ended() or first.called("_getch"), "a verdict", first.describe)
    if first.ended():
        yield from said(first)
        return
    yield "It creates the object: this platform does not enforce the privilege."
    yield "second_process starts with such a token, too."
    yield from shown(reader(host, Launch(limited_token=True)))


def read_only_object(host: Host) -> Lines:
    """The object was created with PAGE_READONLY; the reader asks for all access."""
    host.create(NAME, BUF_SIZE, protect=PAGE_READONLY)
    yield "The object was created with PAGE_READONLY; second_process asks for all access to it."
    yield "The documentation requires PAGE_READWRITE for that. What happens here:"
    yield from shown(reader(host))


def old_text(host: Host) -> Lines:
    """The writer writes over a longer text that was there before."""
    old = "A text that is a good deal longer than the message."
    host.create(NAME, BUF_SIZE).map().write(encode(old, "unicode"))
    yield f"The object exists and holds: {old}"
    writer(host, TRACED).await_call("_getch")
    yield "first_process has written its message over it."
    yield from shown(reader(host))


def past_256(host: Host) -> Lines:
    """The text runs past byte 256."""
    text = "".join(f"characters {first:>3} to {first + 31:>3} ".ljust(31, ".") + "\n"
                   for first in range(1, 160, 32))
    host.create(NAME, 4096).map().write(encode(text, "unicode"))
    yield (f"The object holds {len(text)} characters, {2 * len(text)} bytes, "
           f"and second_process maps BUF_SIZE = {BUF_SIZE} of them.")
    yield from shown(reader(host))


def mixed_charsets(host: Host) -> Lines:
    """Writer and reader are built for different character sets."""
    for charset, other in (("ansi", "unicode"), ("unicode", "ansi")):
        first = start(host, "first_process", launch=TRACED, folder=charset)
        first.await_call("_getch")
        yield f"The writer is built for {BUILDS[charset]}, the reader for {BUILDS[other]}:"
        yield from dump(host.open(NAME).map().read(32))
        yield from shown(start(host, "second_process", folder=other))
        host.sweep()


def length_prefix(host: Host) -> Lines:
    """The text is in UTF-8 after its length, as .NET's BinaryWriter writes it."""
    mapping = host.create(NAME, BUF_SIZE).map()
    mapping.write(bytes([len(MESSAGE)]) + MESSAGE.encode())
    yield "The object holds:"
    yield from dump(mapping.read(32))
    yield from shown(reader(host))
