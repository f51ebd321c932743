"""Hazards of the documented design: pinned down here, not fixed."""
from __future__ import annotations

import pytest

from harness.driver.contract import BUF_SIZE, OPEN_FAILED, encode
from harness.driver.meeting import Scene
from harness.judge.expectations import (await_change, expect_failure, filled, press_and_go,
                                        show_and_go)

pytestmark = pytest.mark.about("both")


@pytest.mark.claims("H1")
def test_an_older_longer_text_shows_behind_the_message(scene: Scene) -> None:
    """The writer opens what exists and copies no terminator, so nothing ends its message."""
    older = "An older text, which is longer than the message of the first process."
    mapping = scene.host.create(scene.pair.words.name, BUF_SIZE).map()
    before = filled(mapping, encode(older, scene.pair.writer.charset), b"\0")
    writer = scene.writer()
    await_change(mapping, before, writer)
    words = scene.pair.words
    show_and_go(scene.reader(), words.message + older[len(words.message):], words.title)
    press_and_go(scene, writer)


@pytest.mark.claims("H3")
def test_text_past_the_buffer_shows(scene: Scene) -> None:
    """The view is a whole page, and BUF_SIZE limits nobody who writes there."""
    text = "".join(f"{number:03d}, " for number in range(80))
    charset = scene.pair.reader.charset
    data = encode(text + "\0", charset)
    assert BUF_SIZE < len(data) < 4096
    mapping = scene.message_of(scene.writer())
    mapping.write(data)
    show_and_go(scene.reader(), text, scene.pair.words.title)


@pytest.mark.claims("H4")
def test_a_reader_comes_too_early_and_too_late(scene: Scene) -> None:
    """Before the writer, and after both have gone, there is nothing to open."""
    expect_failure(scene.reader(), "H4", OPEN_FAILED.format(2), "without a writer")
    writer = scene.waiting_writer()
    show_and_go(scene.reader(), scene.pair.words.message, scene.pair.words.title)
    press_and_go(scene, writer)
    expect_failure(scene.reader(), "H4", OPEN_FAILED.format(2), "without a writer")
