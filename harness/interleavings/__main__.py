"""Runs all orders of the programs' steps on the real programs: `make interleavings`.

Exits with 0 if every step of every order did what the model predicts and every expected outcome was
seen, with 1 if not, with 2 if the given order is wrong, and with 3 if the harness failed.
"""
from __future__ import annotations

import argparse
import io
import random
import signal
import sys
import time
from typing import Any, List, NamedTuple, NoReturn

from harness.driver.errors import HarnessError

from harness.interleavings.documented import DOCUMENTED, TWO_AND_TWO
from harness.interleavings.model import State, start
from harness.interleavings.orders import PAIRS, count, every_order, numbered, parse, word
from harness.interleavings.outcomes import wrong_counts
from harness.interleavings.pairs import Order
from harness.interleavings.pool import Job, Pool
from harness.interleavings.replay import Mismatch
from harness.interleavings.text import GRANULARITY, columns, heading, summary

#: The number of failed orders that are shown step by step.
MOST_SHOWN = 3
#: Seconds between two progress lines if the output is not a terminal.
PERIOD = 10.0


def arguments() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(prog="interleavings", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--order", metavar="ORDER",
                        help="show one order step by step, given as number, word or steps")
    parser.add_argument("--charset", choices=("ansi", "unicode"),
                        help="run one pair only (default: both; unicode for one order)")
    parser.add_argument("--pair", choices=PAIRS, default="documented",
                        help="the pair of Microsoft's page (default), of docs/robust, or of "
                             "docs/changing without protection, with a sequence counter or a "
                             "mutex, or with several readers")
    parser.add_argument("--random", type=int, default=500, metavar="N",
                        help="how many orders of two writers and two readers to run (default: "
                             "%(default)s)")
    parser.add_argument("--seed", type=int, default=random.randrange(10 ** 6),
                        help="selects those orders; printed, so that you can repeat a run")
    return parser.parse_args()


def run(jobs: List[Job]) -> Pool:
    """Run the jobs and print the progress: continuously on a terminal, now and then in a log.
    Raises HarnessError."""
    pool = Pool(jobs)
    last = time.monotonic()

    def progress(done: int) -> None:
        nonlocal last
        if sys.stderr.isatty():
            print(f"\r{done} of {len(jobs)} orders \r", end="", file=sys.stderr, flush=True)
        elif time.monotonic() > last + PERIOD:
            last = time.monotonic()
            print(f"{done} of {len(jobs)} orders", file=sys.stderr, flush=True)

    pool.run(progress)
    return pool


def show_failures(pool: Pool) -> None:
    """Print the repeated orders, and the first few that did not go as predicted."""
    for problem_seen in pool.repeated:
        print(f"repeated because the harness failed: {problem_seen}")
    for number, problem in sorted(pool.failures.items())[:MOST_SHOWN]:
        state, order = pool.jobs[number]
        print(f"\n{heading(state, order)} failed: {problem}")
        if isinstance(problem, Mismatch):
            print("\n".join(columns(state, problem.run)))
        pair = next(f" PAIR={name}" for name, pair in PAIRS.items() if pair is state.pair)
        print(f"Repeat it with: make interleavings ORDER={word(order)}{pair}")


def run_order(state: State, order: Order) -> int:
    """Run one order and show it. Return the exit code."""
    print(heading(state, order))
    pool = run([(state, order)])
    show_failures(pool)
    for one in pool.runs.values():
        print("\n".join(columns(state, one)))
    return 1 if pool.failures else 0


class Section(NamedTuple):
    """A part of a run: its heading, start state and orders. If they are all orders of that state
    (`whole`), the outcomes are counted."""

    heading: str
    state: State
    orders: List[Order]
    whole: bool = True


def sections(options: argparse.Namespace) -> List[Section]:
    """Return the sections that the options select."""
    pair = PAIRS[options.pair]
    if pair is not DOCUMENTED:
        state = start(pair)
        return [Section(f"{pair.writer} and {pair.reader}: all {count(state):,} orders", state,
                        every_order(state))]
    found = []
    for charset in [options.charset] if options.charset else ["ansi", "unicode"]:
        state = start(pair, charset)
        found.append(Section(f"One writer, one reader, {charset}: all {count(state)} orders",
                             state, every_order(state)))
    chance, most = random.Random(options.seed), count(TWO_AND_TWO)
    found.append(Section(
        f"Two writers, two readers, one of each charset: {options.random} of {most:,} orders, "
        f"picked with --seed {options.seed}", TWO_AND_TWO,
        [numbered(TWO_AND_TWO, chance.randint(1, most)) for _ in range(options.random)], False))
    return found


def run_all(parts: List[Section]) -> int:
    """Run the sections and print their outcomes. Return the exit code."""
    began = time.monotonic()
    print(GRANULARITY)
    jobs = [(part.state, order) for part in parts for order in part.orders]
    pool = run(jobs)
    wrong: List[str] = []
    for part in parts:
        print(f"\n{part.heading}")
        if part.whole:
            runs = [one for number, one in sorted(pool.runs.items())
                    if jobs[number][0] is part.state]
            print("\n".join(summary(part.state, runs)))
            wrong += [f"{part.heading}: {problem}"
                      for problem in wrong_counts(runs, part.state.pair)]
    show_failures(pool)
    print("\n".join(wrong))
    print(f"{len(jobs)} orders run, {len(pool.failures)} disagreements, "
          f"{round(time.monotonic() - began)} s.")
    return 1 if pool.failures or wrong else 0


def stop(*_: Any) -> NoReturn:
    """Treat SIGTERM like Ctrl-C."""
    raise KeyboardInterrupt


def main() -> int:
    """Run what the command line asks for. Return the exit code."""
    options = arguments()
    signal.signal(signal.SIGTERM, stop)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")  # No code page has all characters.
    try:
        if not options.order:
            return run_all(sections(options))
        try:
            state, order = parse(options.order, PAIRS[options.pair], options.charset or "unicode")
        except HarnessError as problem:
            print(f"interleavings: {problem}", file=sys.stderr)
            return 2
        return run_order(state, order)
    except HarnessError as problem:
        print(f"interleavings: {problem}", file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        print("interleavings: interrupted; all started processes have ended", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
