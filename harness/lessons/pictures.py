"""Draws the pictures of docs/pictures from data, as SVG with text as text, for light and for dark
screens. `make pages` writes them; a test compares."""
from __future__ import annotations

import io
import re
from contextlib import closing, redirect_stdout
from html import escape
from typing import Callable, Dict, Iterator, List, Tuple

from harness.driver.contract import MESSAGE, encode
from harness.driver.host import Settings
from harness.driver.hosts import open_host
from harness.interleavings.orders import Pairs, every_order, one_and_one, parse
from harness.interleavings.outcomes import foretell
from harness.interleavings.picture import picture
from harness.interleavings.robust import robust
from harness.lessons.demo import Teller, play

STYLE = """<style>
text { font: 14px sans-serif; fill: #1f2328 } .small { font-size: 12px } .mono { font-family:
monospace } .middle { text-anchor: middle } .end { text-anchor: end } .bold { font-weight: bold }
.on { fill: #fff } .paper { fill: #fff } .line { fill: none; stroke: #8c959f } .w { fill: #1a7f37 }
.r { fill: #0969da } .both { fill: #8250df } .zero { fill: #656d76 } .message { fill: #bc4c00 }
.step { fill: #0a7ea4 }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .paper { fill: #0d1117 }
text.w { fill: #4cc26b } text.r { fill: #6cb2ff } tspan.message { fill: #ffa657 }
tspan.step { fill: #39c5cf } }
text.on { fill: #fff }
</style>"""


def text(x: float, y: float, words: str, style: str = "") -> str:
    """A line of text; `style` has classes of STYLE."""
    return f'<text x="{x:g}" y="{y:g}" class="{style}">{escape(words)}</text>'


def box(x: float, y: float, width: float, height: float, style: str) -> str:
    """A rectangle with round corners."""
    return (f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="3" '
            f'class="{style}"/>')


def svg(width: int, height: int, title: str, lines: List[str]) -> str:
    """The whole picture; `title` is what a screen reader says."""
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img">', f"<title>{escape(title)}</title>", STYLE,
        f'<rect width="{width}" height="{height}" class="paper"/>', *lines, "</svg>", ""])


#: The order of `make demo`, and the call that each step makes.
DEMO = ("w.create w.map w.copy r.open r.map r.show r.unmap r.close r.exit w.unmap w.close w.exit")
CALLS = {"w.create": "CreateFileMapping", "w.copy": "CopyMemory", "r.open": "OpenFileMapping",
         "map": "MapViewOfFile", "r.show": "MessageBox", "unmap": "UnmapViewOfFile",
         "close": "CloseHandle", "exit": "return 0"}


def scene() -> str:
    """The object through the demonstration, as the model of the interleavings has it."""
    left, top, column, height = 190, 150, 56, 26
    start, order = parse(DEMO, "unicode")
    story = foretell(one_and_one("unicode"), order)
    worlds = [taken.after for taken in story]
    things = [world.objects[0] for world in worlds]
    rows: List[Tuple[str, str, List[str]]] = [
        ("the name", "both", ["yes" if world.named >= 0 else "" for world in worlds]),
        ("handles", "both", [str(len(thing.handles) or "") for thing in things]),
        ("first_process: handle", "w", ["w" in thing.handles and "yes" or "" for thing in things]),
        ("first_process: view", "w", ["w" in thing.views and "yes" or "" for thing in things]),
        ("the bytes", "zero", [("text" if any(thing.data) else "zeros")
                               if thing.handles or thing.views else "" for thing in things]),
        ("second_process: view", "r", ["r" in thing.views and "yes" or "" for thing in things]),
        ("second_process: handle", "r", ["r" in thing.handles and "yes" or ""
                                         for thing in things])]
    lines = [text(16, 30, "The object, its handles and its views, after each call", "bold")]
    for number, taken in enumerate(story):
        name = f"{taken.actor}.{taken.step.name}"
        x, y = left + number * column + column / 2, top - 12
        call = CALLS.get(name) or CALLS[taken.step.name]
        lines.append(f'<text x="{x:g}" y="{y}" class="small {taken.actor}" '
                     f'transform="rotate(-45 {x:g} {y})">{call}</text>')
    for row, (label, style, values) in enumerate(rows):
        y = top + row * (height + 6)
        lines.append(text(left - 12, y + 18, label, "end"))
        for number, value in enumerate(values):
            if value:
                shown = "message" if value == "text" else style
                lines.append(box(left + number * column, y, column - 2, height, shown))
                if value != "yes":
                    lines.append(text(left + number * column + column / 2 - 1, y + 17,
                                      value, "on middle small"))
    gone = sum(not (thing.handles or thing.views) for thing in things)
    x, width = left + (len(story) - gone) * column, gone * column
    lines += [box(x, top, width - 2, len(rows) * (height + 6) - 6, "line"),
              text(x + width / 2 - 1, top + len(rows) * (height + 6) / 2, "gone", "middle small"),
              text(left, top + len(rows) * (height + 6) + 18,
                   "Green: calls of first_process. Blue: calls of second_process.", "small")]
    return svg(left + len(story) * column + 60, top + len(rows) * (height + 6) + 34,
               "The object through the scene", lines)


