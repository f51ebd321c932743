"""The documented scene from its first to its last step."""
from __future__ import annotations

import pytest

from driver.contract import MESSAGE, TITLE, decode, encode
from driver.host import Host
from driver.pair import Scene, product_pair


def play(scene: Scene, text: str) -> None:
    """Everything that the page lets a person see, in its order; the box must say `text`."""
    writer = scene.writer()
    message = encode(MESSAGE, scene.pair.writer.charset)
    mapping = scene.message_of(writer)
    assert mapping.read(len(message)) == message
    mapping.close()

    reader = scene.reader()
    box = reader.box()
    assert (box.title, box.text, box.owner, box.icon) == (TITLE, text, 0, False)
    assert [button.label for button in box.buttons] == ["OK"]
    reader.answer(box)
    ended = reader.wait()
    assert (ended.code, ended.out, ended.err) == (0, b"", b"")

    assert scene.exists(), "the object went while the writer still waited for its key"
    writer.press()
    ended = writer.wait()
    assert (ended.code, ended.out, ended.err) == (0, b"", b"")
    assert not scene.exists(), "the object is still there after both have ended"


@pytest.mark.claims("B4", "W5", "W6", "W7", "R5", "R6", "O3")
def test_the_reader_shows_what_the_writer_wrote(scene: Scene) -> None:
    """The pair as documented, both halves of one charset."""
    play(scene, MESSAGE)


@pytest.mark.products
@pytest.mark.claims("H2")
@pytest.mark.parametrize("writer, reader", [("ansi", "unicode"), ("unicode", "ansi")])
def test_a_mixed_pair_shows_the_wrong_text(host: Host, writer: str, reader: str) -> None:
    """Bytes written as one charset are read as the other."""
    scene = Scene(host, product_pair("x86_64", writer, reader_charset=reader))
    wrong = decode(encode(MESSAGE, writer), reader)
    assert wrong == {"ansi": "敍獳条\u2065牦浯映物瑳瀠潲散獳.", "unicode": "M"}[writer]
    play(scene, wrong)
