"""What a person sees, in characters: rows of bytes and message boxes."""
from __future__ import annotations

from typing import List
from unicodedata import category, east_asian_width

from harness.driver.programs import Box


def dump(data: bytes) -> List[str]:
    """The bytes in rows of sixteen: offset, hexadecimal, text."""
    rows = []
    for start in range(0, len(data), 16):
        row = data[start:start + 16]
        text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        rows.append(f"{start:04x}  {row.hex(' ')}  {text}")
    return rows


def _columns(text: str) -> int:
    """How many columns of a terminal the text takes; ideographs take two. Of what is no character
    yet, each Python thinks otherwise."""
    return sum(2 if east_asian_width(char) in "WF" and category(char) != "Cn" else 1
               for char in text)


def draw(box: Box) -> List[str]:
    """The box as a person sees it."""
    label = " ".join(f"[ {button.label.replace('&', '')} ]" for button in box.buttons)
    text = (box.text or "").split("\n")
    width = max(map(_columns, [*text, label, box.title + " x"])) + 4
    lines = ["", *(f"  {line}" for line in text), "", label.center(width), ""]
    return ([f"┌─{box.title:─<{width - 4}} x ┐"]
            + [f"│{line}{' ' * (width - _columns(line))}│" for line in lines]
            + [f"└{'─' * width}┘"])
