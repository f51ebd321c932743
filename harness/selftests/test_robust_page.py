"""Tests the diffs and steps of docs/robust/README.md, which builds the robust pair."""
from __future__ import annotations

import re

import pytest

from harness.driver.host import Host
from harness.lessons.pages import blocks
from harness.lessons.steps import PAGE, SCENES, built, play

pytestmark = pytest.mark.products
STEPS = len(SCENES)


def test_the_page_builds_the_pair() -> None:
    """Applying all diffs of the page creates the files of the robust pair."""
    files = built(STEPS)
    assert set(files) == {file.name for file in PAGE.parent.glob("*.[ch]")}
    for name, lines in files.items():
        assert "".join(lines) == (PAGE.parent / name).read_text(encoding="utf-8"), name


def test_each_step_has_its_heading() -> None:
    """The page has a heading for each scene, in the same order."""
    headings = re.findall(r"^## (\d+)\. (.*)$", PAGE.read_text(encoding="utf-8"), re.M)
    assert headings == [(str(number), scene.__doc__) for number, scene in enumerate(SCENES, 1)]


@pytest.mark.slow
@pytest.mark.calls
@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_a_step_ends_its_failure(host: Host, step: int) -> None:
    """A step prints what the page shows; its scene prints something else on the previous step."""
    shown = dict(command for block in blocks(PAGE) if block.kind == "console"
                 for command in block.commands())
    printed = list(play(host, step))
    assert "\n".join(printed) + "\n" == shown[f"make robust STEP={step}"]
    after = printed[1:next((at for at, line in enumerate(printed) if line.startswith("Before")),
                           len(printed))]
    before = shown.get(f"make robust STEP={step - 1}", "")
    assert "\n".join(after) not in before
