"""The picture: for each step of the reader, how far the writer was, and what came of it."""
from __future__ import annotations

from html import escape
from typing import Dict, Iterable, List, Tuple

from harness.interleavings.outcomes import Key, Outcomes, outcome_of, outcomes_of
from harness.interleavings.stage import Story

WIDTH, HEIGHT = 92, 44
LEFT, TOP, GAP = 96, 92, 4

Cells = Dict[Tuple[str, int], Dict[Key, int]]


def cells(stories: Iterable[Story]) -> Cells:
    """For each step of the reader and number of steps that the writer had taken: how many orders
    with each outcome go through it."""
    grid: Cells = {}
    for story in stories:
        key, taken = outcome_of(story), 0
        for actor, step, *_ in story:
            taken += actor == "w"
            if actor != "w":
                cell = grid.setdefault((step.name, taken), {})
                cell[key] = cell.get(key, 0) + 1
    return grid


def _text(x: float, y: float, words: str, style: str = "") -> str:
    return f'<text x="{x:g}" y="{y:g}"{style and " " + style}>{escape(words)}</text>'


def _cell(x: int, y: int, counts: Dict[Key, int], outcomes: Outcomes) -> Iterable[str]:
    """A bar divided between the outcomes, with the number of orders, or a dot where there are
    none."""
    total = sum(counts.values())
    if not total:
        yield f'<circle cx="{x + WIDTH / 2:g}" cy="{y + HEIGHT / 2:g}" r="2" fill="#9a9a9a"/>'
        return
    done = 0
    for outcome in outcomes:
        part = counts.get(outcome.key, 0)
        if part:
            yield (f'<rect x="{x + done * WIDTH / total:.1f}" y="{y}" '
                   f'width="{part * WIDTH / total:.1f}" height="{HEIGHT}" '
                   f'fill="{outcome.colour}"/>')
        done += part
    alone = [outcome.sign for outcome in outcomes if outcome.key in counts]
    told = f"{alone[0]}  {total}" if len(alone) == 1 else str(total)
    yield _text(x + WIDTH / 2, y + HEIGHT / 2 + 5, told, 'class="on" text-anchor="middle"')


def picture(stories: Iterable[Story]) -> str:
    """The stories of one writer and one reader as an SVG image."""
    stories = list(stories)
    grid, kind = cells(stories), stories[0][0].after.kind
    outcomes = outcomes_of(kind)
    steps = [step for who in kind.steps if who != "w" for step in kind.steps[who]]
    moments = ["not begun"] + ["after " + step.name for step in kind.steps["w"]]
    across, down = len(moments) * (WIDTH + GAP), len(steps) * (HEIGHT + GAP)
    width, height = LEFT + across + 16, TOP + down + 40 + 26 * len(outcomes)
    middle = 'text-anchor="middle" font-size="12"'
    lines: List[str] = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" font-family="sans-serif" font-size="14" '
        'role="img">',
        "<style>text { fill: #222 } .paper { fill: #fff } text.on { fill: #fff } @media "
        "(prefers-color-scheme: dark) { text { fill: #e6edf3 } .paper { fill: #0d1117 } "
        "text.on { fill: #fff } }</style>",
        f"<title>What the reader shows in each of {len(stories)} orders</title>",
        f'<rect width="{width}" height="{height}" class="paper"/>',
        _text(16, 28, f"What the reader shows, in all {len(stories)} orders of one writer and one "
                      "reader", 'font-size="17" font-weight="bold"'),
        _text(16, 52, "A row is a step of the reader, a column how far the writer was at that "
                      "moment, a number how many orders.", 'font-size="12"'),
    ]
    lines += [_text(LEFT + column * (WIDTH + GAP) + WIDTH / 2, TOP - 10, moment, middle)
              for column, moment in enumerate(moments)]
    for row, step in enumerate(steps):
        y = TOP + row * (HEIGHT + GAP)
        lines.append(_text(LEFT - 12, y + HEIGHT / 2 + 5, step.name, 'text-anchor="end"'))
        for column in range(len(moments)):
            lines += _cell(LEFT + column * (WIDTH + GAP), y, grid.get((step.name, column), {}),
                           outcomes)
    for row, outcome in enumerate(outcomes):
        y = TOP + down + 24 + 26 * row
        orders = sum(outcome_of(story) == outcome.key for story in stories)
        lines.append(f'<rect x="{LEFT}" y="{y}" width="44" height="20" fill="{outcome.colour}"/>')
        lines.append(_text(LEFT + 22, y + 15, outcome.sign, 'class="on" text-anchor="middle"'))
        lines.append(_text(LEFT + 56, y + 15, f"{orders} orders: {outcome.sees}"))
    return "\n".join([*lines, "</svg>", ""])