def namespaces() -> str:
    """Where a name is seen, by its prefix."""
    sessions = ["session 0: services", "session 1: you", "session 2: somebody else"]
    width, gap = 220, 20
    lines = []
    for number, session in enumerate(sessions):
        x = 16 + number * (width + gap)
        lines += [box(x, 16, width, 100, "line"), text(x + width / 2, 40, session, "middle bold"),
                  text(x + width / 2, 66, "Local\\… and names", "middle"),
                  text(x + width / 2, 84, "without a prefix", "middle"),
                  text(x + width / 2, 104, "seen in this session only", "middle small"),
                  f'<path d="M{x + width / 2:g} 116 v34" class="line"/>']
    total = 3 * width + 2 * gap
    lines += [box(16, 150, total, 58, "both"),
              text(16 + total / 2, 174, "Global\\MyFileMappingObject", "on middle mono bold"),
              text(16 + total / 2, 196, "one for the whole machine; creating a file mapping there "
                   "takes a privilege, opening it does not", "on middle small")]
    return svg(total + 32, 224, "Namespaces of kernel objects", lines)


def bytes_of_message() -> str:
    """The first sixteen bytes in both character sets, with the characters that they stand for."""
    left, cell = 90, 40
    lines = []
    for row, (charset, unit) in enumerate((("ansi", 1), ("unicode", 2))):
        y = 20 + row * 90
        lines.append(text(16, y + 24, {"ansi": "ANSI", "unicode": "UTF-16"}[charset], "bold"))
        for number, value in enumerate(encode(MESSAGE, charset)[:16]):
            lines += [box(left + number * cell, y, cell - 2, 34, "message" if value else "zero"),
                      text(left + number * cell + cell / 2 - 1, y + 22, f"{value:02x}",
                           "on middle mono")]
        for number, char in enumerate(MESSAGE[:16 // unit]):
            x = left + (number + 0.5) * unit * cell - 1
            lines.append(text(x, y + 54, char if char != " " else "space", "middle small"))
    return svg(left + 16 * cell + 16, 180, "The message's bytes in both character sets", lines)


#: The codes that the demonstration uses, and their classes.
CODES = {"0": "", "1": "bold", "1;36": "step bold", "33": "message"}


def terminal(printed: str) -> str:
    """What a command printed on a terminal, with its colours."""
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
    """`make demo` on a terminal. Runs it."""
    printed = io.StringIO()
    with closing(open_host(Settings())) as host, redirect_stdout(printed):
        play(Teller(0, True), host)
    return terminal(printed.getvalue())


def orders(start: Pairs) -> str:
    """What the reader shows in every order from there on, as the model has it."""
    return picture([foretell(start, order) for order in every_order(start)])


DRAWN: Dict[str, Callable[[], str]] = {
    "scene": scene, "namespaces": namespaces, "bytes": bytes_of_message, "demo": demonstration,
    "interleavings": lambda: orders(one_and_one("unicode")),
    "robust-interleavings": lambda: orders(robust())}


def drawn() -> Iterator[Tuple[str, str]]:
    """The name and the text of each picture."""
    for name, draw in DRAWN.items():
        yield f"{name}.svg", draw()
