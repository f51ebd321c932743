"""The documented pair from its first to its last step."""
from __future__ import annotations

import pytest

from harness.claims.together import Both, of_both
from harness.driver.meeting import Scene, round_trip
from harness.judge.checks import See


@pytest.mark.products
@of_both("O3.alive", "O3.gone")
def test_the_reader_shows_what_the_writer_wrote(both: Both, scene: Scene, see: See) -> None:
    """The reader shows the writer's message if both programs have one character set."""
    if both.pair.writer.charset == both.pair.reader.charset:
        round_trip(scene)
        see("O3.alive", "whether the object exists until both have ended", True, True)
