"""What follows from the documented design: characterised here, and not mended."""
from __future__ import annotations

import pytest

from harness.driver.contract import BUF_SIZE, MESSAGE, NAME, OPEN_FAILED, encode
from harness.driver.meeting import Scene
from harness.judge.expectations import await_change, expect_exit, filled, press_and_go, show_and_go


@pytest.mark.claims("H1", "W8", "R5")
def test_an_older_longer_text_shows_behind_the_message(scene: Scene) -> None:
    """The writer opens what exists and copies no terminator, so nothing ends its message."""
    older = "An older text, which is longer than the message of the first process."
    mapping = scene.host.create(NAME, BUF_SIZE).map()
    before = filled(mapping, encode(older, scene.pair.writer.charset), b"\0")
    writer = scene.writer()
    await_change(mapping, before, writer)
    show_and_go(scene.reader(), MESSAGE + older[len(MESSAGE):])
    press_and_go(writer)


@pytest.mark.claims("H3", "R5", "O5")
def test_text_past_the_buffer_shows(scene: Scene) -> None:
    """The view is a whole page, and BUF_SIZE limits nobody who writes there."""
    text = "".join(f"{number:03d}, " for number in range(80))
    charset = scene.pair.reader.charset
    data = encode(text + "\0", charset)
    assert BUF_SIZE < len(data) < 4096
    mapping = scene.message_of(scene.writer())
    mapping.write(data)
    show_and_go(scene.reader(), text)


@pytest.mark.claims("H4", "R2")
def test_a_reader_comes_too_early_and_too_late(scene: Scene) -> None:
    """Before the writer, and after both have gone, there is nothing to open."""
    expect_exit("H4", scene.reader(), 1, OPEN_FAILED.format(2))
    writer = scene.waiting_writer()
    show_and_go(scene.reader(), MESSAGE)
    press_and_go(writer)
    expect_exit("H4", scene.reader(), 1, OPEN_FAILED.format(2))
