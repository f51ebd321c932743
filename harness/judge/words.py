"""Values in words. Whatever a program has made up is data: it is escaped here, and nowhere else."""
from __future__ import annotations

import io
import sys
from typing import List, Optional, Tuple

from harness.driver.win32.codes import exit_code
from harness.driver.win32.constants import ANSI
from harness.driver.programs import Exit

#: Who prints more bytes floods the console.
FLOOD = 4096
#: As many characters of a value are kept.
LONGEST = 400


def clean(text: str) -> str:
    """The text with everything escaped that could change a terminal or break a file format:
    control characters, line ends, surrogates, what changes the direction of writing."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode()
                   for char in text)


def escape_on_streams() -> None:
    """Let standard output and error escape whatever a terminal cannot show."""
    for stream in (sys.stdout, sys.stderr):
        assert isinstance(stream, io.TextIOWrapper)
        stream.reconfigure(errors="backslashreplace")


def quoted(text: str) -> str:
    """A text in quotes, cut if it is long, with its line ends visible."""
    if not text:
        return "nothing"
    more = f" … ({len(text)} characters)" if len(text) > LONGEST else ""
    # A backslash that was printed is no escape.
    return f'"{clean(text[:LONGEST].replace(chr(92), 2 * chr(92)))}"{more}'


def text_of(data: bytes) -> str:
    """The bytes that a program printed as text: as UTF-8 where they are that."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("ascii", "backslashreplace")


def printed(outcome: Exit) -> str:
    """What a program has printed; standard error is named, and a flood is measured."""
    total = outcome.out_total + outcome.err_total
    shown = 60 if total > FLOOD else len(outcome.out) + len(outcome.err)
    texts = [quoted(text_of(outcome.out)[:shown])] if outcome.out or not outcome.err else []
    if outcome.err:
        texts.append(f"on standard error {quoted(text_of(outcome.err)[:shown])}")
    return f"{total:,} bytes so far, beginning with " * (total > FLOOD) + " and ".join(texts)


def documented(line: str, outcome: Optional[Exit]) -> str:
    """What a program should have printed, with the line ends that it prints: C's on Windows, or a
    line feed alone, as Go and Rust have it."""
    own = outcome and b"\n" in outcome.out and b"\r" not in outcome.out
    return quoted(line.replace("\r\n", "\n") if own else line)


def words(value: object) -> str:
    """A value in words that a student understands."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or value in ([], ()):
        return "none"
    if isinstance(value, bytes):
        return _bytes(value)
    if isinstance(value, (list, tuple)):
        items = [str(item) if isinstance(item, str) else words(item) for item in value[:6]]
        shown = ("; " if any("," in item for item in items) else ", ").join(items)
        return shown + (f", … ({len(value)} in all)" if len(value) > 6 else "")
    return exit_code(value) if isinstance(value, int) else str(value)


def _bytes(data: bytes) -> str:
    if not data:
        return "nothing"
    shown = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in data[:80])
    return f"{len(data)} bytes: {data[:12].hex(' ')}{' …' * (len(data) > 12)} {shown}"


def message_words(message: bytes, written: bytes, charset: str) -> Tuple[str, str, str]:
    """What a writer wrote instead of its message: what is compared, and both values; as text where
    they are one in this character set, and in the script of the message."""
    expected, text = (data.decode("utf-16-le" if charset == "unicode" else ANSI, "replace")
                      for data in (message, written))
    if text.isprintable() and (text.isascii() or not expected.isascii()):
        part = "how much of the message" if text and expected.startswith(text) else "what"
        return f"{part} the writer wrote", quoted(expected), quoted(text)
    other = expected.encode(ANSI if charset == "unicode" else "utf-16-le", "replace")
    swapped = " in the other character set" * written.startswith(other[:8])
    shown = _bytes(message), _bytes(written)
    if message != written and shown[0] == shown[1]:
        shown = message.hex(" "), written.hex(" ")
    return f"what the writer wrote{swapped}", *shown


def changes(before: bytes, after: bytes) -> List[Tuple[int, int]]:
    """The runs of bytes that differ, each as the offset of its first byte and of the one after its
    last."""
    found: List[Tuple[int, int]] = []
    for offset, (old, new) in enumerate(zip(before, after)):
        if old == new:
            continue
        if found and found[-1][1] == offset:
            found[-1] = (found[-1][0], offset + 1)
        else:
            found.append((offset, offset + 1))
    return found


def runs(*spans: Tuple[int, int]) -> str:
    """Runs of bytes in words; each is given as `changes` does."""
    shown = [f"the first {end}" if not start else f"{end - start} from byte {start} on"
             for start, end in spans[:4]]
    return (", ".join(shown) or "none") + " …" * (len(spans) > 4)
