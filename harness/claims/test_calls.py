"""The API calls of the programs' own code: which, in what order, with which arguments and results.

The agent sees them as a debugger. What a run compares is the whole sequence, so that a call that
is missing, or one too many, is noticed as well as one that is wrong.
"""
from __future__ import annotations

from typing import Callable, Dict, List, Tuple

import pytest

from harness.driver.calls import documented
from harness.driver.contract import MESSAGE, NAME, TITLE, encode
from harness.driver.errors import Expired
from harness.driver.host import Host
from harness.driver.meeting import Scene
from harness.driver.programs import Program, TRACED
from harness.driver.waiting import DEADLINE
from harness.judge.expectations import expect_calls

pytestmark = pytest.mark.calls

Rows = List[Tuple[str, str]]

CREATE = f'CreateFileMapping#(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 256, "{NAME}")'
OPEN = f'OpenFileMapping#(FILE_MAP_ALL_ACCESS, FALSE, "{NAME}")'
MAP = "MapViewOfFile(hMapFile, FILE_MAP_ALL_ACCESS, 0, 0, 256)"
SHOW = f'MessageBox#(NULL, pBuf "{MESSAGE}", "{TITLE}", MB_OK)'

UNMAP = "UnmapViewOfFile(pBuf) -> TRUE"
CLOSE = "CloseHandle(hMapFile) -> TRUE"

WRITER: Rows = [("W1", f"{CREATE} -> hMapFile"), ("W3", f"{MAP} -> pBuf"),
                ("W6", "_getch() -> 'x'"), ("W7", UNMAP), ("W7", CLOSE)]
READER: Rows = [("R1", f"{OPEN} -> hMapFile"), ("R3", f"{MAP} -> pBuf"),
                ("R5", f"{SHOW} -> IDOK"), ("R6", UNMAP), ("R6", CLOSE)]


def no_object(opening: str, claim: str, error: int) -> Rows:
    """The one call of a program that gets no object."""
    return [(claim, f"{opening} -> NULL, error {error}")]


def no_view(opening: Tuple[str, str], claim: str) -> Rows:
    """The calls of a program that gets an object but no view: the handle is closed."""
    return [opening, (claim, f"{MAP} -> NULL, error 5"), (claim, CLOSE)]


def object_for_nobody(host: Host) -> None:
    """A file-mapping object of the name that its DACL lets nobody open."""
    host.create(NAME, 256, denied=True)


def smaller_file(host: Host) -> None:
    """A file-mapping object of the name, over a file that is too small for the view."""
    host.create(NAME, 16, file=host.folder / "small")


def event(host: Host) -> None:
    """An event of the name."""
    host.occupy(NAME, "event")


def mutex(host: Host) -> None:
    """A mutex of the name."""
    host.occupy(NAME, "mutex")


def message_there(host: Host) -> None:
    """A file-mapping object of the name, larger than the documented one."""
    host.create(NAME, 8192)


def nothing(host: Host) -> None:
    """The name is free."""


Arrange = Callable[[Host], None]


def rows_of(cases: Dict[Arrange, Rows]) -> pytest.MarkDecorator:
    """The cases as parameters: each carries the claims of its rows, and is named after how it
    is arranged."""
    return pytest.mark.parametrize("arrange, rows", [
        pytest.param(arrange, rows, id=arrange.__name__,
                     marks=pytest.mark.claims(*sorted({claim for claim, _ in rows})))
        for arrange, rows in cases.items()])


def expect(program: Program, rows: Rows, charset: str) -> None:
    """Wait for the end of the program and compare its calls. If it does not end, the calls are
    compared all the same, since they tell why."""
    hang = None
    try:
        program.wait()
    except Expired as expired:
        hang = expired
    expect_calls(program.name, documented(rows, charset), program.calls())
    if hang:
        raise hang


@rows_of({nothing: WRITER, message_there: WRITER, event: no_object(CREATE, "W2", 6),
          mutex: no_object(CREATE, "W2", 6), object_for_nobody: no_object(CREATE, "W2", 5),
          smaller_file: no_view(WRITER[0], "W4")})
def test_the_writer_calls(scene: Scene, arrange: Arrange, rows: Rows) -> None:
    """The writer's calls, for each state in which it may find the name."""
    arrange(scene.host)
    writer = scene.writer(TRACED)
    writer.press()  # It stays in the console's input until the writer asks for a key.
    expect(writer, rows, scene.pair.writer.charset)


@rows_of({nothing: no_object(OPEN, "R2", 2), event: no_object(OPEN, "R2", 6),
          mutex: no_object(OPEN, "R2", 6), object_for_nobody: no_object(OPEN, "R2", 5),
          smaller_file: no_view(READER[0], "R4")})
def test_the_reader_calls_where_it_fails(scene: Scene, arrange: Arrange, rows: Rows) -> None:
    """The reader's calls, for each state of the name in which it cannot show anything."""
    arrange(scene.host)
    expect(scene.reader(TRACED), rows, scene.pair.reader.charset)


@pytest.mark.claims("R1", "R3", "R5", "R6")
def test_the_reader_calls(scene: Scene) -> None:
    """The reader's calls when there is a message: the box is given the view itself."""
    charset = scene.pair.reader.charset
    scene.host.create(NAME, 256).map().write(encode(MESSAGE, charset))
    reader = scene.reader(TRACED)
    for box in reader.boxes(seconds=DEADLINE):
        reader.answer(box)
    expect(reader, READER, charset)
