"""Scenes about the calls that the programs make, as the tracer records them."""
from __future__ import annotations

from harness.driver.host import Host
from harness.driver.programs import Launch, Program, TRACED
from harness.driver.win32.calls import lines

from harness.lessons.scenes.common import Lines, ending, unicode_scene


def calls_of(name: str, program: Program) -> Lines:
    """Yield all calls of a program that has ended."""
    yield f"{name}:"
    for line in lines(program.calls()):
        yield f"  {line}"


def all_calls(host: Host) -> Lines:
    """The calls of both programs, with arguments and results."""
    scene = unicode_scene(host)
    writer = scene.waiting_writer(TRACED)
    reader = scene.reader(TRACED)
    reader.answer(reader.box())
    reader.wait()
    writer.press()
    writer.wait()
    yield from calls_of("first_process", writer)
    yield from calls_of("second_process", reader)


def failing_call(host: Host) -> Lines:
    """What the functions return when they fail."""
    reader = unicode_scene(host).reader(TRACED)
    reader.wait()
    yield from calls_of("second_process, alone", reader)


def huge_code(host: Host) -> Lines:
    """CreateFileMapping fails with 0x80000001, which no int can hold."""
    writer = unicode_scene(host).writer(
        Launch(trace=True, fail="CreateFileMapping", error=0x80000001))
    yield "CreateFileMapping is made to fail with 0x80000001 (2147483649)."
    yield from ending("first_process", writer)
