"""Stylesheet and template functions of all pages; play/, report/ and lessons/ make the pages."""
from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path
from typing import Mapping

HERE = Path(__file__).parent


def style(*own: Path) -> str:
    """Return the stylesheet of all pages, followed by those of one kind of page."""
    return "".join(file.read_text(encoding="utf-8") for file in (HERE / "style.css", *own))


def fill(template: str, parts: Mapping[str, object]) -> str:
    """Replace each `{name}` in the template by its part."""
    return re.sub(r"{(\w+)}", lambda found: str(parts[found[1]]), template)


def source_hash(text: str) -> str:
    """Return the source expression that allows a script or style in a content security policy."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
