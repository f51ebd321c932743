"""The `Global\\` name across real sessions: the writer in session 0, the reader in the user's."""
from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import List

import pytest

from harness.driver.contract import MESSAGE, NAME, OPEN_FAILED, encode
from harness.driver.host import Host
from harness.driver.hosts import on_wine
from harness.driver.meeting import Scene
from harness.driver.pair import product_pair
from harness.driver.sessions import SessionZero, sessions_of, task_file
from harness.driver.waiting import wait_for
from harness.driver.win32.constants import FILE_MAP_READ

BARE = NAME.split("\\", 1)[1]


@pytest.mark.products
def test_a_task_names_any_program(tmp_path: Path) -> None:
    """The task's definition is XML in UTF-16, which is what schtasks reads; a path may have in it
    what means something in XML."""
    program = Path("C:/R&D <数>/first process.exe")
    file = task_file(program, tmp_path / "task.xml")
    assert file.read_bytes()[:2] in (b"\xff\xfe", b"\xfe\xff")
    task = ElementTree.fromstring(file.read_bytes())
    space = {"task": "http://schemas.microsoft.com/windows/2004/02/mit/task"}
    assert task.findtext(".//task:Command", namespaces=space) == str(program)
    assert task.findtext(".//task:UserId", namespaces=space) == "S-1-5-18"


@pytest.mark.products
@pytest.mark.parametrize("listing, sessions", [
    ('"first_process.exe","4711","Services","0","3,132 K"\r\n', [0]),
    ('"First_Process.exe","47","Console","1","3.132 K"\n"b.exe","1","Services","0","8 K"', [1]),
    ("INFO: No tasks are running which match the specified criteria.\r\n", []),
    ("INFO: nothing, of, any, kind, runs\r\n", []),
    ("", []),
])
def test_sessions_are_read_from_a_listing(listing: str, sessions: List[int]) -> None:
    """In any language of Windows."""
    assert sessions_of(listing, "first_process.exe") == sessions


@pytest.fixture
def user_host(host: Host) -> Host:
    """A host in an elevated user's session, beside which there is a session 0."""
    if on_wine():
        pytest.skip("two sessions are to be had on Windows only: Wine runs its services in the "
                    "session of everybody else")
    token = host.token()
    if token.session == 0:
        pytest.skip("this run is itself in session 0; start it from a user's session")
    if not token.elevated:
        pytest.skip("a task of LocalSystem needs administrator's rights: run this elevated")
    return host


@pytest.mark.products
@pytest.mark.claims("O1", "R2")
@pytest.mark.parametrize("charset", ["ansi", "unicode"])
def test_a_writer_in_session_0_is_heard_in_the_users(user_host: Host, charset: str,
                                                     tmp_path: Path) -> None:
    """Its message is found under `Global\\`, and under `Local\\` and bare there is nothing: a pair
    without the prefix would not meet.

    Reading is what LocalSystem's default DACL lets administrators do; the documented reader asks
    for all access, and is refused with 5, as everybody's who meets a service for the first time."""
    scene = Scene(user_host, product_pair("x86_64", charset))
    with SessionZero(scene.pair.writer.file, tmp_path) as writer:
        assert writer.session() == 0
        mapping = wait_for(lambda: user_host.find(NAME, FILE_MAP_READ), f"the object {NAME}")
        mapping.map(FILE_MAP_READ)
        message = encode(MESSAGE, charset)
        wait_for(lambda: mapping.read(len(message)) == message, "the message of session 0")
        assert not user_host.exists(f"Local\\{BARE}")
        assert not user_host.exists(BARE)
        mapping.close()
        ended = scene.reader().wait()
        assert (ended.code, ended.out) == (1, OPEN_FAILED.format(5).encode())
    wait_for(lambda: not user_host.find(NAME, FILE_MAP_READ),
             "the end of the object with its writer")
