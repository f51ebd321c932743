"""The object that the two programs share: its name and its bytes."""
from __future__ import annotations

import pytest

from harness.driver.contract import BUF_SIZE, CREATE_FAILED, OPEN_FAILED, encode
from harness.driver.errors import Win32Error
from harness.driver.host import Host
from harness.driver.meeting import Scene
from harness.driver.programs import Launch
from harness.driver.win32.objects import OTHER_KINDS
from harness.judge.expectations import (changes, expect_failure, filled, press_and_go,
                                        show_and_go)
from harness.judge.findings import expect
from harness.judge.gaps import HERE

pytestmark = pytest.mark.about("both")


def own_namespace(host: Host) -> str:
    """The object directory of this session's own names. Skips in session 0, where it is the one
    that all sessions share."""
    session = host.token().session
    if session == 0:
        pytest.skip("this is session 0, whose own namespace is the shared one")
    return f"\\Sessions\\{session}\\BaseNamedObjects"


@pytest.mark.claims("O1")
def test_the_name_lives_where_all_sessions_look(scene: Scene) -> None:
    """In the system's directory of shared names, as a section, and not in that of the session."""
    own = own_namespace(scene.host)
    entry = (scene.pair.words.name.rpartition("\\")[2], "Section")
    for expected in (True, False):
        writer = scene.waiting_writer() if expected else None
        expect("O1", "whether \\BaseNamedObjects has the name", expected,
               entry in scene.host.directory("\\BaseNamedObjects"))
        expect("O1", f"whether {own} has the name", False,
               entry[0] in [name for name, _ in scene.host.directory(own)])
        if writer:
            press_and_go(scene, writer)


@pytest.mark.claims("O1", "O7")
def test_no_other_name_leads_to_the_object(scene: Scene) -> None:
    """Objects whose names only look alike are others: neither program finds them, and without them
    their names find nothing."""
    own_namespace(scene.host)
    bare = scene.pair.words.name.rpartition("\\")[2]
    others = {f"Local\\{bare}": "O1", bare: "O1"}
    for other in (bare.lower(), bare.upper(), bare[:-1] + bare[-1].swapcase()):
        others[f"Global\\{other}"] = "O7"
    others.pop(scene.pair.words.name, None)
    # Without a prefix a name is in the session's own directory, so Local\ finds the same object.
    mappings = {other: scene.host.create(other, BUF_SIZE).map()
                for other in others if other != bare}
    pages = {other: filled(mapping, b"", b"\xa5") for other, mapping in mappings.items()}
    expect_failure(scene.reader(), "R2", OPEN_FAILED.format(2), "beside objects of like names")
    writer = scene.waiting_writer()
    for other, mapping in mappings.items():
        expect(others[other], f"changed bytes of {other}", [],
               changes(pages[other], mapping.read(len(pages[other]))))
        mapping.close()
    for other, claim in others.items():
        expect(claim, f"whether {other} can be opened", False, scene.host.exists(other))
    press_and_go(scene, writer)


@pytest.mark.parametrize("limited", [
    pytest.param(False, id="own token"),
    pytest.param(True, id="limited token", marks=pytest.mark.gap("create-global")),
])
@pytest.mark.unprivileged
@pytest.mark.claims("O2")
def test_creating_it_needs_a_privilege(scene: Scene, limited: bool) -> None:
    """SeCreateGlobalPrivilege, except in session 0. Without it the writer is refused."""
    who = scene.host.token(limited)
    if not limited and not scene.host.creates_global and "create-global" in HERE:
        pytest.skip("this run has the limited token itself")
    writer = scene.writer(Launch(limited_token=limited))
    if who.create_global or who.session == 0:
        scene.message_of(writer).close()
        press_and_go(scene, writer)
    else:
        writer.press()  # Lets it go on where it was not refused.
        expect_failure(writer, "O2", CREATE_FAILED.format(5), "without the privilege")


@pytest.mark.claims("O2")
def test_opening_it_needs_no_privilege(scene: Scene) -> None:
    """A reader without SeCreateGlobalPrivilege shows the message like any other."""
    who = scene.host.token(limited=True)
    assert not who.create_global, "the limited token has the privilege"
    scene.waiting_writer()
    words = scene.pair.words
    show_and_go(scene.reader(Launch(limited_token=True)), words.message, words.title)


@pytest.mark.claims("O4")
def test_its_bytes_begin_as_zero(scene: Scene) -> None:
    """Behind the message there is nothing but zero, to the end of the page; and a writer that
    comes after the object has gone finds nothing of what was there."""
    message = encode(scene.pair.words.message, scene.pair.writer.charset)
    for _ in range(2):
        writer = scene.waiting_writer()
        show_and_go(scene.reader(), scene.pair.words.message, scene.pair.words.title)
        mapping = scene.host.open(scene.pair.words.name).map()
        page = mapping.read(mapping.region)
        expect("O4", "bytes after the message that are not zero", [],
               changes(message + bytes(len(page) - len(message)), page))
        filled(mapping, b"", b"\xa5")
        mapping.close()
        press_and_go(scene, writer)


@pytest.mark.claims("O5")
def test_whoever_maps_it_may_change_it_for_all(scene: Scene) -> None:
    """Two other processes' views, and those of both programs, are the same memory."""
    charset = scene.pair.reader.charset
    mapping = scene.message_of(scene.writer())
    other = scene.host.open(scene.pair.words.name).map()
    text = encode("Changed by another process.\0", charset)
    mapping.write(text)
    expect("O5", "bytes in the other view", text, other.read(len(text)))
    show_and_go(scene.reader(), "Changed by another process.", scene.pair.words.title)


@pytest.mark.claims("O6")
def test_no_other_kind_of_object_can_have_its_name(scene: Scene) -> None:
    """While the writer holds it; that the programs fail in the same way is W2 and R2."""
    scene.waiting_writer()
    for kind in OTHER_KINDS:
        with pytest.raises(Win32Error) as caught:
            scene.host.occupy(scene.pair.words.name, kind)
        expect("O6", f"error of a {kind} of that name", 6, caught.value.code)
