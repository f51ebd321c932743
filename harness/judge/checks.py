"""Defines a check: the facts that it can see, the milestones that it needs, and those it gives.

    @check("W5.message", about=WRITER, needs="object", gives="message")
    def test_…(see: See, …) -> None:

A check with `needs` waits until its program has reached these milestones, and is skipped because of
the broken claims if it has not. A milestone of the other program is written `second_process.end`.

A milestone is a file in a folder that all processes of the run share, so that a check can wait for
a result of another process. Checks that give a milestone are sorted before those that need it, and
each process runs its checks in that order. So the first unfinished check never waits, and there is
no deadlock.
"""
from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any, Dict, List, NoReturn, Optional, Set

import pytest

from harness.driver.win32.calls import Call
from harness.driver.contract import Words
from harness.driver.errors import HarnessError
from harness.driver.waiting import deadlines
from harness.judge import files
from harness.judge.claims import ABOUT, exists
from harness.judge.sources import line_of, line_saying
from harness.judge.results import Result, Seen
from harness.judge.words import clean, words

#: The time limit of a run with slow programs, in seconds.
BUDGET = 7.0
#: The run time of a small program on an ordinary machine, in seconds.
PACE = 0.15
#: The time that a check waits for a milestone, in seconds.
PATIENCE = 120.0
#: The folder that all processes of a run share.
BOARD = pytest.StashKey[Path]()


def check(*facts: str, about: str = "", needs: str = "",
          gives: str = "") -> pytest.MarkDecorator:
    """Return the decorator of a check; see above."""
    wrong = [fact for fact in facts if not exists(fact)]
    assert not wrong, f"no such fact: {wrong}"
    return pytest.mark.check(*facts, about=about, needs=needs.split(), gives=gives.split())


def of(item: pytest.Item) -> Any:
    """Return the marker of a check, or None if the test is not one."""
    return item.get_closest_marker("check")


def facts_of(item: pytest.Item) -> List[str]:
    """Return the facts that a test can see."""
    mark = of(item)
    return list(mark.args) if mark else []


def fail_if_wrong(result: Result) -> None:
    """Fail the check if it has seen facts that do not hold."""
    wrong = [seen for seen in result.seen if not seen.held]
    if wrong:
        pytest.fail("\n".join(f"{seen.fact}: {seen.program}: {seen.what} {seen.where}\n"
                              f"  expected: {seen.expected}\n  seen:     {seen.seen}"
                              for seen in wrong), pytrace=False)


def not_judged(because: List[str]) -> str:
    """Return why a check was skipped."""
    return f"not judged, because of {', '.join(because)}"


class See:
    """see(fact, what, expected, seen): note whether a fact holds, and return that.

    `program` is the program concerned if the claim is about both. If a `call` or a printed text
    (`said`) shows the fact, the finding names its line in `source` or in a file beside that."""

    def __init__(self, result: Result, board: Path, file: Optional[Path] = None,
                 source: Optional[Path] = None) -> None:
        self.result, self._board, self.file, self.source = result, board, file, source

    def __call__(self, fact: str, what: str, expected: object, seen: object, program: str = "",
                 call: Optional[Call] = None, said: str = "") -> bool:
        assert exists(fact), f"no such fact: {fact}"
        held = bool(expected == seen)
        where = None
        if call and not held and self.file and self.source:
            where = line_of(self.file, call.returns_to, self.source.parent)
        elif said and not held and self.source and self.source != self.file:
            where = line_saying(said, self.source)
        about = ABOUT.get(fact[0], program or self.result.about) if fact[0] in "BWR" else ""
        one = Seen(fact, about, held, clean(what), clean(words(expected)),
                   clean(words(seen)), *map(clean, where or ()))
        if one not in self.result.seen:
            self.result.seen.append(one)
            if not held and self.result.outcome != "gap":
                self._post(one)
        return held

    def _post(self, one: Seen) -> None:
        """Publish a finding before the check ends."""
        with open(self._board, "a", encoding="utf-8") as file:
            file.write(json.dumps(one.__dict__) + "\n")

    def unable(self, why: str) -> None:
        """Note why some of the facts cannot be seen."""
        self.result.why = self.result.why or clean(why)

    def because(self, *broken: str) -> None:
        """Note that these broken claims prevent some of the facts from being seen."""
        self.result.because = sorted({*self.result.because, *broken})

    def stop(self, *because: str, why: str = "") -> NoReturn:
        """End the check, which cannot continue because of these broken claims and its findings, or
        for another reason (`why`)."""
        self.because(*because)
        self.unable(why)
        fail_if_wrong(self.result)
        if not self.result.because and self.result.why:
            self.result.needed = "evidence"
            pytest.skip(self.result.why)
        pytest.skip(not_judged(self.result.because))

    @property
    def broken(self) -> List[str]:
        """Return the claims that this check has found to be broken."""
        return self.result.broken()


