"""The scene of the report: the pair that was checked is played once, and everything about it is
kept."""
from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Tuple

from harness.driver.contract import BUF_SIZE, Words
from harness.driver.errors import HarnessError
from harness.driver.host import Settings
from harness.driver.hosts import open_host
from harness.driver.meeting import Scene
from harness.driver.pair import Facts, Half, Pair
from harness.driver.programs import HELD, Launch
from harness.driver.waiting import wait_for
from harness.driver.win32.boxes import Box
from harness.driver.win32.calls import Call, lines
from harness.judge.subject import sha256
from harness.lessons.drawing import dump, draw
from harness.report.results import Document


@dataclass(frozen=True)
class Played:
    """The pair, the object before and after the copying, the message box, and the calls in their
    order: whose, and what."""

    pair: str
    before: List[str]
    after: List[str]
    box: List[str]
    timeline: List[Tuple[str, str]]


def pair_of(document: Document) -> Pair:
    """The pair of a verdict: the programs that were handed in, or else the Unicode pair. Raises
    HarnessError where a file is no longer the one that was checked."""
    words = Words(**document["words"])
    halves: Dict[str, Half] = {}
    for file in document["files"]:
        if document["subject"] or (file["arch"], file["charset"]) == ("x86_64", "unicode"):
            path = Path(file["file"])
            if not path.is_file() or sha256(path) != file["sha256"]:
                raise HarnessError(f"{path} is not the file that was checked")
            halves[file["program"]] = Half(file["command"], file["arch"], file["charset"],
                                           Facts(words.name))
    if len(halves) < 2:
        raise HarnessError("the verdict does not name both programs")
    return Pair(halves["first_process"], halves["second_process"], words)


def _waits_at(made: List[Call]) -> int:
    return next((place for place, call in enumerate(made) if call.name == "_getch"), len(made))


def record(document: Document) -> Played:
    """Play the pair of a verdict in a host of its own. Raises HarnessError, Win32Error and Expired
    where that cannot be done."""
    pair = pair_of(document)
    with closing(open_host(Settings(), pair.words.name)) as host:
        scene = Scene(host, pair)
        writer = scene.writer(HELD)
        writer.go_through("MapViewOfFile")
        mapping = host.open(pair.words.name).map()
        before = mapping.read(BUF_SIZE)
        writer.go()
        wait_for(lambda: writer.has_called("_getch"), "the writer's _getch", writer.describe)
        after = mapping.read(BUF_SIZE)
        mapping.close()
        reader = scene.reader(Launch(trace=True, new_console=True))
        box: Box = reader.box()
        reader.answer(box)
        reader.wait()
        writer.press()
        writer.go()
        writer.go_through("CloseHandle")
        made = writer.calls()
        written, read = lines(made), lines(reader.calls())
        waits = _waits_at(made) + 1
        # The key comes when the reader has gone, so _getch is told where it returns.
        return Played(str(pair), dump(before), dump(after), draw(box),
                      [("writer", line) for line in written[:waits - 1]]
                      + [("writer", "_getch() waits for a key")]
                      + [("reader", line) for line in read]
                      + [("writer", line) for line in written[waits - 1:]])
