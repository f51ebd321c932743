"""The documented scene from its first to its last step."""
from __future__ import annotations

import pytest

from driver.contract import MESSAGE, TITLE, decode, encode
from driver.pair import VARIANTS, Scene, product_pair


def play(scene: Scene, text: str, writer_first: bool = False) -> None:
    """Everything that the page lets a person see; the box must say `text`. The writer gets its
    key while the box is open, or after it was answered."""
    writer = scene.writer()
    message = encode(MESSAGE, scene.pair.writer.charset)
    mapping = scene.message_of(writer)
    assert mapping.read(len(message)) == message
    mapping.close()

    reader = scene.reader()
    box = reader.box()
    assert (box.title, box.text, box.owner, box.icon) == (TITLE, text, 0, False)
    assert [button.label for button in box.buttons] == ["OK"]

    for program in (writer, reader) if writer_first else (reader, writer):
        assert scene.exists(), f"the object went before {program.name} had ended"
        if program is writer:
            writer.press()
        else:
            reader.answer(box)
        ended = program.wait()
        assert (ended.code, ended.out, ended.err) == (0, b"", b"")
    assert not scene.exists(), "the object is still there after both have ended"


@pytest.mark.claims("B4", "W5", "W6", "W7", "R5", "R6", "O3")
def test_the_reader_shows_what_the_writer_wrote(scene: Scene) -> None:
    """The pair as documented, both halves of one charset."""
    play(scene, MESSAGE)


@pytest.mark.products
@pytest.mark.claims("H2", "O3")
@pytest.mark.parametrize("writer_first", [True, False], ids=["writer first", "reader first"])
@pytest.mark.parametrize("pair", [product_pair(*writer, *reader) for writer in VARIANTS
                                  for reader in VARIANTS], ids=str)
def test_any_writer_meets_any_reader(scene: Scene, writer_first: bool) -> None:
    """Each width with each, and each charset with each: bytes written as one charset are read as
    the other, and whoever ends last takes the object along."""
    charsets = scene.pair.writer.charset, scene.pair.reader.charset
    text = {("ansi", "unicode"): "敍獳条\u2065牦浯映物瑳瀠潲散獳.",
            ("unicode", "ansi"): "M"}.get(charsets, MESSAGE)
    assert text == decode(encode(MESSAGE, charsets[0]), charsets[1])
    play(scene, text, writer_first)
