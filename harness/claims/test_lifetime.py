"""The object exists as long as any process has a handle to it or a view of it."""
from __future__ import annotations

from itertools import permutations
from typing import Tuple

import pytest

from harness.driver.contract import encode
from harness.driver.meeting import Scene
from harness.driver.programs import Launch, Program
from harness.judge.expectations import (await_change, expect_box, filled, press_and_go,
                                        show_and_go)
from harness.judge.findings import expect

pytestmark = pytest.mark.about("both")
ENDS = ("at its button or key", "killed")
READERS = 4


def end(scene: Scene, program: Program, how: str, is_writer: bool) -> None:
    """End one of the two in the documented way or as a crash would."""
    if how == "killed":
        program.terminate()
        program.wait()
    elif is_writer:
        press_and_go(scene, program)
    else:
        show_and_go(program, scene.pair.words.message, scene.pair.words.title)


@pytest.mark.parametrize("order", list(permutations(("writer", "reader"))), ids=" before ".join)
@pytest.mark.parametrize("how", ENDS)
@pytest.mark.claims("O3", "H4")
def test_it_lives_until_its_last_handle_is_closed(scene: Scene, order: Tuple[str, str],
                                                  how: str) -> None:
    """Whoever goes first, and however it goes; then the name is free for anything."""
    charset = scene.pair.writer.charset
    programs = {"writer": scene.waiting_writer(), "reader": scene.reader()}
    expect_box(programs["reader"], scene.pair.words.message, scene.pair.words.title)
    end(scene, programs[order[0]], how, order[0] == "writer")
    expect("O3", f"whether the name can be opened while the {order[1]} runs", True, scene.exists())
    with_one = scene.host.open(scene.pair.words.name).map()
    message = encode(scene.pair.words.message, charset)
    expect("O3", f"bytes that the {order[1]} keeps alive", message, with_one.read(len(message)))
    with_one.close()
    end(scene, programs[order[1]], how, order[1] == "writer")
    expect("O3", "whether the name can be opened", False, scene.exists())
    scene.host.occupy(scene.pair.words.name, "event")


@pytest.mark.claims("O3")
def test_the_last_of_several_readers_keeps_it(scene: Scene) -> None:
    """All show the message at once; the writer goes first, and the object with the last reader."""
    writer = scene.waiting_writer()
    readers = [scene.reader() for _ in range(READERS)]
    for reader in readers:
        expect_box(reader, scene.pair.words.message, scene.pair.words.title)
    press_and_go(scene, writer)
    for left in range(READERS, 0, -1):
        expect("O3", f"whether the name can be opened with {left} readers", True, scene.exists())
        show_and_go(readers.pop(), scene.pair.words.message, scene.pair.words.title)
    expect("O3", "whether the name can be opened without readers", False, scene.exists())


@pytest.mark.parametrize("first", [0, 1], ids=["the first goes first", "the second goes first"])
@pytest.mark.claims("O3")
def test_two_writers_share_it(scene: Scene, first: int) -> None:
    """The second writes its message over that of the first, whichever then goes first."""
    writers = [scene.waiting_writer(Launch(new_console=True))]
    mapping = scene.host.open(scene.pair.words.name).map()
    erased = filled(mapping, b"", b"\0")
    writers.append(scene.writer(Launch(new_console=True)))
    await_change(mapping, erased, writers[1])
    mapping.close()
    for number, left in ((first, True), (1 - first, False)):
        show_and_go(scene.reader(), scene.pair.words.message, scene.pair.words.title)
        press_and_go(scene, writers[number])
        expect("O3", "whether the name can be opened", left, scene.exists())
