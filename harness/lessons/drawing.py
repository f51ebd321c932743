"""Draws hex dumps and message boxes as text."""
from __future__ import annotations

from typing import Callable, List
from unicodedata import category, east_asian_width

from harness.driver.win32.boxes import Box


def dump(data: bytes, marked: int = 0, mark: Callable[[str], str] = str,
         width: int = 16) -> List[str]:
    """Return the bytes in rows of `width`: offset, hexadecimal, text. Pass the first `marked` bytes
    through `mark` in both forms, to colour them."""
    rows = []
    for start in range(0, len(data), width):
        row = data[start:start + width]
        count = min(max(marked - start, 0), len(row))
        text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        digits, end = row.hex(" "), max(3 * count - 1, 0)
        if count:
            digits = mark(digits[:end]) + digits[end:]
            text = mark(text[:count]) + text[count:]
        rows.append(f"{start:04x}  {digits}  {text}")
    return rows


def _columns(text: str) -> int:
    """Return the width of the text in terminal columns; ideographs take two. Python versions
    disagree about the width of unassigned code points, so those count as one column."""
    return sum(2 if east_asian_width(char) in "WF" and category(char) != "Cn" else 1
               for char in text)


def draw(box: Box) -> List[str]:
    """Draw the message box in lines of text."""
    label = " ".join(f"[ {button.label.replace('&', '')} ]" for button in box.buttons)
    text = (box.text or "").split("\n")
    width = max(map(_columns, [*text, label, box.title + " x"])) + 4
    lines = ["", *(f"  {line}" for line in text), "", label.center(width), ""]
    return ([f"┌─{box.title:─<{width - 4}} x ┐"]
            + [f"│{line}{' ' * (width - _columns(line))}│" for line in lines]
            + [f"└{'─' * width}┘"])
