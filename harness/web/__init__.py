"""What all pages share: the stylesheet, and how a page is put together. It makes no page itself."""
from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path
from typing import Mapping

HERE = Path(__file__).parent


def style(*own: Path) -> str:
    """The stylesheet of all pages, followed by those of one kind of page."""
    return "".join(file.read_text(encoding="utf-8") for file in (HERE / "style.css", *own))


def fill(template: str, parts: Mapping[str, object]) -> str:
    """A template with each `{name}` replaced by its part."""
    return re.sub(r"{(\w+)}", lambda found: str(parts[found[1]]), template)


def source_hash(text: str) -> str:
    """What a content security policy calls a script or a style that it allows."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
