"""Hazards of the documented design: pinned down here, not fixed."""
from __future__ import annotations

from harness.claims.objects import filled
from harness.claims.together import Both, of_both
from harness.driver.contract import BUF_SIZE, encode
from harness.judge.checks import See
from harness.judge.words import quoted


@of_both("H1.shown")
def test_an_older_longer_text_shows_behind_the_message(both: Both, see: See) -> None:
    """The writer opens an existing object and copies no terminator, so older text can follow."""
    older = "An older text, which is longer than the message of the first process. " * 2
    mapping = both.host.create(both.words.name, BUF_SIZE).map()
    filled(mapping, encode(older[:BUF_SIZE // 2 - 1], both.charset), b"\0")
    writer = both.writer()
    writer.until(lambda: mapping.read(len(both.message)) == both.message)
    reader = both.reader()
    box = reader.box()
    if box:
        shown = both.words.message + older[len(both.words.message):BUF_SIZE // 2 - 1]
        see("H1.shown", "text of the message box over an older text", quoted(shown),
            quoted(box.text or ""))


@of_both("H4.early")
def test_a_reader_comes_too_early(both: Both, see: See) -> None:
    """Before the writer runs, there is nothing to open. (After both have exited: O3.)"""
    both.finds_nothing(see, "H4.early")
