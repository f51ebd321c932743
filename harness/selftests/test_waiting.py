"""Tests deadlines on a machine that keeps processes waiting."""
from __future__ import annotations

import time

import pytest

from harness.driver.waiting import STALL, Countdown

pytestmark = pytest.mark.products


def test_time_in_which_nobody_could_ask_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pause is not counted, but all other time is, also after a pause."""
    now = 0.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    countdown = Countdown(4.0)
    now = 2.0
    assert countdown.left() == 2.0
    now += 4 * STALL
    assert countdown.left() == 2.0
    now += 2.0
    assert countdown.over()
