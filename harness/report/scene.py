"""Runs the checked pair once for the report, and records its calls, bytes and message box."""
from __future__ import annotations

import shlex
import sys
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
from harness.driver.win32.boxes import Box
from harness.driver.win32.calls import lines
from harness.judge.sources import build
from harness.judge.subject import sha256
from harness.judge.words import quoted
from harness.lessons.drawing import dump, draw
from harness.report.results import Document


@dataclass
class Played:
    """The pair, the object before and after the copy, the message box, and the calls in order, each
    with its program. `stopped` says where the scene stopped early, if it did."""

    pair: str
    before: List[str] = field(default_factory=list)
    after: List[str] = field(default_factory=list)
    box: List[str] = field(default_factory=list)
    timeline: List[Tuple[str, str]] = field(default_factory=list)
    stopped: str = ""


def _program(file: Dict[str, str], sandbox: str) -> Path:
    """Return the program of a verdict; build it again if it was submitted as a source. Raises
    HarnessError if it is no longer the same."""
    paths = build(Path(file["source"]), None, sandbox).files.values() if file["source"] else \
        [Path(file["file"])]
    for path in paths:
        if path.is_file() and sha256(path) == file["sha256"]:
            return path
    raise HarnessError(f"{file['source'] or file['file']} is not the file that was checked")


def pair_of(document: Document) -> Pair:
    """Return the pair of a verdict: the submitted programs, or else the Unicode pair. Raises
    HarnessError if a file is no longer the one that was checked."""
    words = Words(**document["words"])
    # Only the last of several builds of a program is played, so only that is built again.
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


class _Scene:
    """The scene while it is played."""

    def __init__(self, host: Host, pair: Pair) -> None:
        self.host, self.pair = host, pair
        self.meeting = Scene(host, pair)
        self.played = Played(str(pair))
        #: The started programs; which program must act next, and what it must do.
        self.programs: Dict[str, Program] = {}
        self.next = ("writer", "call MapViewOfFile")

    def play(self) -> None:
        """Play the scene. Raises HarnessError, Win32Error or Expired if it stops early."""
        writer = self.programs["writer"] = self.meeting.writer(HELD)
        writer.go_through("MapViewOfFile")
        self.next = ("writer", f"create an object named {self.pair.words.name}")
        mapping = self.host.open(self.pair.words.name).map()
        self.played.before = dump(mapping.read(BUF_SIZE), width=8)
        writer.go()
        self.next = ("writer", "call _getch")
        writer.await_call("_getch")
        self.played.after = dump(mapping.read(BUF_SIZE), width=8)
        mapping.close()
        self.next = ("reader", "open a message box")
        reader = self.programs["reader"] = self.meeting.reader(Launch(trace=True, new_console=True))
        box: Box = reader.box()
        self.played.box = draw(box)
        reader.answer(box)
        self.next = ("reader", "exit after OK")
        reader.wait()
        self.next = ("writer", "call CloseHandle after a key")
        writer.press()
        writer.go()
        writer.go_through("CloseHandle")

    def stop(self) -> None:
        """Record where the scene stopped, and the state of the program that did not continue."""
        who, what = self.next
        ended, seen = self.programs[who].status()
        printed = quoted(seen.out.decode(errors="replace").strip())
        self.played.stopped = (
            f"The scene stopped here: the {who} did not {what}. "
            + (f"It ended with exit code {seen.code}" if ended else "It is still running")
            + f", and has printed {printed}.")

    def timeline(self) -> None:
        """Record the calls, those of the reader while the writer waits for its key."""
        made = {who: program.calls() for who, program in self.programs.items()}
        calls = {who: [(who, line) for line in lines(those)] for who, those in made.items()}
        written = calls["writer"]
        waits = next((place for place, call in enumerate(made["writer"])
                      if call.name == "_getch"), len(written))
        # The key is pressed after the reader has ended, so the return of _getch follows.
        waiting = [("writer", "_getch() waits for a key")] if self.played.after else []
        self.played.timeline = (written[:waits] + waiting + calls.get("reader", [])
                                + written[waits:])


def record(document: Document) -> Played:
    """Play the pair of a verdict on the same Wine, as far as it goes. Raises HarnessError,
    Win32Error or Expired if it cannot start."""
    pair = pair_of(document)
    wine = document["wine"] or None
    if platform_name(wine) != document["platform"]:
        raise HarnessError(f"the Wine of the verdict, {document['platform']}, is not available now")
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
