"""Prints orders and outcomes as text: a column for each program, a row for each step."""
from __future__ import annotations

from textwrap import wrap
from typing import Iterator, List, Sequence

from harness.interleavings.model import State
from harness.interleavings.orders import count, number_of, word
from harness.interleavings.outcomes import grouped, name_freed_by, shortest
from harness.interleavings.pairs import Order
from harness.interleavings.replay import Run, StepResult

NAMES = {"w": "writer", "r": "reader", "t": "time"}
#: The number of the object's bytes to print.
BYTES = 16
INDENT = " " * 19

GRANULARITY = """\
A step is a call of a Win32 function, the copy of the message, or the end of the program, not a
machine instruction. Between steps, all programs are held. After each step, the object's name,
handles and bytes, and the result of the call, are compared with the model."""


def action(result: StepResult) -> str:
    """Describe a step and its result on the real program."""
    step, seen = result.step, result.seen
    words = f"{step.presses}, {step.name}" if step.presses else step.name
    if seen.box is not None:
        return f"{words}: \"{seen.box}\"" if seen.box else f"{words}: an empty box"
    if seen.end:
        return f"{words} {seen.end[0]}"
    if seen.succeeded is False or seen.error:
        failed = "" if seen.succeeded else "error "
        return words if seen.error is None else f"{words}: {failed}{seen.error}"
    return words


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
    freed: List[str] = [name_freed_by(run)[0] for run in runs]
    yield (f"  The writer's close frees the name in {freed.count('w')} of {len(runs)} orders, "
           f"the reader's in {freed.count('r')}.")
