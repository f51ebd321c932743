"""Determines the outcomes of orders, predicted or real, and prints orders and outcomes as text."""
from __future__ import annotations

from textwrap import wrap
from typing import Dict, Iterable, Iterator, List, Sequence, Tuple

from harness.interleavings.model import State, who
from harness.interleavings.orders import choices, count, number_of, word
from harness.interleavings.pairs import BEFORE, CLOSED, HOLDS, Key, Order, PairModel
from harness.interleavings.replay import Run, StepResult

NAMES = {"w": "writer", "r": "reader", "t": "time"}
#: The number of the object's bytes to print.
BYTES = 16
INDENT = " " * 19


def predict_all(state: State) -> List[Run]:
    """Return the runs of all orders from this state, by number, as the model predicts them."""
    return [(StepResult(actor, step, seen, seen, after), *rest)
            for actor, step in choices(state).items() for after, seen in [state.take(actor)]
            for rest in predict_all(after)] or [()]


def outcome_of(run: Run) -> Key:
    """Return the outcome of a run of one writer and its readers."""
    readers = sorted({result.actor for result in run if result.actor[0] == "r"})
    got = [_got(run, reader) for reader in readers]
    return got[0] if len(got) == 1 else (", ".join(sorted(what for what, _ in got)), "")


def _got(run: Run, reader: str) -> Key:
    for actor, step, _, seen, after, _ in run:
        if who(actor) != reader:
            continue
        moment = (BEFORE if not after.objects else
                  HOLDS if "w" in after.objects[-1].handles else CLOSED)
        if step.name == "open" and not seen.succeeded:
            return f"error {seen.error}", moment
        if step.name == "lapse":
            return "error 1460", moment
        if step.shows:
            return seen.box or "", moment
        if seen.end:
            return seen.end[1].strip(), ""
    raise AssertionError("the reader has neither failed nor shown anything")


def grouped(runs: Iterable[Run]) -> Dict[Key, List[Run]]:
    """Return the runs by outcome."""
    groups: Dict[Key, List[Run]] = {}
    for run in runs:
        groups.setdefault(outcome_of(run), []).append(run)
    return groups


def order_of(run: Run) -> Order:
    """Return the order of the run."""
    return tuple(result.actor for result in run)


def shortest(state: State, runs: Iterable[Run]) -> Order:
    """Return the order with the fewest steps, then the fewest switches between programs."""
    def length(order: Order) -> Tuple[int, int, int]:
        changes = sum(one != other for one, other in zip(order, order[1:]))
        return len(order), changes, number_of(state, order)
    return min(map(order_of, runs), key=length)


def wrong_counts(runs: Iterable[Run], pair: PairModel) -> List[str]:
    """Return a message for each outcome, expected or not, with a wrong number of orders."""
    counts = {key: len(found) for key, found in grouped(runs).items()}
    due = {outcome.key: outcome.orders for outcome in pair.outcomes}
    return [f"the outcome {key}: {due.get(key, 0)} orders expected, {counts.get(key, 0)} seen"
            for key in {**due, **counts} if due.get(key, 0) != counts.get(key, 0)]


def action(result: StepResult) -> str:
    """Describe a step and its result on the real program."""
    step, seen = result.step, result.seen
    words = f"{step.presses}, {step.name}" if step.presses else step.name
    if seen.box is not None:
        return f"{words}: \"{seen.box}\"" if seen.box else f"{words}: an empty box"
    if seen.end:
        return f"{words} {seen.end[0]}"
    return f"{words}: {'' if seen.succeeded else 'error '}{seen.error}" if seen.error else words


def _bytes(data: bytes) -> str:
    if not any(data):
        return "all zero" if data else ""
    return "".join(chr(byte) if 32 <= byte < 127 else "." for byte in data[:BYTES]) + "…"


def columns(state: State, run: Run) -> Iterator[str]:
    """Yield the run line by line: a column of steps for each program, then the object's handles,
    views and first bytes after each step."""
    actors = [actor for actor, _ in state.processes]
    cells = [[f"{NAMES[actor[0]]} {actor}" for actor in actors]]
    cells += [[action(result) if result.actor == actor else "│" for actor in actors]
              for result in run]
    widths = [max(len(row[column]) for row in cells) + 2 for column in range(len(actors))]
    objects = ["name   handles  views  bytes"]
    for result in run:
        after, seen = result.after, result.seen
        views = len(after.objects[after.named].views) if after.named >= 0 else 0
        objects.append(f"taken  {seen.handles:<7}  {views:<5}  {_bytes(seen.data)}" if seen.handles
                       else "free")
    for number, (row, words) in enumerate(zip(cells, objects)):
        steps = "".join(f"{cell:<{width}}" for cell, width in zip(row, widths))
        yield f"{number or '':>4}  {steps}  {words}".rstrip()
    for result in run:
        if result.seen.end and result.seen.end[1]:
            yield f"      {result.actor} prints: {result.seen.end[1].strip()}"


def heading(state: State, order: Order) -> str:
    """Return an order's number and word."""
    return f"order {number_of(state, order):,} of {count(state):,}, {word(order)}"


def summary(state: State, runs: Sequence[Run]) -> Iterator[str]:
    """Yield a paragraph for each outcome: what the user sees, how many orders lead to it, the
    shortest of them, and the cause, if the pair names one."""
    groups, digits = grouped(runs), len(str(len(runs)))
    for outcome in state.pair.outcomes:
        found = groups.pop(outcome.key, [])
        yield f"  {outcome.sign:<4} {len(found):>{digits}} of {len(runs)}  {outcome.sees}"
        if found and outcome.cause:
            yield f"{INDENT}shortest: {heading(state, shortest(state, found))}"
        yield from wrap(outcome.cause, 96, initial_indent=INDENT, subsequent_indent=INDENT)
    for key, found in groups.items():
        yield f"  NOT EXPECTED: {key}, {len(found)} of {len(runs)}"
    # Whose CloseHandle removed the name for good.
    freed = [next(result.actor[0] for before, result in zip(run[-2::-1], run[::-1])
                  if before.seen.handles and not result.seen.handles) for run in runs]
    yield (f"  The writer's close frees the name in {freed.count('w')} of {len(runs)} orders, "
           f"the reader's in {freed.count('r')}.")
