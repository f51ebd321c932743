"""The documented facts as values for tests to compare with. The ids are those of the claims."""
from __future__ import annotations

from dataclasses import dataclass

from harness.driver.win32.constants import ANSI

BUF_SIZE = 256  #: B3, in bytes.
NAME = "Global\\MyFileMappingObject"  #: B3.
MESSAGE = "Message from first process."  #: W5.
TITLE = "Process2"  #: R5.


@dataclass(frozen=True)
class Words:
    """The name, message and title that a pair uses: the documented ones, or those of --name,
    --message and --title."""

    name: str = NAME
    message: str = MESSAGE
    title: str = TITLE


CREATE_FAILED = "Could not create file mapping object ({}).\r\n"  #: W2.
OPEN_FAILED = "Could not open file mapping object ({}).\r\n"  #: R2.
MAP_FAILED = "Could not map view of file ({}).\r\n"  #: W4, R4.


def encode(text: str, charset: str) -> bytes:
    """Encode text as the TCHARs of a program with that character set, "ansi" or "unicode"."""
    return text.encode("utf-16-le" if charset == "unicode" else ANSI)


def decode(data: bytes, charset: str) -> str:
    """Decode the bytes, as if zeros followed, up to the terminator, as such a program does."""
    padded = data + bytes(2 + len(data) % 2)
    text = padded.decode("utf-16-le" if charset == "unicode" else ANSI, "replace")
    return text.split("\0", 1)[0]
