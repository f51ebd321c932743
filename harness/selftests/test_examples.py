"""docs/examples: what the pages say of them. `make commands` builds and runs each."""
from __future__ import annotations

import subprocess

import pytest

from harness.driver.paths import BUILD, ROOT
from harness.driver.wine.installation import find_wine
from harness.selftests.trial import Place

pytestmark = [pytest.mark.slow, pytest.mark.products, pytest.mark.time_limit(300)]

EXAMPLES = ROOT / "docs" / "examples"


@pytest.mark.parametrize("arguments, status", [([], 1), (["--nothing"], 1)], ids=str)
def test_the_ten_lines(place: Place, arguments: "list[str]", status: int) -> None:
    """The script in wine.md runs a program, passes on its status, and leaves nothing."""
    reader = BUILD / "x86_64-ansi" / "second_process.exe"
    done = subprocess.run(["sh", str(EXAMPLES / "isolated.sh"), str(reader), *arguments],
                          capture_output=True, text=True, timeout=100, stdin=subprocess.DEVNULL,
                          env={**place.environment, "WINE": str(find_wine().loader)})
    assert (done.returncode, done.stdout) == (status, "Could not open file mapping object (2).\n")
    assert not place.left()


def test_the_makefile_to_take_is_short() -> None:
    """It can be read at one go."""
    assert len((EXAMPLES / "hello" / "Makefile").read_text().splitlines()) <= 40
