"""Two programs meeting: the pair in a host, the object that they share, and the whole scene."""
from __future__ import annotations

from typing import Optional

from harness.driver.contract import MESSAGE, NAME, TITLE, encode
from harness.driver.host import Host
from harness.driver.objects import Mapping
from harness.driver.pair import Half, Pair
from harness.driver.programs import Launch, Program
from harness.driver.waiting import DEADLINE, wait_for


class Scene:
    """A pair in a host, and the object that the two share."""

    def __init__(self, host: Host, pair: Pair) -> None:
        self.host = host
        self.pair = pair

    def writer(self, launch: Launch = Launch()) -> Program:
        """Start the writer; what it does next must be waited for."""
        return self._start("the writer", self.pair.writer, launch)

    def reader(self, launch: Launch = Launch()) -> Program:
        """Start the reader; what it does next must be waited for."""
        return self._start("the reader", self.pair.reader, launch)

    def _start(self, name: str, half: Half, launch: Launch) -> Program:
        arch = half.arch if launch.trace else "x86_64"
        return self.host.start(name, half.line(self.host), arch, launch)

    def waiting_writer(self, launch: Launch = Launch()) -> Program:
        """Start the writer and wait until its message is in the object."""
        writer = self.writer(launch)
        self.message_of(writer).close()
        return writer

    def message_of(self, writer: Program, seconds: float = DEADLINE) -> Mapping:
        """The object, mapped, once something was written to it. Between its creation and the
        copy it can be opened while it is all zero, so content is what must be waited for."""
        mapping = wait_for(self.find, f"the object {NAME}", writer.describe, seconds,
                           writer.ended).map()
        wait_for(lambda: any(mapping.read(2)), "a message in the object", writer.describe, seconds,
                 writer.ended)
        return mapping

    def find(self) -> Optional[Mapping]:
        """The object, or None where the name does not exist."""
        return self.host.find(NAME)

    def exists(self) -> bool:
        """Whether the documented name can be opened now."""
        return self.host.exists(NAME)


def round_trip(scene: Scene, text: str = MESSAGE, writer_first: bool = False) -> None:
    """Play everything that the page lets a person see; the message box must say `text`. The writer
    gets its key while the box is open, or after it was answered. Raises AssertionError or Expired
    where anything is otherwise than documented."""
    writer = scene.writer()
    message = encode(MESSAGE, scene.pair.writer.charset)
    mapping = scene.message_of(writer)
    _agree("the bytes in the object", message, mapping.read(len(message)))
    mapping.close()

    reader = scene.reader()
    box = reader.box()
    _agree("title, text, owner and icon of the message box", (TITLE, text, 0, False),
           (box.title, box.text, box.owner, box.icon))
    _agree("its buttons", ["OK"], [button.label for button in box.buttons])

    for program in (writer, reader) if writer_first else (reader, writer):
        _agree(f"whether the object exists before {program.name} ends", True, scene.exists())
        if program is writer:
            writer.press()
        else:
            reader.answer(box)
        ended = program.wait()
        _agree(f"exit code and output of {program.name}", (0, b"", b""),
               (ended.code, ended.out, ended.err))
    _agree("whether the object exists after both have ended", False, scene.exists())


def _agree(what: str, expected: object, seen: object) -> None:
    if expected != seen:
        raise AssertionError(f"{what}\n  expected: {expected!r}\n  seen:     {seen!r}")
