"""The checkers of docs/exercises.md accept a solution and reject what does not solve it."""
from __future__ import annotations

from typing import Optional

import pytest

from harness.driver.errors import Expired
from harness.driver.host import Host
from harness.driver.meeting import Scene
from harness.driver.paths import BUILD
from harness.lessons.exercises.checkers import CHECKERS
from harness.judge.subject import foreign_pair

pytestmark = pytest.mark.products


def scene_of(host: Host, writer: Optional[str], reader: Optional[str]) -> Scene:
    """A scene with solutions, or with the documented program where there is none."""
    files = [str(BUILD / "exercises" / f"{half}.exe") if half else None
             for half in (writer, reader)]
    return Scene(host, foreign_pair(files[0], files[1], "unicode"))


@pytest.mark.parametrize("name, writer, reader", [
    ("read-only", None, "read_only_reader"), ("length", "length_writer", "length_reader"),
    ("event", "event_writer", "event_reader")])
def test_a_solution_is_accepted(host: Host, name: str, writer: Optional[str],
                                reader: Optional[str]) -> None:
    """Each exercise can be solved, and its checker sees that."""
    CHECKERS[name](scene_of(host, writer, reader))


@pytest.mark.parametrize("name, writer, reader, why", [
    ("read-only", None, None, "the access"),
    ("read-only", None, "length_reader", "the reader was expected to show one message box"),
    ("length", None, "length_reader", "the first bytes of the object"),
    ("length", "length_writer", None, "the text in the reader's box"),
    ("event", None, None, "the boxes while the object is still empty"),
    ("event", "event_writer", None, "the boxes while the object is still empty"),
    ("event", None, "event_reader", "whether the writer has called SetEvent")])
def test_what_does_not_solve_it_is_rejected(host: Host, name: str, writer: Optional[str],
                                            reader: Optional[str], why: str) -> None:
    """A pair that leaves out a half of the exercise is told what is wrong with it."""
    with pytest.raises((AssertionError, Expired), match=why):
        CHECKERS[name](scene_of(host, writer, reader))
