"""Runs the checked pair once for the report, and records its calls, bytes and message box."""
from __future__ import annotations

import shlex
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Dict, Iterator, List, Tuple

from harness.driver.contract import BUF_SIZE, Words
from harness.driver.errors import Expired, HarnessError, Win32Error
from harness.driver.host import Settings
from harness.driver.hosts import open_host, platform_name
from harness.driver.pair import Half, Pair, Scene
from harness.driver.programs import HELD, Launch, Program
from harness.driver.win32.calls import lines
from harness.judge.sources import build
from harness.judge.subject import Subject, sha256
from harness.judge.words import doing
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


def pair_of(document: Document) -> Pair:
    """Return the pair of a verdict: the submitted programs, or else the Unicode pair; sources are
    built again. Raises HarnessError if a file is no longer the one that was checked."""
    words = Words(**document["words"])
    # Only the last of several builds of a program is played, so only that is built again.
    files = {file["program"]: file for file in document["files"]
             if document["subject"] or (file["arch"], file["charset"]) == ("x86_64", "unicode")}
    halves: Dict[str, Half] = {}
    for program, file in files.items():
        paths = build(Path(file["source"]), None, document["sandbox"]).files.values() \
            if file["source"] else [Path(file["file"])]
        same = [path for path in paths if path.is_file() and sha256(path) == file["sha256"]]
        if not same:
            raise HarnessError(f"{file['source'] or file['file']} is not the file that was checked")
        command = shlex.join([str(same[0]), *shlex.split(file["command"])[1:]])
        halves[program] = Half(command, file["arch"], file["charset"])
    if len(halves) < 2:
        raise HarnessError("the verdict does not name both programs")
    return Pair(halves["first_process"], halves["second_process"], words)


def _play(scene: Scene, played: Played, programs: Dict[str, Program]) -> Iterator[Tuple[str, str]]:
    """Play the scene. Yield which program must act next, and what it must do."""
    writer = programs["writer"] = scene.writer(HELD)
    yield "writer", "call MapViewOfFile"
    writer.go_through("MapViewOfFile")
    yield "writer", f"create an object named {scene.pair.words.name}"
    mapping = scene.host.open(scene.pair.words.name).map()
    played.before = dump(mapping.read(BUF_SIZE), width=8)
    yield "writer", "call _getch"
    writer.go(writer.place().stops + 1000)  # It is not held again.
    writer.await_call("_getch")
    played.after = dump(mapping.read(BUF_SIZE), width=8)
    mapping.close()
    reader = programs["reader"] = scene.reader(Launch(trace=True, new_console=True))
    yield "reader", "open a message box"
    box = reader.box()
    played.box = draw(box)
    reader.answer(box)
    yield "reader", "exit after OK"
    reader.wait()
    yield "writer", "exit after a key"
    writer.press()
    writer.wait()


def _timeline(programs: Dict[str, Program], waited: bool) -> List[Tuple[str, str]]:
    """Return the calls, those of the reader while the writer waits for its key, if it `waited`."""
    made = {who: program.calls() for who, program in programs.items()}
    calls = {who: [(who, line) for line in lines(those)] for who, those in made.items()}
    written = calls["writer"]
    waits = next((place for place, call in enumerate(made["writer"])
                  if call.name == "_getch"), len(written))
    # The key is pressed after the reader has ended, so the return of _getch follows.
    waiting = [("writer", "_getch() waits for a key")] if waited else []
    return written[:waits] + waiting + calls.get("reader", []) + written[waits:]


def record(document: Document) -> Played:
    """Play the pair of a verdict on the same Wine, as far as it goes. Raises HarnessError,
    Win32Error or Expired if it cannot start."""
    pair = pair_of(document)
    wine = document["wine"] or None
    if platform_name(wine) != document["platform"]:
        raise HarnessError(f"the Wine of the verdict, {document['platform']}, is not available now")
    shown = Subject([pair], handed_in=document["subject"]).shown()
    settings = Settings(wine=wine, sandbox=document["sandbox"] if shown else "none",
                        shown=tuple(shown))
    with closing(open_host(settings, pair.words.name)) as host:
        played, programs = Played(str(pair)), {}  # type: Played, Dict[str, Program]
        who, what = "", ""
        try:
            for who, what in _play(Scene(host, pair), played, programs):
                pass
        except (HarnessError, Expired, Win32Error):
            if not who:
                raise
            played.stopped = f"The scene stopped here: the {who} did not {what}; " \
                f"{doing(programs[who], None)}."
        played.timeline = _timeline(programs, bool(played.after))
        return played
