"""The fixture of the self-tests: a place in which the harness itself is tried."""
from __future__ import annotations

from typing import TYPE_CHECKING, Iterator

import pytest

if TYPE_CHECKING:
    from harness.selftests.trial import Place


@pytest.fixture
def place() -> "Iterator[Place]":
    """Surroundings in which the harness itself is tried; nothing may be left in them."""
    from harness.selftests.trial import Place  # Not every platform has what it needs.
    place = Place()
    yield place
    place.close()
