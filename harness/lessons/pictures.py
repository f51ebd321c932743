"""Draws the diagrams of docs/pictures as SVG with real text, for light and dark screens.
`make pages` writes them; a test compares them."""
from __future__ import annotations

import re
from collections import Counter
from contextlib import closing
from html import escape
from typing import Callable, Counter as Counts, Dict, Iterator, List, Sequence, Tuple

from harness.driver.host import Settings
from harness.driver.hosts import open_host
from harness.interleavings.documented import DOCUMENTED
from harness.interleavings.model import start
from harness.interleavings.outcomes import outcome_of, predict_all
from harness.interleavings.pairs import Key, Outcome, PairModel
from harness.interleavings.replay import Run
from harness.interleavings.robust import ROBUST
from harness.lessons.demo import play

STYLE = """<style>
text { font: 14px sans-serif; fill: #1f2328 } .small { font-size: 12px } .mono { font-family:
monospace } .middle { text-anchor: middle } .end { text-anchor: end } .bold { font-weight: bold }
.on { fill: #fff } .paper { fill: #fff } .message { fill: #bc4c00 } .step { fill: #0a7ea4 }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .paper { fill: #0d1117 }
tspan.message { fill: #ffa657 } tspan.step { fill: #39c5cf } }
text.on { fill: #fff }
</style>"""


def text(x: float, y: float, words: str, style: str = "") -> str:
    """Return a line of text; `style` names classes of STYLE."""
    return f'<text x="{x:g}" y="{y:g}" class="{style}">{escape(words)}</text>'


def svg(width: int, height: int, title: str, lines: List[str]) -> str:
    """Return the whole picture; screen readers announce `title`."""
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img">', f"<title>{escape(title)}</title>", STYLE,
        f'<rect width="{width}" height="{height}" class="paper"/>', *lines, "</svg>", ""])


#: The SGR codes that the demonstration uses, and their classes.
CODES = {"0": "", "1": "bold", "1;36": "step bold", "33": "message"}


def terminal(printed: str) -> str:
    """Draw what a command printed on a terminal, with its colours."""
    rows = printed.strip("\n").split("\n")
    lines = []
    for number, row in enumerate(rows):
        spans, style = "", ""
        for piece in re.split(r"(\033\[[\d;]*m)", row):
            if piece.startswith("\033"):
                style = CODES[piece[2:-1]]
            elif piece:
                spans += f'<tspan class="{style}">{escape(piece)}</tspan>'
        lines.append(f'<text x="16" y="{28 + 18 * number}" class="mono" xml:space="preserve">'
                     f"{spans}</text>")
    return svg(760, 18 * len(rows) + 28, "make demo on a terminal", lines)


def demonstration() -> str:
    """Run `make demo` and draw its output."""
    with closing(open_host(Settings())) as host:
        return terminal("\n".join(play(host, True)))


Cells = Dict[Tuple[str, int], Counts[Key]]
#: The width and height of a cell of the picture of all orders.
CELL, ROW = 96, 48
#: The colour of each outcome, by its sign.
COLOURS = {"2<": "#b3261e", "[ ]": "#9a6700", "M": "#2e7d4f", "M>": "#2f6fb3", "2>": "#7a3b8f",
           "T<": "#9a6700", "T": "#7a5c00", "T>": "#b3261e"}


def cells(runs: List[Run]) -> Cells:
    """Count the orders with each outcome by the reader's step and the number of the writer's."""
    grid: Cells = {}
    for run in runs:
        key, taken = outcome_of(run), 0
        for actor, step, *_ in run:
            taken += actor == "w"
            if actor != "w":
                grid.setdefault((step.name, taken), Counter())[key] += 1
    return grid


def bar(x: float, y: float, counts: Dict[Key, int], outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Draw a cell divided between the outcomes, with the number of orders, or a dot for none."""
    total, left = sum(counts.values()), x
    if not total:
        yield f'<circle cx="{x + CELL / 2 - 2:g}" cy="{y + ROW / 2 - 2:g}" r="2" fill="#9a9a9a"/>'
        return
    there = [outcome for outcome in outcomes if outcome.key in counts]
    for outcome in there:
        width = counts[outcome.key] * (CELL - 4) / total
        yield (f'<rect x="{left:.1f}" y="{y}" width="{width:.1f}" height="{ROW - 4}" '
               f'fill="{COLOURS[outcome.sign]}"/>')
        left += width
    yield text(x + CELL / 2 - 2, y + ROW / 2 + 3,
               f"{there[0].sign}  {total}" if len(there) == 1 else str(total), "on middle")


def all_orders(pair: PairModel) -> str:
    """Draw what the reader shows in every order of one writer and one reader, by the model."""
    runs, left, top = predict_all(start(pair)), 96, 92
    grid = cells(runs)
    steps = [step.name for who in pair.steps if who != "w" for step in pair.steps[who]]
    moments = ["not begun"] + ["after " + step.name for step in pair.steps["w"]]
    lines = [text(16, 28, f"What the reader shows, in all {len(runs)} orders of one writer and one "
                          "reader", "bold"),
             text(16, 52, "A row is a step of the reader, a column how far the writer was at that "
                          "moment, a number how many orders.", "small")]
    lines += [text(left + (column + 0.5) * CELL - 2, top - 10, moment, "middle small")
              for column, moment in enumerate(moments)]
    for row, step in enumerate(steps):
        y = top + row * ROW
        lines.append(text(left - 12, y + ROW / 2 + 3, step, "end"))
        for column in range(len(moments)):
            lines += bar(left + column * CELL, y, grid.get((step, column), {}), pair.outcomes)
    for row, outcome in enumerate(pair.outcomes):
        y = top + len(steps) * ROW + 24 + 26 * row
        lines += [f'<rect x="{left}" y="{y}" width="44" height="20" '
                  f'fill="{COLOURS[outcome.sign]}"/>',
                  text(left + 22, y + 15, outcome.sign, "on middle"),
                  text(left + 56, y + 15, f"{outcome.orders} orders: {outcome.sees}")]
    return svg(left + len(moments) * CELL + 16,
               top + len(steps) * ROW + 40 + 26 * len(pair.outcomes),
               f"What the reader shows in each of {len(runs)} orders", lines)


#: The generated diagrams; the other files in docs/pictures are drawn by hand.
DRAWN: Dict[str, Callable[[], str]] = {
    "demo": demonstration,
    "interleavings": lambda: all_orders(DOCUMENTED),
    "robust-interleavings": lambda: all_orders(ROBUST)}
