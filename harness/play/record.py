"""Runs the orders that docs/play.html walks through, and keeps what was seen: `make recording`.

The table has a row for each state that the programs can reach. A row says of each program that can
go on which state follows, and what was seen of its step. Many orders go through the same state;
what they saw there must be the same, or nothing is written.
"""
from __future__ import annotations

import json
import re
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any, Counter as Counts, Dict, Iterator, List, Optional, Tuple

from harness.driver.errors import HarnessError
from harness.driver.hosts import platform_name
from harness.driver.win32.calls import Text, lines
from harness.interleavings.crew import HOSTS, Crew
from harness.interleavings.orders import Pairs, count
from harness.interleavings.stage import Story, Taken
from harness.play.casts import CASTS, orders_to_run, states

RECORDED = Path(__file__).parent / "recorded.json"
#: As many of the object's bytes are kept: the whole message, with the robust pair's header.
BYTES = 80
#: What differs from run to run in a call: handles without a name, addresses on the stack, and the
#: robust reader's time limit, which depends on whether the order has it pass.
VARYING = re.compile(r"0x[0-9a-f]+|(?<=WaitForSingleObject\(hEvent, )(?!0\))\d+")
#: How a call changes the number of views, if it succeeds.
VIEWS = {"MapViewOfFile": 1, "UnmapViewOfFile": -1}

Event = Dict[str, Any]  #: What was seen of a step, as the page gets it.


def _program(actor: str) -> str:
    """Whose step it is: when time passes, it is the reader whose call returns."""
    return "r" if actor == "t" else actor


def events(story: Story) -> Iterator[Event]:
    """What was seen of each step of an order."""
    calls = {taken.actor: taken.calls for taken in story}
    told = {actor: [VARYING.sub("…", line) for line in lines(made)]
            for actor, made in calls.items()}
    stops: Counts[str] = Counter()
    views = 0
    for taken in story:
        who = _program(taken.actor)
        first = stops[who]
        stops[who] += len(taken.step.stops)
        # Every call makes two stops: before it, and when it returns.
        returned = range(first // 2, stops[who] // 2)
        views += sum(VIEWS.get(calls[who][number].function, 0) for number in returned
                     if calls[who][number].result)
        # What a call was given is in the event of the step that entered it.
        shown = [told[who][number] if first <= 2 * number else
                 re.sub(r"\(.*\) -> ", "(…) -> ", told[who][number]) for number in returned]
        if stops[who] % 2:
            shown.append(told[who][stops[who] // 2].rpartition(" -> ")[0] + " has not returned")
        title = calls[who][stops[who] // 2].arguments[2] if taken.step.shows else None
        yield _event(taken, shown, views, title.text if isinstance(title, Text) else None)


def _event(taken: Taken, shown: List[str], views: int, title: Optional[str]) -> Event:
    """One event, without the fields that say nothing."""
    seen = taken.seen
    event: Event = {
        "step": taken.step.name, "calls": shown, "presses": taken.step.presses,
        "failed": seen.succeeded is False, "waits": taken.step.waits and seen.succeeded is None,
        "error": seen.error, "box": seen.box, "title": title,
        "end": seen.end, "handles": seen.handles, "views": views,
        "bytes": seen.data[:BYTES].rstrip(b"\0").hex()}
    return {name: value for name, value in event.items()
            if name == "step" or value or value in (0, "") and name in ("error", "box")}


def table(start: Pairs, stories: List[Story]) -> Dict[str, Any]:
    """What all orders of a cast saw. Raises HarnessError where they disagree, or where a step from
    some state was never taken."""
    numbers = {state: number for number, state in enumerate(states(start))}
    rows: List[Dict[str, Tuple[int, int]]] = [{} for _ in numbers]
    kept: Dict[str, int] = {}
    for story in stories:
        before = start
        for taken, event in zip(story, events(story)):
            key = kept.setdefault(json.dumps(event), len(kept))
            edge = numbers[taken.after], key
            if rows[numbers[before]].setdefault(taken.actor, edge) != edge:
                raise HarnessError(f"{taken.actor}.{taken.step.name} was seen to do one thing and "
                                   f"another from the same state: {event}")
            before = taken.after
    for state, number in numbers.items():
        if set(rows[number]) != {actor for actor, _ in state.processes if state.next(actor)}:
            raise HarnessError(f"not every step was taken from {state}")
    return {"actors": {name: {"program": "time" if name == "t" else start.kind.program(name),
                              "charset": getattr(process, "charset", "unicode")}
                       for name, process in start.processes},
            "orders": count(start), "runs": len(stories), "rows": rows,
            "events": [json.loads(event) for event in kept]}


def record() -> Dict[str, Any]:
    """Run all casts. Raises HarnessError where a program did something that was not predicted."""
    jobs = [(start, order) for cast, start in CASTS.items() for order in orders_to_run(cast)]
    crew = Crew(jobs)
    crew.run(HOSTS, lambda done: print(f"\r{done} of {len(jobs)} orders \r", end="",
                                       file=sys.stderr, flush=True))
    for problem in [*crew.broken, *crew.failures.values()]:
        raise HarnessError(f"{problem}; nothing was recorded")
    stories: Dict[str, List[Story]] = {
        name: [crew.stories[number] for number, job in enumerate(jobs) if job[0] == start]
        for name, start in CASTS.items()}
    return {"platform": platform_name(), "date": time.strftime("%Y-%m-%d", time.gmtime()),
            "casts": {name: table(CASTS[name], found) for name, found in stories.items()}}


def main() -> int:
    """Record; the exit code."""
    try:
        recorded = record()
    except HarnessError as problem:
        print(f"recording: {problem}", file=sys.stderr)
        return 1
    RECORDED.write_text(json.dumps(recorded, ensure_ascii=False, separators=(",", ":")) + "\n",
                        encoding="utf-8")
    print(f"{sum(cast['runs'] for cast in recorded['casts'].values())} orders recorded on "
          f"{recorded['platform']}; make pages puts them into docs/play.html")
    return 0


if __name__ == "__main__":
    sys.exit(main())