class Known:
    """The milestones of a run. The checks of this run determine those that are `given`; for all
    others the documented values apply."""

    def __init__(self, folder: Path, given: Set[str]) -> None:
        self.folder, self.given = folder, given

    def _file(self, milestone: str) -> Path:
        return self.folder / f"{milestone}.known"

    def give(self, milestone: str, value: Any = True, because: Optional[List[str]] = None,
             why: str = "", left_out: bool = False) -> None:
        """Tell all processes that a program has reached a milestone, with its value; or that it has
        not, because of these broken claims or for another reason (`why`), and whether its check was
        `left_out`."""
        if self._file(milestone).exists():
            return
        with files.whole(self._file(milestone)) as part:
            part.write_text(json.dumps({"value": value, "because": because, "why": why,
                                        "left_out": left_out}), encoding="utf-8")

    def note(self, name: str, value: str = "yes") -> None:
        """Tell all processes a value of the run, such as its `pace`. `first_process.slow` says
        that the writer is slow to start on any machine, `.hung` that a full wait was in vain."""
        with files.whole(self.folder / name) as part:
            part.write_text(value, encoding="utf-8")

    def noted(self, name: str) -> Optional[str]:
        """Return the value that was noted, or None."""
        file = self.folder / name
        return file.read_text(encoding="utf-8") if file.exists() else None

    def spare_time(self) -> float:
        """Return the seconds left for the run, which is limited only if a program is slow."""
        if not any(self.folder.glob("*.slow")):
            return BUDGET
        limit = BUDGET * max(1.0, self.pace / PACE) * deadlines.scale
        return float(self.noted("began") or 0) + limit - time.time()

    @property
    def pace(self) -> float:
        """Return the run time of a small program on this machine, in seconds."""
        return float(self.noted("pace") or PACE)

    def ask(self, milestone: str) -> Dict[str, Any]:
        """Return what is known about a milestone, after the check that determines it. Raises
        HarnessError if that takes too long."""
        if milestone not in self.given:
            return {"value": None, "because": None, "why": "", "left_out": False}
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                return dict(json.loads(self._file(milestone).read_text(encoding="utf-8")))
            except FileNotFoundError:
                time.sleep(0.005)
        raise HarnessError(f"no check has found out about the milestone {milestone!r}")


def milestone(pair: str, role: str, name: str) -> str:
    """Return the full name of a milestone: of that program, unless `name` includes another."""
    return f"{pair}.{name if '.' in name else f'{role}.{name}'}"


class Mine:
    """What is known about one program of a pair: `known["object"]` is the value of a milestone."""

    def __init__(self, known: Known, pair: str, role: str, words: Words) -> None:
        self.known, self.pair, self.role, self.words = known, pair, role, words
        self._documented = {"object": words.name, "keys": ["x"], "calls": True, "asks": ["", 0],
                            "prints": "", "console": ("", 0, 0), "others": []}

    def give(self, name: str, value: Any = True) -> None:
        """Note that the program has reached that milestone."""
        self.known.give(milestone(self.pair, self.role, name), value)

    def __getitem__(self, name: str) -> Any:
        """Return the known value, or the documented one if no check has found it out."""
        value = self.known.ask(milestone(self.pair, self.role, name))["value"]
        return self._documented.get(name) if value is None else value

    def has(self, name: str) -> bool:
        """Return whether the program has reached it."""
        answer = self.known.ask(milestone(self.pair, self.role, name))
        return not (answer["because"] or answer["why"])
