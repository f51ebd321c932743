"""Scenes about the bytes that the reader finds."""
from __future__ import annotations

from harness.driver.contract import BUF_SIZE, MESSAGE, NAME, encode
from harness.driver.host import Host
from harness.driver.meeting import Scene
from harness.driver.pair import product_pair
from harness.driver.waiting import wait_for
from harness.lessons.drawing import dump

from harness.lessons.scenes.common import Lines, showing, unicode_scene


def old_text(host: Host) -> Lines:
    """The writer writes over a longer text that was there before."""
    mapping = host.create(NAME, BUF_SIZE).map()
    old = "A text that is a good deal longer than the message."
    mapping.write(encode(old, "unicode"))
    yield f"The object exists and holds: {old}"
    scene = unicode_scene(host)
    writer = scene.writer()
    message = encode(MESSAGE, "unicode")
    wait_for(lambda: mapping.read(len(message)) == message, "the message", writer.describe)
    yield "first_process has written its message over it."
    yield from showing(scene.reader())


def past_256(host: Host) -> Lines:
    """The text runs past byte 256."""
    text = "".join(f"characters {first:>3} to {first + 31:>3} ".ljust(31, ".") + "\n"
                   for first in range(1, 160, 32))
    mapping = host.create(NAME, 4096).map()
    mapping.write(encode(text, "unicode"))
    yield (f"The object holds {len(text)} characters, {2 * len(text)} bytes, "
           f"and second_process maps BUF_SIZE = {BUF_SIZE} of them.")
    yield from showing(unicode_scene(host).reader())


#: The names of the character sets.
BUILDS = {"ansi": "ANSI", "unicode": "Unicode"}


def mixed_charsets(host: Host) -> Lines:
    """Writer and reader are built for different character sets."""
    for writer_charset, reader_charset in (("ansi", "unicode"), ("unicode", "ansi")):
        scene = Scene(host, product_pair("x86_64", writer_charset, reader_charset=reader_charset))
        writer = scene.writer()
        mapping = scene.message_of(writer)
        yield (f"The writer is built for {BUILDS[writer_charset]}, "
               f"the reader for {BUILDS[reader_charset]}:")
        yield from dump(mapping.read(32))
        yield from showing(scene.reader())
        mapping.close()
        writer.press()
        writer.wait()


def length_prefix(host: Host) -> Lines:
    """The text is in UTF-8 after its length, as .NET's BinaryWriter writes it."""
    mapping = host.create(NAME, BUF_SIZE).map()
    mapping.write(bytes([len(MESSAGE)]) + MESSAGE.encode())
    yield "The object holds:"
    yield from dump(mapping.read(32))
    yield from showing(unicode_scene(host).reader())
