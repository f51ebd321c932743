"""Tests that no reader of the pair of docs/changing shows half of a change."""
from __future__ import annotations

import pytest

from harness.driver.host import Host
from harness.driver.programs import TRACED
from harness.driver.win32.console import Key, LETTER
from harness.lessons.scenes.changing import WAYS, start

pytestmark = [pytest.mark.products, pytest.mark.calls, pytest.mark.unprivileged]


@pytest.mark.parametrize("way", WAYS[1:])
def test_many_readers(host: Host, way: str) -> None:
    """Eight concurrent readers each print a whole record while it changes 20 times."""
    other = Key(0x59, ord("y"))
    writer = start(host, "changing_writer", way, TRACED)
    writer.await_call("_getch")
    readers = [start(host, "changing_reader", f"{way} 20000") for _ in range(8)]
    for key in [LETTER, LETTER, other, other] * 10:
        writer.press(key)
    for reader in readers:
        ended = reader.wait()
        assert (ended.code, ended.err) == (0, b"")
        assert ended.out in (b"--\r\n", b"xx\r\n", b"yy\r\n")


def test_a_second_writer(host: Host) -> None:
    """A second writer refuses the existing record; both programs refuse an unknown way."""
    writer = start(host, "changing_writer", "sequence", TRACED)
    writer.await_call("_getch")
    ended = start(host, "changing_writer", "sequence").wait()
    assert ended.code == 1 and b"is another writer running?" in ended.err
    assert start(host, "changing_reader", "both").wait().err.startswith(b"Give a way: ")
