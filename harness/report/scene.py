"""The scene of the report: the pair that was checked is played once, and everything about it is
kept."""
from __future__ import annotations

import shlex
import sys
import time
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Dict, List, Tuple

from harness.driver.contract import BUF_SIZE, Words
from harness.driver.errors import Expired, HarnessError, Win32Error
from harness.driver.host import Host, Settings
from harness.driver.hosts import open_host, platform_name
from harness.driver.meeting import Scene
from harness.driver.pair import Half, Pair
from harness.driver.programs import HELD, Launch, Program
from harness.driver.waiting import DEADLINE, wait_for
from harness.driver.win32.boxes import Box
from harness.driver.win32.calls import lines
from harness.judge.sources import build
from harness.judge.subject import sha256
from harness.judge.words import quoted
from harness.lessons.drawing import dump, draw
from harness.report.results import Document


@dataclass
class Played:
    """The pair, the object before and after the copying, the message box, and the calls in their
    order: whose, and what. `stopped` says where the scene stopped, if it did."""

    pair: str
    before: List[str] = field(default_factory=list)
    after: List[str] = field(default_factory=list)
    box: List[str] = field(default_factory=list)
    timeline: List[Tuple[str, str]] = field(default_factory=list)
    stopped: str = ""


def _program(file: Dict[str, str], sandbox: str) -> Path:
    """The program of a verdict, which is built again if it was from a source. Raises HarnessError
    where it is not the same."""
    paths = build(Path(file["source"]), None, sandbox).files.values() if file["source"] else \
        [Path(file["file"])]
    for path in paths:
        if path.is_file() and sha256(path) == file["sha256"]:
            return path
    raise HarnessError(f"{file['source'] or file['file']} is not the file that was checked")


def pair_of(document: Document) -> Pair:
    """The pair of a verdict: the programs that were handed in, or else the Unicode pair. Raises
    HarnessError where a file is no longer the one that was checked."""
    words = Words(**document["words"])
    # Of several builds of a program, the last is played, so no other is built again.
    files = {file["program"]: file for file in document["files"]
             if document["subject"] or (file["arch"], file["charset"]) == ("x86_64", "unicode")}
    halves: Dict[str, Half] = {}
    for program, file in files.items():
        path = _program(file, document["sandbox"])
        command = shlex.join([str(path), *shlex.split(file["command"])[1:]])
        halves[program] = Half(command, file["arch"], file["charset"])
    if len(halves) < 2:
        raise HarnessError("the verdict does not name both programs")
    return Pair(halves["first_process"], halves["second_process"], words)


def _go_through(program: Program, function: str) -> None:
    """Let a held program go on until that call has returned. Raises Expired where it does not come
    in time, however many others the program makes."""
    until = time.monotonic() + DEADLINE
    place = program.place()
    while not (place.call and place.call.name == function and place.call.result is not None):
        if not place.held or time.monotonic() > until:
            raise Expired(f"a call of {function} was expected")
        program.go()
        place = program.place()


class _Scene:
    """The scene while it is played."""

    def __init__(self, host: Host, pair: Pair) -> None:
        self.host, self.pair = host, pair
        self.meeting = Scene(host, pair)
        self.played = Played(str(pair))
        #: The programs that were started, and what is expected next, of which.
        self.programs: Dict[str, Program] = {}
        self.next = ("writer", "its MapViewOfFile")

    def play(self) -> None:
        """Play it. Raises HarnessError, Win32Error and Expired where it stops."""
        writer = self.programs["writer"] = self.meeting.writer(HELD)
        _go_through(writer, "MapViewOfFile")
        self.next = ("writer", f"an object named {self.pair.words.name}")
        mapping = self.host.open(self.pair.words.name).map()
        self.played.before = dump(mapping.read(BUF_SIZE), width=8)
        writer.go()
        self.next = ("writer", "its _getch")
        wait_for(lambda: writer.has_called("_getch"), "the writer's _getch", writer.describe)
        self.played.after = dump(mapping.read(BUF_SIZE), width=8)
        mapping.close()
        self.next = ("reader", "its message box")
        reader = self.programs["reader"] = self.meeting.reader(Launch(trace=True, new_console=True))
        box: Box = reader.box()
        self.played.box = draw(box)
        reader.answer(box)
        self.next = ("reader", "its end after OK")
        reader.wait()
        self.next = ("writer", "its CloseHandle after a key")
        writer.press()
        writer.go()
        _go_through(writer, "CloseHandle")

    def stop(self) -> None:
        """Say where it stopped, and how the program is that did not go on."""
        who, what = self.next
        ended, seen = self.programs[who].status()
        printed = quoted(seen.out.decode(errors="replace").strip())
        self.played.stopped = (
            f"Here the scene stopped: the {who} has not come to {what}. "
            + (f"It ended with exit code {seen.code}" if ended else "It still runs")
            + f", and has printed {printed}.")

    def timeline(self) -> None:
        """Keep the calls. The reader's come when the writer waits for its key."""
        made = {who: program.calls() for who, program in self.programs.items()}
        calls = {who: [(who, line) for line in lines(those)] for who, those in made.items()}
        written = calls["writer"]
        waits = next((place for place, call in enumerate(made["writer"])
                      if call.name == "_getch"), len(written))
        # The key comes when the reader has gone, so what _getch returned follows.
        waiting = [("writer", "_getch() waits for a key")] if self.played.after else []
        self.played.timeline = (written[:waits] + waiting + calls.get("reader", [])
                                + written[waits:])


def record(document: Document) -> Played:
    """Play the pair of a verdict in a host of the same Wine, as far as it goes. Raises
    HarnessError, Win32Error and Expired where it cannot be begun."""
    pair = pair_of(document)
    wine = document["wine"] or None
    if platform_name(wine) != document["platform"]:
        raise HarnessError(f"the Wine of the verdict, {document['platform']}, is not there now")
    settings = Settings(wine=wine)
    if document["subject"] and sys.platform != "win32":
        from harness.driver.wine.sandbox import beside
        shown = [Path(path) for half in (pair.writer, pair.reader)
                 for path in beside(str(half.file))]
        settings = replace(settings, sandbox=document["sandbox"], shown=tuple(shown))
    with closing(open_host(settings, pair.words.name)) as host:
        scene = _Scene(host, pair)
        try:
            scene.play()
        except (HarnessError, Expired, Win32Error):
            if "writer" not in scene.programs:
                raise
            scene.stop()
        scene.timeline()
        return scene.played
