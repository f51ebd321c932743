"""Puts values into words, and escapes whatever comes from a program: here, and nowhere else."""
from __future__ import annotations

import io
import sys
from typing import List, Optional, Tuple

from harness.driver.win32.constants import ANSI, exit_code
from harness.driver.programs import Exit, Program
from harness.driver.win32.calls import Call

#: The number of bytes above which output counts as a flood.
FLOOD = 4096
#: The number of characters of a value that are kept.
LONGEST = 400


def clean(text: str) -> str:
    """Escape everything that could affect a terminal or break a file format: control characters,
    line ends, surrogates, and marks that change the direction of text."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode()
                   for char in text)


def escape_on_streams() -> None:
    """Let standard output and standard error escape what a terminal cannot show."""
    for stream in (sys.stdout, sys.stderr):
        assert isinstance(stream, io.TextIOWrapper)
        stream.reconfigure(errors="backslashreplace")


def quoted(text: str) -> str:
    """Return a text in quotes, with visible line ends, cut if it is long."""
    if not text:
        return "nothing"
    more = f" … ({len(text)} characters)" if len(text) > LONGEST else ""
    # A printed backslash must not look like an escape.
    return f'"{clean(text[:LONGEST].replace(chr(92), 2 * chr(92)))}"{more}'


def text_of(data: bytes) -> str:
    """Decode a program's output: as UTF-8 if it is valid, otherwise as ASCII with escapes."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("ascii", "backslashreplace")


def printed(outcome: Exit) -> str:
    """Describe a program's output: with standard error marked, and the size of a flood."""
    total = outcome.out_total + outcome.err_total
    shown = 60 if total > FLOOD else len(outcome.out) + len(outcome.err)
    texts = [quoted(text_of(outcome.out)[:shown])] if outcome.out or not outcome.err else []
    if outcome.err:
        texts.append(f"on standard error {quoted(text_of(outcome.err)[:shown])}")
    return f"{total:,} bytes so far, beginning with " * (total > FLOOD) + " and ".join(texts)


def doing(program: Program, call: Optional[Call]) -> str:
    """Describe whether and how a program has ended, the `call` in which it waits, if any, and what
    it has printed and shows."""
    ended, seen = program.status()
    did = f"it ended with {exit_code(seen.code)}" if ended else "it still runs"
    waits = [f"waits in {call.name}"] if call else []
    boxes = [f"a message box says {quoted(box.text or '')}" for box in program.boxes()]
    said = [f"has printed {printed(seen)}"] if seen.out_total or seen.err_total else \
        ["has printed nothing"] * (not boxes)
    return ", ".join([did, *waits, *boxes, *said])


def documented(line: str, outcome: Optional[Exit]) -> str:
    """Return what a program should have printed, with its own line ends: CR LF as in C on Windows,
    or a line feed alone as in Go and Rust."""
    own = outcome and b"\n" in outcome.out and b"\r" not in outcome.out
    return quoted(line.replace("\r\n", "\n") if own else line)


def words(value: object) -> str:
    """Return a value in words that a student understands."""
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
    """Compare what a writer wrote with its message. Return what is compared and both values: as
    text if they are text in this character set and in the script of the message, else as bytes."""
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
    """Return the runs of bytes that differ, each as the offsets of its first byte and of the byte
    after its last."""
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
    """Return runs of bytes, as `changes` returns them, in words."""
    shown = [f"the first {end}" if not start else f"{end - start} from byte {start} on"
             for start, end in spans[:4]]
    return (", ".join(shown) or "none") + " …" * (len(spans) > 4)
