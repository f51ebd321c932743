"""The object that the two programs share: its name, its life, its bytes."""
from __future__ import annotations

from itertools import permutations, product
from typing import Optional, Tuple

import pytest

from driver.claims import expect
from driver.contract import BUF_SIZE, CREATE_FAILED, MESSAGE, NAME, OPEN_FAILED, encode
from driver.errors import Win32Error
from driver.host import Host
from driver.judging import (await_change, changes, expect_box, expect_exit, filled, press_and_go,
                            show_and_go)
from driver.objects import directory
from driver.pair import Scene
from driver.programs import Program

KINDS = ("event", "mutex", "semaphore", "timer", "job")


def own_namespace(host: Host) -> str:
    """The object directory of this session's own names. Skips in session 0, where it is the one
    that all sessions share."""
    session = host.agent().request("whoami")["session"]
    if session == 0:
        pytest.skip("this is session 0, whose own namespace is the shared one")
    return f"\\Sessions\\{session}\\BaseNamedObjects"


def open_error(host: Host, name: str) -> int:
    """What opening a file-mapping object of that name fails with; 0 where it does not fail."""
    try:
        host.open(name).close()
    except Win32Error as error:
        return error.code
    return 0


@pytest.mark.claims("O1", "B3")
def test_the_name_lives_where_all_sessions_look(scene: Scene) -> None:
    """In the system's directory of shared names, as a section, and not in that of the session."""
    own = own_namespace(scene.host)
    agent = scene.host.agent()
    entry = (NAME.split("\\")[1], "Section")
    for expected in (True, False):
        writer = scene.waiting_writer() if expected else None
        expect("O1", "whether \\BaseNamedObjects has the name", expected,
               entry in directory(agent, "\\BaseNamedObjects"))
        expect("O1", f"whether {own} has the name", False,
               entry[0] in [name for name, _ in directory(agent, own)])
        if writer:
            press_and_go(writer)


@pytest.mark.parametrize("other", [
    pytest.param("Local\\MyFileMappingObject", marks=pytest.mark.claims("O1")),
    pytest.param("MyFileMappingObject", marks=pytest.mark.claims("O1")),
    pytest.param("Global\\myfilemappingobject", marks=pytest.mark.claims("O7")),
    pytest.param("Global\\MYFILEMAPPINGOBJECT", marks=pytest.mark.claims("O7")),
    pytest.param("Global\\MyFileMappingobject", marks=pytest.mark.claims("O7")),
])
@pytest.mark.claims("B3")
def test_no_other_name_leads_to_the_object(scene: Scene, other: str) -> None:
    """An object of a name that only looks alike is one of its own: neither program finds it,
    and without it that name finds nothing."""
    claim = "O7" if other.startswith("Global") else "O1"
    own_namespace(scene.host)
    mapping = scene.host.create(other, BUF_SIZE).map()
    before = filled(mapping, b"", b"\xa5")
    expect_exit("R2", scene.reader(), 1, OPEN_FAILED.format(2))
    writer = scene.waiting_writer()
    expect(claim, f"changed bytes of {other}", [], changes(before, mapping.read(len(before))))
    mapping.close()
    expect(claim, f"error of opening {other}", 2, open_error(scene.host, other))
    press_and_go(writer)


@pytest.mark.parametrize("token", [
    pytest.param(None, id="own token"),
    pytest.param("limited", id="limited token", marks=pytest.mark.gap("create-global")),
])
@pytest.mark.claims("O2", "W2")
def test_creating_it_needs_a_privilege(scene: Scene, token: Optional[str]) -> None:
    """SeCreateGlobalPrivilege, except in session 0. Without it the writer is refused."""
    who = scene.host.agent().request("whoami", token=token)
    writer = scene.writer(token=token)
    if who["create_global"] or who["session"] == 0:
        scene.message_of(writer).close()
        press_and_go(writer)
    else:
        writer.press()  # Lets it go on where it was not refused.
        expect_exit("O2", writer, 1, CREATE_FAILED.format(5))


@pytest.mark.claims("O2", "R1")
def test_opening_it_needs_no_privilege(scene: Scene) -> None:
    """A reader without SeCreateGlobalPrivilege shows the message like any other."""
    scene.waiting_writer()
    show_and_go(scene.reader(token="limited"), MESSAGE)


ENDS = ("at its button or key", "killed")


def end(program: Program, how: str, is_writer: bool) -> None:
    """End one of the two in the documented way or as a crash would."""
    if how == "killed":
        program.terminate()
        program.wait()
    elif is_writer:
        press_and_go(program)
    else:
        show_and_go(program, MESSAGE)


