"""Tests the laboratory and the experiments of docs/laboratory.md."""
from __future__ import annotations

from contextlib import closing
from typing import Iterator

import pytest

from harness.driver.host import Settings
from harness.driver.hosts import open_host
from harness.driver.paths import ROOT
from harness.lessons.lab import NAME, Laboratory
from harness.lessons.pages import Block, blocks

pytestmark = [pytest.mark.slow, pytest.mark.products]
EXPERIMENTS = [block for block in blocks(ROOT / "docs" / "laboratory.md") if block.kind == "pycon"]


@pytest.fixture
def laboratory() -> Iterator[Laboratory]:
    """Open a laboratory in a new host."""
    with closing(open_host(Settings(), NAME)) as host, closing(Laboratory(host)) as opened:
        yield opened


@pytest.mark.parametrize("block", EXPERIMENTS,
                         ids=[str(number) for number in range(1, len(EXPERIMENTS) + 1)])
def test_an_experiment(laboratory: Laboratory, capsys: pytest.CaptureFixture[str],
                       block: Block) -> None:
    """An experiment prints what the page shows."""
    laboratory.run(block.typed())
    assert capsys.readouterr().out == block.text


def test_what_is_typed_wrongly(laboratory: Laboratory, capsys: pytest.CaptureFixture[str]) -> None:
    """The laboratory reports an error in one line, and continues."""
    laboratory.run(["first.Nothing()", "first.CloseHandle()", "first.CloseHandle(12345)"])
    printed = capsys.readouterr().out.splitlines()
    assert [line for line in printed if not line.startswith(">>> ")] == [
        "AttributeError: no function Nothing; dir(first) lists them",
        "TypeError: BOOL CloseHandle(HANDLE object) takes 1 arguments",
        "first: CloseHandle(0x3039) -> FALSE, last error 6 (ERROR_INVALID_HANDLE)"]
    assert {"MapViewOfFile", "show"} < set(dir(laboratory.processes[0]))
