"""The writer at a Unix terminal, as when you start it with Wine in a shell."""
from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import Iterator

import pytest

if sys.platform == "win32":
    pytest.skip("only Wine can use a Unix terminal", allow_module_level=True)
if not find_spec("pexpect"):
    pytest.skip("pexpect is missing (Debian: python3-pexpect)", allow_module_level=True)

from harness.driver.host import Host
from harness.driver.pair import Pair
from harness.driver.waiting import wait_for
from harness.driver.wine.host import WineHost
from harness.driver.wine.terminal import Terminal
from harness.judge.checks import Mine, See, check
from harness.judge.claims import WRITER
from harness.judge.starter import Starter


@pytest.fixture
def terminal(host: Host, start: Starter, pair: Pair) -> Iterator[Terminal]:
    """Start the writer at a terminal."""
    assert isinstance(host, WineHost)
    terminal = Terminal(host, pair.writer)
    yield terminal
    terminal.close()


@pytest.mark.products
@check("W6.terminal", about=WRITER, needs="object writes wait keys right")
@pytest.mark.parametrize("key", ["x", " "], ids=["letter", "space"])
def test_a_key_at_a_terminal_ends_the_writer(host: Host, terminal: Terminal, see: See, known: Mine,
                                             key: str) -> None:
    """One key is enough, without Enter, and the terminal does not show it."""
    mapping = wait_for(lambda: host.find(known["object"]), "the object", terminal.describe,
                       over=terminal.ended).map()
    wait_for(lambda: any(mapping.read(64)), "a message in the object", terminal.describe,
             over=terminal.ended)
    mapping.close()
    wait_for(terminal.ready, "a terminal that shows nothing by itself", terminal.describe)
    see("W6.terminal", "before any key", "the program runs", terminal.describe())
    terminal.type(key)
    shown, code = terminal.outcome()
    see("W6.terminal", "whether one key is enough at a terminal", True, code != "still running")
    if code == 0:
        see("W6.terminal", f"what the terminal shows after the key {key!r}", b"", shown)
