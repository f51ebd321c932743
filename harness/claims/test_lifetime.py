"""The object exists as long as any process has a handle to it or a view of it."""
from __future__ import annotations

from itertools import permutations
from typing import Tuple

import pytest

from harness.claims.together import Both, of_both
from harness.judge.checks import See
from harness.judge.running import Running
from harness.judge.starter import filled


READERS = 4
OPENED = "whether the name can be opened"


def end(both: Both, program: Running, how: str, is_writer: bool) -> None:
    """End one of the two as documented, or kill it, as a crash would."""
    if how == "killed":
        program.kill()
    elif is_writer:
        both.press(program)
    else:
        program.shows_and_ends(both.words.message)


@pytest.mark.parametrize("order", list(permutations(("writer", "reader"))), ids="-before-".join)
@pytest.mark.parametrize("how", [
    pytest.param("at its button or key", id="ended"),
    pytest.param("killed", id="killed", marks=pytest.mark.products)])
@of_both("O3.alive", "O3.gone", "O3.bytes", "H4.late")
def test_it_lives_until_its_last_handle_is_closed(both: Both, see: See, order: Tuple[str, str],
                                                  how: str) -> None:
    """The object exists until both programs have ended, in either order and in any way. Then a
    reader finds nothing, and any object can have the name."""
    programs = {"writer": both.waiting_writer(), "reader": both.reader()}
    programs["reader"].shows(both.words.message)
    end(both, programs[order[0]], how, order[0] == "writer")
    if see("O3.alive", f"{OPENED} while the {order[1]} runs", True, both.exists()):
        with_one = both.host.open(both.words.name).map()
        see("O3.bytes", f"bytes that the {order[1]} keeps alive", both.message,
            with_one.read(len(both.message)))
        with_one.close()
    end(both, programs[order[1]], how, order[1] == "writer")
    if see("O3.gone", OPENED, False, both.exists()):
        both.finds_nothing(see, "H4.late")
        both.host.occupy(both.words.name, "event")


@pytest.mark.products
@of_both("O3.alive", "O3.gone")
def test_the_last_of_several_readers_keeps_it(both: Both, see: See) -> None:
    """All readers show the message at once; the writer ends first, and the object disappears with
    the last reader."""
    writer = both.waiting_writer()
    readers = [both.reader() for _ in range(READERS)]
    for reader in readers:
        reader.shows(both.words.message)
    both.press(writer)
    for left in range(READERS, 0, -1):
        see("O3.alive", f"{OPENED} with {left} readers", True, both.exists())
        readers.pop().shows_and_ends(both.words.message)
    see("O3.gone", f"{OPENED} without readers", False, both.exists())


@pytest.mark.products
@pytest.mark.parametrize("first", [
    pytest.param(0, id="the-first-goes-first"), pytest.param(1, id="the-second-goes-first")])
@of_both("O3.alive", "O3.gone")
def test_two_writers_share_it(both: Both, see: See, first: int) -> None:
    """The second writer writes over the message of the first, and either can end first."""
    writers = [both.waiting_writer(new_console=True)]
    mapping = both.host.open(both.words.name).map()
    filled(mapping, b"", b"\0")
    writers.append(both.writer(new_console=True))
    both.message_of(writers[1]).close()
    mapping.close()
    for number, left in ((first, True), (1 - first, False)):
        both.reader().shows_and_ends(both.words.message)
        both.press(writers[number])
        see("O3.alive" if left else "O3.gone", OPENED, left, both.exists())
