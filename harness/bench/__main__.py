"""`make bench`: what a check costs, and what its limit is made of; a table and build/bench.json.

Every figure is a median of RUNS runs unless its row says otherwise, all taken in one run on one
machine, because only their ratios mean something elsewhere.
"""
from __future__ import annotations

import json
from typing import Dict, List, Tuple

from harness.bench.measure import RUNS, measure
from harness.driver.paths import BUILD
from harness.driver.wine.installation import find_wine


def ratios(figures: Dict[str, float]) -> List[Tuple[str, float, float, float]]:
    """What the figures say of each other, with the least and the most that each should be."""
    most = float("inf")
    return [
        ("b / (a + box): a round trip, in a bare launch and a bare box",
         figures["b"] / (figures["a"] + figures["a_box"]), 0, 1.1),
        ("c / b: from nothing, in round trips", figures["c"] / figures["b"], 0, 3),
        ("slowest check / (2 × good + 2 s)",
         figures["check_slowest"] / (2 * figures["check"] + 2), 0, 1),
        ("all workers / one: round trips per second", figures["d_all"] / figures["d_1"],
         0.9 * figures["processors"], most),
        ("f / b: the usual round trip, in ours", figures["f"] / figures["b"], 0, most),
        ("r / bare wine without a server", figures["r"] / figures["r_bare"], 0, 0.6),
        ("r --share / bare wine with a server", figures["r_share"] / figures["r_warm"], 0, 3),
        ("f's start / c: the usual start, in ours", figures["f_start"] / figures["c"], 25, most),
    ]


def bar(value: float, least: float, most: float) -> str:
    """Whether a ratio is where it should be; docs/design.md says why it may not be."""
    wanted = ([f"≥ {least:g}"] if least else []) + ([f"≤ {most:g}"] if most < float("inf") else [])
    held = "held" if least <= value <= most else "not held: docs/design.md"
    return f"{wanted[0]}, {held}" if wanted else ""


def show(figures: Dict[str, float]) -> None:
    """The table."""
    def row(text: str, value: float, unit: str = "ms", scale: float = 1000.0) -> None:
        print(f"  {text:<66} {value * scale:>8.1f} {unit}")

    print(f"{find_wine().version}, {int(figures['processors'])} processors; "
          f"medians of {RUNS} runs\n")
    row("a  warm launch of the smallest .exe, from Unix", figures["a"])
    row("   the smallest program with a message box, started and answered", figures["a_box"])
    row("b  one verified round trip", figures["b"])
    row("c  from nothing to the first verified round trip", figures["c"])
    row("   and until everything is gone again", figures["c_end"])
    row("d  round trips with one worker", figures["d_1"], "/s", 1)
    row(f"   round trips with {int(figures['processors'])} workers", figures["d_all"], "/s", 1)
    row("e  a check of a good pair (one run)", figures["check"], "s", 1)
    row("   the slowest of some that misbehave (one run of each)", figures["check_slowest"], "s", 1)
    row("f  the usual way: one round trip", figures["f"])
    row("   the usual way: start, wineboot -i (one run)", figures["f_start"])
    row("r  harness.run: the smallest .exe, from nothing to everything gone", figures["r"])
    row("   bare wine: the same, in a full prefix without a server", figures["r_bare"])
    row("   harness.run --share: the same, beside others", figures["r_share"])
    row("   bare wine: the same, with the server running", figures["r_warm"])
    row("g  build of everything from nothing (one run)", figures["g_build"], "s", 1)
    for program in sorted(BUILD.glob("*/*_process.exe")) + sorted(BUILD.glob("*/agent.exe")):
        row(f"   size of {program.relative_to(BUILD)}", program.stat().st_size, "bytes", 1)
    print()
    for text, value, least, most in ratios(figures):
        print(f"  {text:<66} {value:>8.2f}  {bar(value, least, most)}")


def main() -> None:
    """Measure, print, and keep the figures in build/bench.json."""
    figures = measure()
    show(figures)
    kept = dict(figures, wine=find_wine().version, runs=RUNS,
                ratios={text.split(":")[0]: value for text, value, *_ in ratios(figures)})
    (BUILD / "bench.json").write_text(json.dumps(kept, indent=1))


if __name__ == "__main__":
    main()
