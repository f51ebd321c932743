"""Ids of tests that people and CIs can write: no blanks, no quotes, no backslashes."""
from __future__ import annotations

import re
from typing import Optional

LONGEST = 40


def pytest_make_parametrize_id(val: object) -> Optional[str]:
    """The part of an id for a value that a test gives none: its words, with hyphens. A hook of
    pytest."""
    if not isinstance(val, (str, bytes, list, tuple, dict)):
        return None
    text = val.decode("latin-1") if isinstance(val, bytes) else str(val)
    words = re.findall(r"[\w.+]+", text, re.ASCII)
    return "-".join(words)[:LONGEST].rstrip("-") or "empty"
