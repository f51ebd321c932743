"""The writer at a Unix terminal, as a person has it who starts it with Wine in a shell."""
from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import Iterator

import pytest

if sys.platform == "win32":
    pytest.skip("a Unix terminal is Wine's alone", allow_module_level=True)
if not find_spec("pexpect"):
    pytest.skip("pexpect is missing (Debian: python3-pexpect)", allow_module_level=True)

from harness.driver.meeting import Scene
from harness.driver.waiting import wait_for
from harness.driver.win32.console import LETTER
from harness.driver.wine.host import WineHost
from harness.driver.wine.terminal import Terminal
from harness.judge.expectations import needs_wait
from harness.judge.findings import WRITER, board, expect, not_judged


@pytest.fixture
def terminal(scene: Scene) -> Iterator[Terminal]:
    """A terminal at which the writer was started."""
    needs_wait(scene, WRITER)
    facts = scene.pair.writer.facts
    if facts.no_end or facts.keys != (LETTER,):
        not_judged(facts.no_end or ("W6",))
    assert isinstance(scene.host, WineHost)
    terminal = Terminal(scene.host, scene.pair.writer)
    yield terminal
    terminal.close()


@pytest.mark.about("writer")
@pytest.mark.claims("W6")
@pytest.mark.parametrize("key", ["x", " "], ids=["letter", "space"])
def test_a_key_at_a_terminal_ends_the_writer(scene: Scene, terminal: Terminal, key: str) -> None:
    """One key is enough, without Enter, and the terminal does not show it."""
    mapping = wait_for(scene.find, "the object", terminal.describe, over=terminal.ended).map()
    wait_for(lambda: any(mapping.read(2)), "a message in the object", terminal.describe,
             over=terminal.ended)
    mapping.close()
    wait_for(terminal.ready, "a terminal that shows nothing by itself", terminal.describe)
    expect("W6", "before any key", "the program runs", terminal.describe())
    terminal.type(key)
    shown, code = terminal.outcome()
    expect("W6", "whether the one key is enough at a terminal", True, code != "still running")
    # What it prints by itself, or Wine where it crashes, is no echo.
    if "B4" not in board.broken() and code == 0:
        expect("W6", f"what the terminal shows after the key {key!r}", b"", shown)
