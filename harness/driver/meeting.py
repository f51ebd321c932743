"""Runs a pair of programs in a host: writer, reader, and the object that they share."""
from __future__ import annotations

from typing import Optional

from harness.driver.contract import encode
from harness.driver.host import Host
from harness.driver.pair import Half, Pair
from harness.driver.programs import Launch, Program
from harness.driver.waiting import wait_for
from harness.driver.win32.objects import Mapping


class Scene:
    """A pair in a host, and the object that its programs share. `launch` is how they start by
    default."""

    def __init__(self, host: Host, pair: Pair, launch: Launch = Launch()) -> None:
        self.host = host
        self.pair = pair
        self.launch = launch

    def writer(self, launch: Optional[Launch] = None) -> Program:
        """Start the writer, without waiting for its effects."""
        return self._start("the writer", self.pair.writer, launch or self.launch)

    def reader(self, launch: Optional[Launch] = None) -> Program:
        """Start the reader, without waiting for its effects."""
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

    def message_of(self, writer: Program) -> Mapping:
        """Return the object, mapped, once it has content: a program can open it between its
        creation and the copy, when it is still all zero."""
        mapping = wait_for(self.find, f"the object {self.pair.words.name}", writer.describe,
                           over=writer.ended).map()
        wait_for(lambda: any(mapping.read(mapping.region)), "a message in the object",
                 writer.describe, over=writer.ended)
        return mapping

    def find(self) -> Optional[Mapping]:
        """Return the writer's object, or None if its name does not exist."""
        return self.host.find(self.pair.words.name)

    def exists(self) -> bool:
        """Return whether the name of the writer's object can be opened now."""
        return self.host.exists(self.pair.words.name)


def round_trip(scene: Scene, text: Optional[str] = None, writer_first: bool = False) -> None:
    """Run everything that the page shows; the message box must say `text`, by default the message.
    The writer gets its key after the answer to the message box, or before it if `writer_first`.
    Raises AssertionError or Expired if anything differs from the documentation."""
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
