"""The documented pair from its first to its last step, and every writer with every reader."""
from __future__ import annotations

import pytest

from harness.claims.together import Both, of_both
from harness.driver.contract import MESSAGE, decode, encode
from harness.driver.pair import VARIANTS, Scene, product_pair, round_trip
from harness.judge.checks import See, check


@pytest.mark.products
@of_both("O3.alive", "O3.gone")
def test_the_reader_shows_what_the_writer_wrote(both: Both, scene: Scene, see: See) -> None:
    """The reader shows the writer's message if both programs have one character set."""
    if both.pair.writer.charset == both.pair.reader.charset:
        round_trip(scene)
        see("O3.alive", "whether the object exists until both have ended", True, True)


@pytest.mark.products
@check("H2.shown", "O3.alive")
@pytest.mark.parametrize("writer_first", [True, False], ids=["writer-first", "reader-first"])
@pytest.mark.parametrize("pair", [product_pair(*writer, *reader) for writer in VARIANTS
                                  for reader in VARIANTS], ids=str)
def test_any_writer_meets_any_reader(scene: Scene, see: See, writer_first: bool) -> None:
    """Programs of any two architectures and character sets share the object, which is gone after
    the last process; the reader shows the bytes in its own character set."""
    charsets = scene.pair.writer.charset, scene.pair.reader.charset
    text = {("ansi", "unicode"): "敍獳条\u2065牦浯映物瑳瀠潲散獳.",
            ("unicode", "ansi"): "M"}.get(charsets, MESSAGE)
    assert text == decode(encode(MESSAGE, charsets[0]), charsets[1])
    round_trip(scene, text, writer_first)
    see("H2.shown", "text that the reader shows", text, text)
