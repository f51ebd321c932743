"""The writer at a Unix terminal, as a person has it who starts it with Wine in a shell."""
from __future__ import annotations

import sys
from typing import Any, Iterator

import pytest

if sys.platform == "win32":
    pytest.skip("a Unix terminal is Wine's alone", allow_module_level=True)

from driver.claims import expect
from driver.deadline import wait_for
from driver.pair import Scene, split
from driver.patience import DEADLINE
from driver.wine import WineHost

pexpect: Any = pytest.importorskip("pexpect")


class Terminal:
    """The writer of a scene at a pseudo-terminal of its own."""

    def __init__(self, scene: Scene) -> None:
        assert isinstance(scene.host, WineHost)
        half = scene.pair.writer
        loader, *arguments = scene.host.command(half.file) + split(half.command)[1:]
        self._child = pexpect.spawn(loader, arguments, env=scene.host.environment,
                                    cwd=str(scene.host.folder), timeout=DEADLINE)

    def ready(self) -> bool:
        """Whether the console has taken over the terminal (before, it is the terminal itself
        that shows what is typed, whatever the program does), or the program has ended."""
        return self.ended() or not self._child.getecho()

    def type(self, keys: str) -> None:
        """Type the keys, and nothing else."""
        self._child.send(keys)

    def outcome(self) -> object:
        """What the terminal showed until the program ended, and its exit code; or that it goes
        on, although the deadline has passed."""
        try:
            self._child.expect(pexpect.EOF)
        except pexpect.TIMEOUT:
            return self._child.before, "still running"
        self._child.close()
        return self._child.before, self._child.exitstatus

    def ended(self) -> bool:
        """Whether the writer has ended."""
        return not self._child.isalive()

    def describe(self) -> str:
        """Whether the writer runs."""
        return "the writer has ended" if self.ended() else "the writer runs"

    def close(self) -> None:
        """End the program, if it has not ended."""
        self._child.close(force=True)


@pytest.fixture
def terminal(scene: Scene) -> Iterator[Terminal]:
    """A terminal at which the writer was started."""
    terminal = Terminal(scene)
    yield terminal
    terminal.close()


@pytest.mark.claims("W6", "W7")
@pytest.mark.parametrize("key", ["x", " "], ids=["letter", "space"])
def test_a_key_at_a_terminal_ends_the_writer(scene: Scene, terminal: Terminal, key: str) -> None:
    """One key is enough, without Enter, and the terminal does not show it."""
    mapping = wait_for(scene.try_open, "the object", terminal.describe, over=terminal.ended).map()
    wait_for(lambda: any(mapping.read(2)), "a message in the object", terminal.describe,
             over=terminal.ended)
    mapping.close()
    wait_for(terminal.ready, "a terminal that shows nothing by itself", terminal.describe)
    expect("W6", "before any key", "the writer runs", terminal.describe())
    terminal.type(key)
    expect("W6", f"what the terminal shows, and the exit code, after the one key {key!r}",
           (b"", 0), terminal.outcome())
    expect("W7", "the object is still there after the writer's end", False, scene.exists())
