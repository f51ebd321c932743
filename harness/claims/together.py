"""Both programs together, once each is known to do alone what is documented."""
from __future__ import annotations

from typing import Optional

import pytest

from harness.driver.contract import OPEN_FAILED
from harness.driver.host import Host
from harness.driver.win32.objects import Mapping
from harness.driver.pair import Pair, Scene
from harness.driver.win32.console import LETTER
from harness.driver.waiting import wait_for
from harness.driver.win32.calls import Call
from harness.judge.checks import See, check
from harness.judge.claims import READER, WRITER
from harness.judge.collecting import mine
from harness.judge.running import AT_ITS_END, Running
from harness.judge.starter import Starter
from harness.judge.words import documented, printed, words

RIGHT = f"{WRITER}.right {READER}.right"


class Alone(See):
    """Expects a program to behave as it did alone. If it does not, the cause is unknown, so the
    check fails without a finding."""

    def __call__(self, fact: str, what: str, expected: object, seen: object, program: str = "",
                 call: Optional[Call] = None, said: str = "") -> bool:
        assert expected == seen, f"{fact}: {what}: expected {words(expected)}, seen {words(seen)}"
        return True


class Both:
    """A writer and a reader in a host, and the object that they share."""

    def __init__(self, scene: Scene, see: See, item: pytest.Item) -> None:
        self.host: Host = scene.host
        self.pair: Pair = scene.pair
        self.words, self.charset = scene.pair.words, scene.pair.writer.charset
        self.see = see
        alone = Alone(see.result, scene.host.folder)
        self._starters = {role: Starter(scene.host, half, role, self.words, mine(item, role), alone,
                                        False)
                          for role, half in ((WRITER, scene.pair.writer),
                                             (READER, scene.pair.reader))}
        self.message = self._starters[WRITER].message

    def writer(self, **launch: object) -> Running:
        """Start the writer; the caller waits for what it does next."""
        return self._starters[WRITER](**launch)  # type: ignore[arg-type]

    def reader(self, **launch: object) -> Running:
        """Start the reader, likewise."""
        return self._starters[READER](**launch)  # type: ignore[arg-type]

    def waiting_writer(self, **launch: object) -> Running:
        """Start the writer and wait until its message is in the object."""
        writer = self.writer(**launch)
        self.message_of(writer).close()
        return writer

    def message_of(self, writer: Running) -> Mapping:
        """Map the object once it contains the message. Raises Expired if that does not come."""
        mapping = wait_for(self.find, f"the object {self.words.name}", writer.program.describe,
                           over=writer.program.ended).map()
        wait_for(lambda: mapping.read(len(self.message)) == self.message, "the message",
                 writer.program.describe, over=writer.program.ended)
        return mapping

    def find(self) -> Optional[Mapping]:
        """Return the object, or None if its name does not exist."""
        return self.host.find(self.words.name)

    def exists(self) -> bool:
        """Return whether the name of the object can be opened now."""
        return self.host.exists(self.words.name)

    def finds_nothing(self, see: See, fact: str, where: str = "without a writer") -> None:
        """Check how a reader fails without an object."""
        ended = self.reader().end()
        if not ended:
            see.stop(why="the reader takes too long")
        see(fact, f"what a reader prints {where}, and its exit code",
            (documented(OPEN_FAILED.format(2), ended), 1), ended and (printed(ended), ended.code))

    def press(self, writer: Running) -> None:
        """Press a key, and check the writer's end."""
        writer.program.press(LETTER)
        writer.judge_end(AT_ITS_END)


@pytest.fixture
def both(scene: Scene, see: See, request: pytest.FixtureRequest) -> Both:
    """Return the pair to be checked, in a host."""
    return Both(scene, see, request.node)


def of_both(*facts: str, needs: str = RIGHT) -> pytest.MarkDecorator:
    """Return the marker for a check of facts about both programs together."""
    return check(*facts, needs=needs)
