"""The reader alone: what it opens, what it shows, and that it changes nothing."""
from __future__ import annotations

import pytest

from harness.driver.contract import BUF_SIZE, MESSAGE, NAME, OPEN_FAILED, encode
from harness.driver.meeting import Scene
from harness.judge.expectations import changes, expect, expect_box, expect_exit, filled, show_and_go

#: Of several scripts, so that every code page has some of them.
SCRIPTS = "é ß Ł ž € Ж ж Ω ω ש ج ไ 日本 한 🙂"


def in_charset(text: str, charset: str) -> str:
    """The words of the text that the charset has characters for on this machine."""
    def fits(word: str) -> bool:
        try:
            encode(word, charset)
        except UnicodeEncodeError:
            return False
        return True
    return " ".join(word for word in text.split(" ") if fits(word))


@pytest.mark.parametrize("text, shown", [
    pytest.param("Another message.", "Another message.", id="another message"),
    pytest.param("", "", id="empty"),
    pytest.param("x", "x", id="one letter"),
    pytest.param("two\r\nlines & 100 %s", "two\r\nlines & 100 %s", id="special characters"),
    pytest.param(SCRIPTS, SCRIPTS, id="non-ASCII"),
    pytest.param("first\0second", "first", id="terminator inside"),
])
@pytest.mark.claims("R5", "R6", "B4")
def test_it_shows_what_is_in_the_object(scene: Scene, text: str, shown: str) -> None:
    """Up to the first terminator, whatever the text is and whoever wrote it; it leaves all the
    bytes as they are."""
    charset = scene.pair.reader.charset
    mapping = scene.host.create(NAME, BUF_SIZE).map()
    before = filled(mapping, encode(in_charset(text, charset) + "\0", charset), b"\xa5")
    show_and_go(scene.reader(), in_charset(shown, charset))
    expect("R5", "bytes of the object that the reader changed", [],
           changes(before, mapping.read(len(before))))


@pytest.mark.claims("R5", "R6", "O5")
def test_it_shows_the_text_of_the_moment_it_looked(scene: Scene) -> None:
    """The writer's message is changed before the reader starts, and again under the open box,
    which keeps its text."""
    charset = scene.pair.reader.charset
    mapping = scene.message_of(scene.writer())
    mapping.write(encode("Changed before.\0", charset))
    reader = scene.reader()
    box = expect_box(reader, "Changed before.")
    mapping.write(encode("Changed after.\0", charset))
    # The box answers in the order of requests, so this is its text after the change.
    reader.answer(expect_box(reader, "Changed before."), box.buttons[0])
    expect_exit("R6", reader)
    show_and_go(scene.reader(), "Changed after.")


@pytest.mark.claims("R3", "B3")
def test_its_view_is_no_larger_than_the_buffer(scene: Scene) -> None:
    """In a file of exactly 256 bytes there is room for the view, and in one byte less there is
    not (R4)."""
    mapping = scene.host.create(NAME, BUF_SIZE, file=scene.host.folder / "exact")
    mapping.map().write(encode(MESSAGE, scene.pair.reader.charset))
    show_and_go(scene.reader(), MESSAGE)


@pytest.mark.claims("R1", "R2")
def test_it_makes_no_object(scene: Scene) -> None:
    """It opens only, so a failed reader leaves the name free and a second one fails as well."""
    for _ in range(2):
        expect_exit("R2", scene.reader(), 1, OPEN_FAILED.format(2))
        expect("R1", "whether the object is there", False, scene.exists())
