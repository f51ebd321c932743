"""Tells orders and outcomes in plain text: a column for each program, a row for each step."""
from __future__ import annotations

from textwrap import wrap
from typing import Iterator, List, Sequence

from harness.interleavings.orders import Order, Pairs, count, number_of, word
from harness.interleavings.outcomes import grouped, name_freed_by, outcomes_of, shortest
from harness.interleavings.stage import Story, Taken

NAMES = {"w": "writer", "r": "reader", "t": "time"}
#: As many of the object's bytes as are told; the message begins at the first one.
BYTES = 16
INDENT = " " * 19

GRANULARITY = """\
A step is a call of a Win32 function, the copy of the message, or the end of the program, and not an
instruction. Between steps all programs stand still. After each step the object's name, handles and
bytes, and the result of the call, are compared with the model."""


def action(taken: Taken) -> str:
    """A step with what came of it, as seen on the real program."""
    step, seen = taken.step, taken.seen
    told = f"{step.presses}, {step.name}" if step.presses else step.name
    if seen.box is not None:
        return f"{told}: \"{seen.box}\"" if seen.box else f"{told}: an empty box"
    if seen.end:
        return f"{told} {seen.end[0]}"
    if seen.succeeded is False or seen.error:
        failed = "" if seen.succeeded else "error "
        return told if seen.error is None else f"{told}: {failed}{seen.error}"
    return told


def _bytes(data: bytes) -> str:
    if not any(data):
        return "all zero" if data else ""
    return "".join(chr(byte) if 32 <= byte < 127 else "." for byte in data[:BYTES]) + "…"


def columns(start: Pairs, story: Story) -> Iterator[str]:
    """The story, line by line: the steps in a column for each program, and the object after each
    step: its handles, views and first bytes."""
    actors = [actor for actor, _ in start.processes]
    cells = [[f"{NAMES[actor[0]]} {actor}" for actor in actors]]
    cells += [[action(taken) if taken.actor == actor else "│" for actor in actors]
              for taken in story]
    widths = [max(len(row[column]) for row in cells) + 2 for column in range(len(actors))]
    state = ["name   handles  views  bytes"]
    for taken in story:
        after, seen = taken.after, taken.seen
        views = len(after.objects[after.named].views) if after.named >= 0 else 0
        state.append(f"taken  {seen.handles:<7}  {views:<5}  {_bytes(seen.data)}" if seen.handles
                     else "free")
    for number, (row, object_state) in enumerate(zip(cells, state)):
        columns_told = "".join(f"{cell:<{width}}" for cell, width in zip(row, widths))
        yield f"{number or '':>4}  {columns_told}  {object_state}".rstrip()
    for taken in story:
        if taken.seen.end and taken.seen.end[1]:
            yield f"      {taken.actor} prints: {taken.seen.end[1].strip()}"


def heading(start: Pairs, order: Order) -> str:
    """An order's number and word."""
    return f"order {number_of(start, order):,} of {count(start):,}, {word(order)}"


def summary(start: Pairs, stories: Sequence[Story]) -> Iterator[str]:
    """A paragraph for each outcome: what a person sees, how many orders lead there, the shortest
    of them, and why."""
    groups, digits = grouped(stories), len(str(len(stories)))
    for outcome in outcomes_of(start.kind):
        found = groups.pop(outcome.key, [])
        yield f"  {outcome.sign:<4} {len(found):>{digits}} of {len(stories)}  {outcome.sees}"
        if found:
            yield f"{INDENT}shortest: {heading(start, shortest(start, found))}"
        yield from wrap(outcome.cause, 96, initial_indent=INDENT, subsequent_indent=INDENT)
    for key, found in groups.items():
        yield f"  NOT EXPECTED: {key}, {len(found)} of {len(stories)}"
    freed: List[str] = [name_freed_by(story) for story in stories]
    yield (f"  The writer's close frees the name in {freed.count('w')} of {len(stories)} orders, "
           f"the reader's in {freed.count('r')}.")
