"""The object that the two programs share: its name and its bytes, and what goes wrong with them."""
from __future__ import annotations

import pytest

from harness.claims.together import Both, of_both
from harness.driver.contract import BUF_SIZE, CREATE_FAILED, encode
from harness.driver.errors import Win32Error
from harness.driver.host import Host
from harness.driver.win32.objects import OTHER_KINDS
from harness.judge.checks import See
from harness.judge.gaps import HERE
from harness.judge.starter import filled
from harness.judge.words import changes, documented, printed


def own_namespace(host: Host) -> str:
    """Return the object directory of this session's own names. Skips in session 0, whose directory
    all sessions share."""
    session = host.token().session
    if session == 0:
        pytest.skip("this is session 0, whose own namespace is the shared one")
    return f"\\Sessions\\{session}\\BaseNamedObjects"


@of_both("O1.shared", "O1.bare")
def test_the_name_lives_where_all_sessions_look(both: Both, see: See) -> None:
    """The name is a section in the kernel's global directory, and is not in the session's."""
    own = own_namespace(both.host)
    shared = "\\BaseNamedObjects"
    if not both.words.name.startswith("Global\\"):
        own, shared = shared, own
    entry = (both.words.name.rpartition("\\")[2], "Section")
    for expected in (True, False):
        writer = both.waiting_writer() if expected else None
        see("O1.shared", f"whether {shared} has the name", expected,
            entry in both.host.directory(shared))
        see("O1.bare", f"whether {own} has the name", False,
            entry[0] in [name for name, _ in both.host.directory(own)])
        if writer:
            both.press(writer)


@of_both("O1.bare", "O7.case")
def test_no_other_name_leads_to_the_object(both: Both, see: See) -> None:
    """Objects with similar names are different objects: neither program opens them, and once they
    are closed, their names do not exist."""
    own_namespace(both.host)
    prefix, _, bare = both.words.name.rpartition("\\")
    # Without a prefix a name is in the session's own directory, so Local\ finds the same object.
    others = {f"Local\\{bare}": "O1.bare"} if prefix == "Global" else {f"Global\\{bare}": "O1.bare"}
    for other in (bare.lower(), bare.upper(), bare[:-1] + bare[-1].swapcase()):
        if other != bare:
            others[f"{prefix}\\{other}" if prefix else other] = "O7.case"
    mappings = {other: both.host.create(other, BUF_SIZE).map() for other in others}
    pages = {other: filled(mapping) for other, mapping in mappings.items()}
    both.finds_nothing(see, "O1.bare", "beside objects with similar names")
    writer = both.waiting_writer()
    for other, mapping in mappings.items():
        see(others[other], f"changed bytes of {other}", [],
            changes(pages[other], mapping.read(len(pages[other]))))
        mapping.close()
    for other, fact in others.items():
        see(fact, f"whether {other} can be opened", False, both.host.exists(other))
    both.press(writer)


@pytest.mark.parametrize("limited", [
    pytest.param(False, id="own-token"),
    pytest.param(True, id="limited-token", marks=pytest.mark.gap("create-global")),
])
@pytest.mark.unprivileged
@of_both("O2.create")
def test_creating_it_needs_a_privilege(both: Both, see: See, limited: bool) -> None:
    """Without SeCreateGlobalPrivilege, the call fails, except in session 0."""
    who = both.host.token(limited)
    if not limited and not both.host.creates_global and "create-global" in HERE:
        pytest.skip("this run has the limited token itself")
    writer = both.writer(limited_token=limited)
    may = who.create_global or who.session == 0 or not both.words.name.startswith("Global\\")
    if may:
        both.message_of(writer).close()
        see("O2.create", "whether the writer creates its object", True, True)
        both.press(writer)
    else:
        writer.press(["x"])  # Lets it go on if it was not refused.
        ended = writer.end()
        see("O2.create", "what a writer prints without the privilege",
            documented(CREATE_FAILED.format(5), ended), ended and printed(ended))


@of_both("O4.zero", "O6.kinds")
def test_its_bytes_begin_as_zero(both: Both, see: See) -> None:
    """All bytes after the message are zero up to the end of the page, for a later writer too; while
    a writer holds the object, no other kind of object can have its name."""
    for _ in range(2):
        writer = both.waiting_writer()
        mapping = both.host.open(both.words.name).map()
        page = mapping.read(mapping.region)
        see("O4.zero", "bytes after the message that are not zero", [],
            changes(both.message + bytes(len(page) - len(both.message)), page))
        filled(mapping)
        mapping.close()
        for kind in OTHER_KINDS:
            with pytest.raises(Win32Error) as caught:
                both.host.occupy(both.words.name, kind)
            see("O6.kinds", f"error of a {kind} of that name", 6, caught.value.code)
        both.press(writer)


@of_both("O2.open", "O5.shared", "O5.shown", "H3.shown")
def test_whoever_maps_it_may_change_it_for_all(both: Both, see: See) -> None:
    """The views of both programs and of other processes share one whole page of memory. A reader
    needs no SeCreateGlobalPrivilege to show it."""
    assert not both.host.token(limited=True).create_global, "the limited token has the privilege"
    mapping = both.message_of(both.writer())
    other = both.host.open(both.words.name).map()
    text = "".join(f"{number:03d}, " for number in range(80))
    data = encode(text + "\0", both.pair.reader.charset)
    assert BUF_SIZE < len(data) < mapping.region
    mapping.write(data)
    see("O5.shared", "bytes in the other view", data, other.read(len(data)))
    reader = both.reader(limited_token=True)
    if see("O2.open", "whether a reader without the privilege shows a box", True,
           bool(reader.box())):
        reader.shows(text)
        for fact in ("O5.shown", "H3.shown"):
            see(fact, "whether the message box has the text that runs past byte 256", True, True)


@of_both("H1.shown")
def test_an_older_longer_text_shows_behind_the_message(both: Both, see: See) -> None:
    """The writer opens an existing object and copies no terminator, so older text can follow."""
    older = "An older text, which is longer than the message of the first process. " * 2
    mapping = both.host.create(both.words.name, BUF_SIZE).map()
    filled(mapping, encode(older[:BUF_SIZE // 2 - 1], both.charset), b"\0")
    writer = both.writer()
    writer.until(lambda: mapping.read(len(both.message)) == both.message)
    both.reader().shows(both.words.message + older[len(both.words.message):BUF_SIZE // 2 - 1])
    see("H1.shown", "whether the message box has the rest of the older text", True, True)


@of_both("H4.early")
def test_a_reader_comes_too_early(both: Both, see: See) -> None:
    """Before the writer runs, there is nothing to open. (After both have exited: O3.)"""
    both.finds_nothing(see, "H4.early")
