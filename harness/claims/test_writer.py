"""The writer alone: what it makes, what it writes, and what it waits for."""
from __future__ import annotations

import pytest

from harness.driver.contract import BUF_SIZE
from harness.driver.meeting import Scene
from harness.driver.programs import Launch
from harness.driver.win32.console import ARROW_UP, CONTROL_C, ENTER, ESCAPE, F1, LETTER, SPACE, Key
from harness.judge.expectations import (await_change, end_of, expect_calls, expect_message,
                                        expect_no_echo, filled, missing_part, needs_wait,
                                        press_and_go, waiting_writer)
from harness.judge.findings import WRITER, board, expect, not_judged
from harness.judge.gaps import HERE
from harness.judge.look import PAGE, SEC_COMMIT

pytestmark = pytest.mark.about("writer")

SHIFT, CONTROL, ALT = Key(0x10, 0, 0x0010), Key(0x11, 0, 0x0008), Key(0x12, 0, 0x0002)


@pytest.mark.claims("B2", "B3", "B4", "W1", "W3", "W5", "W6", "W7")
def test_it_makes_one_page_in_the_paging_file(scene: Scene) -> None:
    """From its start to its end, with the name free: 256 bytes are rounded up to one page, no file
    backs it, and it makes the documented calls."""
    writer, mapping = waiting_writer(scene)
    expect("W1", "size of the object, and whether it is in the paging file", (PAGE, True),
           (mapping.section()[0], mapping.section()[1] == SEC_COMMIT))
    expect("B3", "name of the object", scene.pair.words.name, scene.pair.writer.facts.name, WRITER)
    mapping.close()
    press_and_go(scene, writer)
    expect_calls(scene, writer)


@pytest.mark.claims("W3")
def test_its_view_is_no_larger_than_the_buffer(scene: Scene) -> None:
    """In a file of exactly 256 bytes there is room for the view, and in one byte less there is
    not (W4)."""
    needs_wait(scene, WRITER)
    mapping = scene.host.create(scene.pair.writer.facts.name, BUF_SIZE,
                                file=scene.host.folder / "exact")
    before = mapping.map().read(BUF_SIZE)
    writer = scene.writer()
    if await_change(mapping, before, writer):
        expect("W3", "whether a view of 256 bytes is enough for it", True, True)
        press_and_go(scene, writer)
        expect_calls(scene, writer)
    else:
        part = missing_part(writer.status()[1])
        expect({"object": "W8", "view": "W3"}.get(part, "W8"),
               "whether it writes into an object of exactly 256 bytes", True, False)


@pytest.mark.parametrize("size", [BUF_SIZE, 2 * PAGE])
@pytest.mark.claims("W5", "W8")
def test_it_writes_27_characters_and_nothing_else(scene: Scene, size: int) -> None:
    """Over an object that exists, of its own size or larger, and is full of another byte. What
    it wrote is compared before it goes on, and again after its end."""
    facts = scene.pair.writer.facts
    needs_wait(scene, WRITER)
    mapping = scene.host.create(facts.name, size).map()
    before = filled(mapping, b"", b"\xa5")
    writer = scene.writer()
    if not await_change(mapping, before, writer):
        part = missing_part(writer.status()[1])
        expect("W3" if part == "view" else "W8", "whether it writes over an object that exists",
               True, False)
        return
    board.record.tried.add("W8")
    ended = press_and_go(scene, writer)
    after = mapping.read(len(before))
    expect_message(scene, before, after)
    if ended:
        expect_calls(scene, writer)


@pytest.mark.claims("W6")
def test_it_waits_and_keeps_the_object(scene: Scene) -> None:
    """A reader comes and goes, and keys that make no character are pressed; the writer waits."""
    writer, mapping = waiting_writer(scene, Launch())
    mapping.close()
    for key in (SHIFT, CONTROL, ALT):
        writer.press(key)
    scene.host.find(scene.pair.writer.facts.name)
    expect("W6", "whether it waits for a key", True, not writer.ended())
    expect("W6", "whether the object exists while it waits", True, scene.exists())
    press_and_go(scene, writer)


@pytest.mark.parametrize("key", [
    pytest.param(LETTER, id="letter"), pytest.param(ENTER, id="Enter"),
    pytest.param(SPACE, id="Space"), pytest.param(ESCAPE, id="Escape"),
    pytest.param(ARROW_UP, id="arrow"), pytest.param(CONTROL_C, id="Ctrl-C"),
    pytest.param(F1, id="F1", marks=pytest.mark.gap("function-keys")),
])
@pytest.mark.claims("W6")
def test_any_one_key_lets_it_go_on(scene: Scene, key: Key, request: pytest.FixtureRequest) -> None:
    """Without Enter, and without an echo: what its console shows and where the cursor stands
    remain the same."""
    facts = scene.pair.writer.facts
    if facts.keys != (LETTER,) or facts.no_end:
        not_judged(facts.no_end or ("W6",))
    writer, mapping = waiting_writer(scene, Launch())
    mapping.close()
    before = writer.screen()
    writer.press(key)
    if key == F1 and "function-keys" in HERE:
        # It is waited for in vain, so that must not take long.
        writer.wait(0.3)
    ended = end_of(writer, "W6", f"its end after the key {request.node.callspec.id.split('-')[-1]}")
    if ended and not ended.out_total:
        expect_no_echo(before, writer.screen())
