"""Makes test ids that are easy to type: without spaces, quotes and backslashes."""
from __future__ import annotations

import re
from typing import Optional

LONGEST = 40


def pytest_make_parametrize_id(val: object) -> Optional[str]:
    """Return the part of an id for a value without one: its words, with hyphens. A hook of
    pytest."""
    if not isinstance(val, (str, bytes, list, tuple, dict)):
        return None
    text = val.decode("latin-1") if isinstance(val, bytes) else str(val)
    words = re.findall(r"[\w.+]+", text, re.ASCII)
    return "-".join(words)[:LONGEST].rstrip("-") or "empty"
