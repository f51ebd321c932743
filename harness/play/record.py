"""Runs the orders for docs/play.html and records what happened: `make recording`.

The table has a row for each state that the programs can reach. For each program that can continue,
the row has the next state and the result of the step. Many orders pass the same state; their
results must agree, or nothing is written.
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
from harness.interleavings.documented import DOCUMENTED
from harness.interleavings.model import State, start, who
from harness.interleavings.orders import PAIRS, branches, count, every_order
from harness.interleavings.pairs import Order
from harness.interleavings.replay import Pool, Run, StepResult

RECORDED = Path(__file__).parent / "recorded.json"
#: The start state of every setup, by its name in the page's address.
SETUPS: Dict[str, State] = {
    "pair": start(DOCUMENTED),
    "mixed": start(DOCUMENTED, w="unicode", r="ansi"),
    "writers": start(DOCUMENTED, w1="ansi", w2="unicode", r="unicode"),
    **{name: start(PAIRS[name]) for name in ("robust", "unprotected", "sequence")}}
#: The setups whose orders are all run. For the others, which differ from the pair only in their
#: processes, enough orders are run to take every step from every state.
WHOLE = ("pair", "robust", "unprotected", "sequence")
#: The number of the object's bytes to record: the whole message, with the robust pair's header.
BYTES = 80
#: The parts of a call that vary: handles without a name, addresses on the stack, and the robust
#: reader's time limit, which depends on whether it passes in the order.
VARYING = re.compile(r"0x[0-9a-f]+|(?<=WaitForSingleObject\(hEvent, )(?!0\))\d+")
#: How a call changes the number of views, if it succeeds.
VIEWS = {"MapViewOfFile": 1, "UnmapViewOfFile": -1}

Event = Dict[str, Any]  #: The result of a step, as the page gets it.


def states(first: State) -> List[State]:
    """Return every reachable state once, after all states that lead to it."""
    found: Dict[State, None] = {first: None}
    level = [first]
    while level:
        level = list(dict.fromkeys(after for before in level for _, after in branches(before)))
        for state in level:
            found.pop(state, None)  # A longer order may lead to it, too: move it back.
            found[state] = None
    return list(found)


def cover(first: State) -> List[Order]:
    """Return orders that together take every possible step from every state. Each is the order with
    the most steps that no earlier one takes."""
    backwards = states(first)[::-1]
    left = {(state, actor) for state in backwards for actor, _ in branches(state)}
    orders = []
    while left:
        best: Dict[State, Tuple[int, Order]] = {}
        for state in backwards:
            best[state] = max(((best[after][0] + ((state, actor) in left),
                                (actor, *best[after][1])) for actor, after in branches(state)),
                              default=(0, ()))
        order = best[first][1]
        orders.append(order)
        state = first
        for actor in order:
            left.discard((state, actor))
            state = dict(branches(state))[actor]
    return orders


def orders_to_run(setup: str) -> List[Order]:
    """Return all orders of a setup, or a cover."""
    return (every_order if setup in WHOLE else cover)(SETUPS[setup])


def events(run: Run) -> Iterator[Event]:
    """Yield the event of each step of a run."""
    calls = {result.actor: result.calls for result in run}
    texts = {actor: [VARYING.sub("…", line) for line in lines(made)]
             for actor, made in calls.items()}
    stops: Counts[str] = Counter()
    views = 0
    for result in run:
        actor = who(result.actor)
        made, words = calls[actor], texts[actor]
        first = stops[actor]
        stops[actor] += len(result.step.stops)
        # Every call has two stops: before it, and when it returns.
        last = stops[actor] // 2
        returned = range(first // 2, last)
        views += sum(VIEWS.get(made[number].function, 0) for number in returned
                     if made[number].result)
        # A call's arguments are in the event of the step that entered it.
        shown = [words[number] if first <= 2 * number else
                 re.sub(r"\(.*\) -> ", "(…) -> ", words[number]) for number in returned]
        if stops[actor] % 2:
            shown.append(words[last].rpartition(" -> ")[0] + " has not returned")
        title = made[last].arguments[2] if result.step.shows else None
        yield event_of(result, shown, views, title.text if isinstance(title, Text) else None)


def event_of(result: StepResult, shown: List[str], views: int, title: Optional[str]) -> Event:
    """Return one event without its empty fields."""
    seen = result.seen
    event: Event = {
        "step": result.step.name, "calls": shown, "presses": result.step.presses,
        "failed": seen.succeeded is False, "waits": result.step.waits and seen.succeeded is None,
        "error": seen.error, "box": seen.box, "title": title,
        "end": seen.end, "handles": seen.handles, "views": views,
        "bytes": seen.data[:BYTES].rstrip(b"\0").hex()}
    return {name: value for name, value in event.items()
            if name == "step" or value or value in (0, "") and name in ("error", "box")}


def table(first: State, runs: List[Run]) -> Dict[str, Any]:
    """Combine the runs of a setup into its table. Raises HarnessError if they disagree, or if a
    step from some state was never taken."""
    numbers = {state: number for number, state in enumerate(states(first))}
    rows: List[Dict[str, Tuple[int, int]]] = [{} for _ in numbers]
    kept: Dict[str, int] = {}
    for run in runs:
        before = first
        for result, event in zip(run, events(run)):
            key = kept.setdefault(json.dumps(event), len(kept))
            edge = numbers[result.after], key
            if rows[numbers[before]].setdefault(result.actor, edge) != edge:
                raise HarnessError(f"{result.actor}.{result.step.name} had different results from "
                                   f"the same state: {event}")
            before = result.after
    for state, number in numbers.items():
        if set(rows[number]) != {actor for actor, _ in state.processes if state.next(actor)}:
            raise HarnessError(f"not every step was taken from {state}")
    return {"name": first.pair.name,
            "actors": {name: {"program": "time" if name == "t" else first.pair.program(name),
                              "charset": process.charset}
                       for name, process in first.processes},
            "orders": [count(state) for state in numbers], "runs": len(runs), "rows": rows,
            "events": [json.loads(event) for event in kept]}


def record() -> Dict[str, Any]:
    """Run all setups. Raises HarnessError if a program does something that was not predicted."""
    setups = {}
    for name, first in SETUPS.items():
        pool = Pool([(first, order) for order in orders_to_run(name)]).run()
        for problem in pool.failures.values():
            raise HarnessError(f"{problem}; nothing was recorded")
        setups[name] = table(first, [run for _, run in sorted(pool.runs.items())])
    return {"platform": platform_name(), "date": time.strftime("%Y-%m-%d", time.gmtime()),
            "setups": setups}


def main() -> int:
    """Record all setups. Return the exit code."""
    try:
        recorded = record()
    except HarnessError as problem:
        print(f"recording: {problem}", file=sys.stderr)
        return 1
    RECORDED.write_text(json.dumps(recorded, ensure_ascii=False, separators=(",", ":")) + "\n",
                        encoding="utf-8")
    print(f"{sum(setup['runs'] for setup in recorded['setups'].values())} orders recorded on "
          f"{recorded['platform']}; make pages puts them into docs/play.html")
    return 0


if __name__ == "__main__":
    sys.exit(main())
