"""A test whose set-up hangs. test_teardown.py runs it."""
from __future__ import annotations

import time

import pytest

from harness.judge import limits

setattr(limits, "TEST", 0.5)


@pytest.fixture
def never_ready() -> None:
    """It would take a minute."""
    time.sleep(60)


@pytest.mark.usefixtures("never_ready")
def test_it_is_not_run() -> None:
    """Its set-up takes longer than a test may."""
