"""The writer alone: what it makes, what it writes, and what it waits for."""
from __future__ import annotations

import pytest

from harness.driver.contract import BUF_SIZE, MESSAGE, NAME, encode
from harness.driver.meeting import Scene
from harness.driver.programs import (ARROW_UP, CONTROL_C, ENTER, ESCAPE, F1, Key, LETTER, Launch,
                                     SPACE)
from harness.judge.expectations import (await_change, changes, expect, expect_exit, filled,
                                        press_and_go, show_and_go)
from harness.judge.gaps import HERE

PAGE = 4096  #: Bytes; the least that a section in the paging file has.
SEC_COMMIT = 0x8000000  #: In the paging file; one over a file has SEC_FILE instead.

SHIFT, CONTROL, ALT = Key(0x10, 0, 0x0010), Key(0x11, 0, 0x0008), Key(0x12, 0, 0x0002)


@pytest.mark.claims("W1", "W3", "B3")
def test_it_makes_one_page_in_the_paging_file(scene: Scene) -> None:
    """The object is a section of 256 bytes, rounded up to a page, with no file behind it."""
    mapping = scene.message_of(scene.writer())
    expect("W1", "size and attributes of the section", (PAGE, SEC_COMMIT), mapping.section())


@pytest.mark.claims("W3", "B3")
def test_its_view_is_no_larger_than_the_buffer(scene: Scene) -> None:
    """In a file of exactly 256 bytes there is room for the view, and in one byte less there is
    not (W4)."""
    mapping = scene.host.create(NAME, BUF_SIZE, file=scene.host.folder / "exact")
    before = mapping.map().read(BUF_SIZE)
    writer = scene.writer()
    await_change(mapping, before, writer)
    press_and_go(writer)


@pytest.mark.parametrize("size", [BUF_SIZE, 2 * PAGE])
@pytest.mark.claims("W5", "W8")
def test_it_writes_27_characters_and_nothing_else(scene: Scene, size: int) -> None:
    """Over an object that exists, of its own size or larger, and is full of another byte. What
    it wrote is looked at after its end, when it cannot write any more."""
    mapping = scene.host.create(NAME, size).map()
    before = filled(mapping, b"", b"\xa5")
    message = encode(MESSAGE, scene.pair.writer.charset)
    writer = scene.writer()
    await_change(mapping, before, writer)
    press_and_go(writer)
    after = mapping.read(len(before))
    expect("W5", "offsets of the bytes that changed, as [first, behind the last)",
           [(0, len(message))], changes(before, after))
    expect("W5", "bytes written", message, after[:len(message)])


@pytest.mark.claims("W6", "O3")
def test_it_waits_and_keeps_the_object(scene: Scene) -> None:
    """A reader comes and goes, and keys that make no character are pressed; the writer waits."""
    writer = scene.waiting_writer(Launch(new_console=True))
    for key in (SHIFT, CONTROL, ALT):
        writer.press(key)
    show_and_go(scene.reader(), MESSAGE)
    expect("W6", "whether it ended without a key", False, writer.ended())
    expect("W6", "whether the object is there", True, scene.exists())
    press_and_go(writer)


@pytest.mark.parametrize("key", [
    pytest.param(LETTER, id="letter"), pytest.param(ENTER, id="Enter"),
    pytest.param(SPACE, id="Space"), pytest.param(ESCAPE, id="Escape"),
    pytest.param(ARROW_UP, id="arrow"), pytest.param(CONTROL_C, id="Ctrl-C"),
    pytest.param(F1, id="F1", marks=pytest.mark.gap("function-keys")),
])
@pytest.mark.claims("W6", "W7", "B4")
def test_any_one_key_lets_it_go_on(scene: Scene, key: Key) -> None:
    """Without Enter, and without an echo: what its console shows and where the cursor stands
    remain the same."""
    writer = scene.waiting_writer(Launch(new_console=True))
    before = writer.screen()
    writer.press(key)
    if key == F1 and "function-keys" in HERE:
        # It is waited for in vain, so that must not take long.
        writer.wait(0.3)
    expect_exit("W7", writer)
    expect("W6", "its console, and the row and column of the cursor", before, writer.screen())
    expect("W7", "whether the object is there", False, scene.exists())