@pytest.mark.parametrize("order", permutations(("writer", "reader")), ids=" before ".join)
@pytest.mark.parametrize("how", product(ENDS, repeat=2), ids=" then ".join)
@pytest.mark.claims("O3", "W7", "R6", "H4")
def test_it_lives_until_its_last_handle_is_closed(scene: Scene, order: Tuple[str, str],
                                                  how: Tuple[str, str]) -> None:
    """Whoever goes first, and however it goes; then the name is free for anything."""
    charset = scene.pair.writer.charset
    programs = {"writer": scene.waiting_writer(), "reader": scene.reader()}
    expect_box(programs["reader"], MESSAGE)
    end(programs[order[0]], how[0], order[0] == "writer")
    with_one = scene.host.open(NAME).map()
    message = encode(MESSAGE, charset)
    expect("O3", f"bytes that the {order[1]} keeps alive", message, with_one.read(len(message)))
    with_one.close()
    end(programs[order[1]], how[1], order[1] == "writer")
    expect("O3", "error of opening the name", 2, open_error(scene.host, NAME))
    expect_exit("R2", scene.reader(), 1, OPEN_FAILED.format(2))
    scene.host.occupy(NAME, "event")


@pytest.mark.parametrize("count", [2, 8])
@pytest.mark.claims("O3", "R5", "R6")
def test_the_last_of_several_readers_keeps_it(scene: Scene, count: int) -> None:
    """All show the message at once; the writer goes first, and the object with the last reader."""
    writer = scene.waiting_writer()
    readers = [scene.reader() for _ in range(count)]
    for reader in readers:
        expect_box(reader, MESSAGE)
    press_and_go(writer)
    for left in range(count, 0, -1):
        expect("O3", f"error of opening the name with {left} readers", 0,
               open_error(scene.host, NAME))
        show_and_go(readers.pop(), MESSAGE)
    expect("O3", "error of opening the name without readers", 2, open_error(scene.host, NAME))


@pytest.mark.parametrize("first", [0, 1], ids=["the first goes first", "the second goes first"])
@pytest.mark.claims("O3", "W6", "W8")
def test_two_writers_share_it(scene: Scene, first: int) -> None:
    """The second writes its message over that of the first, whichever then goes first."""
    writers = [scene.waiting_writer(console="new")]
    mapping = scene.host.open(NAME).map()
    erased = filled(mapping, b"", b"\0")
    writers.append(scene.writer(console="new"))
    await_change(mapping, erased, writers[1])
    mapping.close()
    for number, left in ((first, 0), (1 - first, 2)):
        show_and_go(scene.reader(), MESSAGE)
        press_and_go(writers[number])
        expect("O3", "error of opening the name", left, open_error(scene.host, NAME))


@pytest.mark.claims("O4", "W5")
def test_its_bytes_begin_as_zero(scene: Scene) -> None:
    """Behind the message there is nothing but zero, to the end of the page; and a writer that
    comes after the object has gone finds nothing of what was there."""
    message = encode(MESSAGE, scene.pair.writer.charset)
    for _ in range(2):
        writer = scene.waiting_writer()
        show_and_go(scene.reader(), MESSAGE)
        mapping = scene.host.open(NAME).map()
        page = mapping.read(mapping.region)
        expect("O4", "bytes behind the message that are not zero", [],
               changes(message + bytes(len(page) - len(message)), page))
        filled(mapping, b"", b"\xa5")
        mapping.close()
        press_and_go(writer)


@pytest.mark.claims("O5")
def test_whoever_maps_it_may_change_it_for_all(scene: Scene) -> None:
    """Two other processes' views, and those of both programs, are the same memory."""
    charset = scene.pair.reader.charset
    mapping = scene.message_of(scene.writer())
    other = scene.host.open(NAME).map()
    text = encode("Changed by another process.\0", charset)
    mapping.write(text)
    expect("O5", "bytes in the other view", text, other.read(len(text)))
    show_and_go(scene.reader(), "Changed by another process.")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.claims("O6")
def test_no_other_kind_of_object_can_have_its_name(scene: Scene, kind: str) -> None:
    """While the writer holds it; that the programs fail in the same way is W2 and R2."""
    scene.waiting_writer()
    with pytest.raises(Win32Error) as caught:
        scene.host.occupy(NAME, kind)
    expect("O6", f"error of a {kind} of that name", 6, caught.value.code)
