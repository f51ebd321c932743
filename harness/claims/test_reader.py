"""The reader alone: what it opens, what it shows, and that it changes nothing."""
from __future__ import annotations

import pytest

from harness.driver.contract import BUF_SIZE, encode
from harness.driver.meeting import Scene
from harness.driver.programs import Program
from harness.judge.expectations import (changes, expect_box, expect_calls, expect_success, filled,
                                        missing_part, needs_wait, runs)
from harness.judge.findings import READER, expect

pytestmark = pytest.mark.about("reader")

#: Of several scripts, so that every code page has some of them.
SCRIPTS = "é ß Ł ž € Ж ж Ω ω ש ج ไ 日本 한 🙂"


def in_charset(text: str, charset: str) -> str:
    """The words of the text that the character set has characters for on this machine."""
    def fits(word: str) -> bool:
        try:
            encode(word, charset)
        except UnicodeEncodeError:
            return False
        return True
    return " ".join(word for word in text.split(" ") if fits(word))


def show(scene: Scene, reader: Program, text: str) -> None:
    """Judge the reader's message box, answer it, and judge its end."""
    facts = scene.pair.reader.facts
    box = expect_box(reader, text, scene.pair.words.title)
    if box:
        reader.answer(box)
        if facts.no_end:
            reader.terminate()
        else:
            expect_success(reader, "R6", "after its message box was answered")


@pytest.mark.claims("B2", "B3", "R1", "R3", "R5", "R6", "B4")
def test_it_shows_the_message(scene: Scene) -> None:
    """From its start to its end, with the message in the object: it makes the documented calls."""
    needs_wait(scene, READER)
    facts = scene.pair.reader.facts
    mapping = scene.host.create(facts.name, BUF_SIZE).map()
    mapping.write(encode(scene.pair.words.message, scene.pair.reader.charset))
    reader = scene.reader()
    show(scene, reader, scene.pair.words.message)
    expect("B3", "name of the object", scene.pair.words.name, facts.name, READER)
    if not facts.no_end:
        expect_calls(scene, reader)


@pytest.mark.parametrize("text, shown", [
    pytest.param("Another message.", "Another message.", id="another message"),
    pytest.param("", "", id="empty"),
    pytest.param("x", "x", id="one character"),
    pytest.param("two\r\nlines & 100 %s", "two\r\nlines & 100 %s", id="special characters"),
    pytest.param(SCRIPTS, SCRIPTS, id="non-ASCII"),
    pytest.param("first\0second", "first", id="terminator inside"),
    pytest.param("past the buffer " * 20, "past the buffer " * 20, id="past 256 bytes"),
])
@pytest.mark.claims("R5", "R6", "B4")
def test_it_shows_what_is_in_the_object(scene: Scene, text: str, shown: str) -> None:
    """Up to the first terminator, whatever the text is and whichever process wrote it; it leaves
    all the bytes as they are."""
    needs_wait(scene, READER)
    charset = scene.pair.reader.charset
    mapping = scene.host.create(scene.pair.reader.facts.name, BUF_SIZE).map()
    before = filled(mapping, encode(in_charset(text, charset) + "\0", charset), b"\xa5")
    show(scene, scene.reader(), in_charset(shown, charset))
    expect("R5", "bytes of the object that the reader changed", "none",
           runs(*changes(before, mapping.read(len(before)))))


@pytest.mark.claims("R5", "R6", "O5")
def test_it_shows_the_text_of_the_moment_it_looked(scene: Scene) -> None:
    """The text is changed under the open message box, which keeps what it shows; the next reader
    shows the new one."""
    needs_wait(scene, READER)
    charset, title = scene.pair.reader.charset, scene.pair.words.title
    mapping = scene.host.create(scene.pair.reader.facts.name, BUF_SIZE).map()
    mapping.write(encode("Changed before.\0", charset))
    reader = scene.reader()
    box = expect_box(reader, "Changed before.", title)
    mapping.write(encode("Changed after.\0", charset))
    if box:
        # The box answers in the order of requests, so this is its text after the change.
        show(scene, reader, "Changed before.")
    show(scene, scene.reader(), "Changed after.")


@pytest.mark.claims("R3")
def test_its_view_is_no_larger_than_the_buffer(scene: Scene) -> None:
    """In a file of exactly 256 bytes there is room for the view, and in one byte less there is
    not (R4)."""
    needs_wait(scene, READER)
    words = scene.pair.words
    mapping = scene.host.create(scene.pair.reader.facts.name, BUF_SIZE,
                                file=scene.host.folder / "exact")
    mapping.map().write(encode(words.message, scene.pair.reader.charset))
    reader = scene.reader()
    boxes = reader.boxes(10.0)
    if expect("R3", "whether a view of 256 bytes is enough for it", True,
              bool(boxes) or missing_part(reader.status()[1]) != "view"):
        show(scene, reader, words.message)
