"""Two programs meeting: the pair in a host, the object that they share, and the whole scene."""
from __future__ import annotations

from typing import Optional

from harness.driver.contract import encode
from harness.driver.host import Host
from harness.driver.pair import Half, Pair
from harness.driver.programs import Launch, Program
from harness.driver.waiting import DEADLINE, wait_for
from harness.driver.win32.objects import Mapping


class Scene:
    """A pair in a host, and the object that the two share. `launch` is how its programs are
    started where nothing else is said."""

    def __init__(self, host: Host, pair: Pair, launch: Launch = Launch()) -> None:
        self.host = host
        self.pair = pair
        self.launch = launch

    def writer(self, launch: Optional[Launch] = None) -> Program:
        """Start the writer; what it does next must be waited for."""
        return self._start("the writer", self.pair.writer, launch or self.launch)

    def reader(self, launch: Optional[Launch] = None) -> Program:
        """Start the reader; what it does next must be waited for."""
        return self._start("the reader", self.pair.reader, launch or self.launch)

    def _start(self, name: str, half: Half, launch: Launch) -> Program:
        # Only an agent of its own architecture can trace a program.
        arch = half.arch if launch.trace else "x86_64"
        return self.host.start(name, half.line(self.host), arch, launch)

    def waiting_writer(self, launch: Optional[Launch] = None) -> Program:
        """Start the writer and wait until its message is in the object."""
        writer = self.writer(launch)
        self.message_of(writer).close()
        return writer

    def message_of(self, writer: Program, seconds: float = DEADLINE) -> Mapping:
        """The object, mapped, once something was written to it. Between its creation and the
        copy it can be opened while it is all zero, so content is what must be waited for."""
        mapping = wait_for(self.find, f"the object {self.pair.words.name}", writer.describe,
                           seconds, writer.ended).map()
        wait_for(lambda: any(mapping.read(mapping.region)), "a message in the object",
                 writer.describe, seconds, writer.ended)
        return mapping

    def find(self) -> Optional[Mapping]:
        """The writer's object, or None where its name does not exist."""
        return self.host.find(self.pair.words.name)

    def exists(self) -> bool:
        """Whether the name of the writer's object can be opened now."""
        return self.host.exists(self.pair.words.name)


def round_trip(scene: Scene, text: Optional[str] = None, writer_first: bool = False) -> None:
    """Play everything that the page lets a person see; the message box must say `text`, or the
    message. The writer gets its key while the box is open, or after it was answered. Raises
    AssertionError or Expired where anything is otherwise than documented."""
    words = scene.pair.words
    writer = scene.writer()
    message = encode(words.message, scene.pair.writer.charset)
    mapping = scene.message_of(writer)
    _agree("the bytes in the object", message, mapping.read(len(message)))
    mapping.close()

    reader = scene.reader()
    box = reader.box()
    text = words.message if text is None else text
    _agree("title, text, owner and icon of the message box", (words.title, text, 0, False),
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
