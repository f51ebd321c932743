"""The reader with other texts in the object: what it shows, and that it changes nothing."""
from __future__ import annotations

import pytest

from harness.claims.first_run import PAGE
from harness.driver.contract import BUF_SIZE, encode
from harness.judge.checks import See, check
from harness.judge.claims import READER
from harness.judge.starter import Starter, filled
from harness.judge.words import changes, runs

#: Words in several scripts, so that every code page has some of them.
SCRIPTS = "é ß Ł ž € Ж ж Ω ω ש ج ไ 日本 한 🙂"
#: 128 characters, among them all that ASCII can print, 32 times: more than fits into a page. The
#: part that fits begins and ends with a space. (A tab makes a 32-bit message box of Wine 8 crash.)
TO_THE_END = f" 1{''.join(map(chr, range(33, 127)))}{'up to the end of a page, fully':.30} x" * 32


def in_charset(text: str, charset: str) -> str:
    """Return the words of the text that the character set can encode on this machine."""
    def fits(word: str) -> bool:
        try:
            encode(word, charset)
        except UnicodeEncodeError:
            return False
        return True
    return " ".join(word for word in text.split(" ") if fits(word))


@pytest.mark.parametrize("text, shown", [
    pytest.param("Another message.", "Another message.", id="another-message",
                 marks=pytest.mark.products),
    pytest.param("", "", id="empty"),
    pytest.param("x", "x", id="one-character", marks=pytest.mark.products),
    pytest.param("2\r\nlines & 100 %s\0x", "2\r\nlines & 100 %s", id="special-characters"),
    pytest.param(SCRIPTS, SCRIPTS, id="non-ASCII"),
    pytest.param(TO_THE_END, TO_THE_END, id="whole-page"),
])
@check("R5.box", "R5.text", "R5.unchanged", "R6.end", "R6.exit", "R6.order", "B4.silent",
       about=READER, needs="object box")
def test_it_shows_what_is_in_the_object(start: Starter, see: See, text: str, shown: str) -> None:
    """It shows any text, whichever process wrote it, up to the first terminator, and changes no
    byte of the object."""
    charset = start.half.charset
    mapping = start.object(BUF_SIZE)
    most = PAGE // len(encode("x", charset)) - 1
    before = filled(mapping, encode(in_charset(text, charset)[:most] + "\0", charset))
    start().shows_and_ends(in_charset(shown, charset)[:most])
    see("R5.unchanged", "bytes of the object that the reader changed", "none",
        runs(*changes(before, mapping.read(len(before)))))


@check("R5.text", about=READER, needs="object box")
def test_it_shows_the_text_of_the_moment_it_looked(start: Starter, see: See) -> None:
    """An open message box keeps its text when the bytes of the object change."""
    charset = start.half.charset
    mapping = start.object(BUF_SIZE)
    mapping.write(encode("Changed before.\0", charset))
    reader = start(trace=False)
    box = reader.shows("Changed before.")
    mapping.write(encode("Changed after.\0", charset))
    if box:
        # The box handles requests in order, so this reads its text after the change.
        reader.shows_and_ends("Changed before.")
