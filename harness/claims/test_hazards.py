"""Hazards of the documented design: pinned down here, not fixed."""
from __future__ import annotations

from harness.claims.test_writer import filled
from harness.claims.together import Both, of_both
from harness.driver.contract import BUF_SIZE, OPEN_FAILED, encode
from harness.judge.checks import See
from harness.judge.words import documented, printed, quoted


@of_both("H1.shown")
def test_an_older_longer_text_shows_behind_the_message(both: Both, see: See) -> None:
    """The writer opens what exists and copies no terminator, so nothing ends its message."""
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


@of_both("H3.shown")
def test_text_past_the_buffer_shows(both: Both, see: See) -> None:
    """The view is a whole page, and BUF_SIZE limits nobody who writes there."""
    text = "".join(f"{number:03d}, " for number in range(80))
    data = encode(text + "\0", both.pair.reader.charset)
    assert BUF_SIZE < len(data) < 4096
    both.message_of(both.writer()).write(data)
    box = both.reader().box()
    if box:
        see("H3.shown", "text of the message box that runs past byte 256", quoted(text),
            quoted(box.text or ""))


@of_both("H4.early", "H4.late")
def test_a_reader_comes_too_early_and_too_late(both: Both, see: See) -> None:
    """Before the writer, and after both have gone, there is nothing to open."""
    for fact in ("H4.early", "H4.late"):
        ended = both.reader().end()
        see(fact, "what a reader prints without a writer, and its exit code",
            ended and (documented(OPEN_FAILED.format(2), ended), 1),
            ended and (printed(ended), ended.code))
        if fact == "H4.early":
            writer = both.waiting_writer()
            both.reader().shows_and_ends(both.words.message)
            both.press(writer)
