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
from typing import Iterator, List, Tuple

from harness.driver.errors import HarnessError
from harness.interleavings.documented import DOCUMENTED, TWO_AND_TWO
from harness.interleavings.model import State, start
from harness.interleavings.orders import PAIRS, count, every_order, numbered, parse, word
from harness.interleavings.outcomes import columns, heading, summary, wrong_counts
from harness.interleavings.pairs import Order
from harness.interleavings.replay import Mismatch, Pool

#: The number of failed orders that are shown step by step.
MOST_SHOWN = 3
GRANULARITY = """\
A step is a call of a Win32 function, the copy of the message, or the end of the program, not a
machine instruction. Between steps, all programs are held. After each step, the object's name,
handles and bytes, and the result of the call, are compared with the model."""


def arguments() -> argparse.Namespace:
    """Parse the command line; `order` becomes a start state and an order."""
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
    options = parser.parse_args()
    if options.order:
        try:
            options.order = parse(options.order, PAIRS[options.pair], options.charset or "unicode")
        except HarnessError as problem:
            parser.error(str(problem))
    return options


def sections(options: argparse.Namespace) -> Iterator[Tuple[str, State, List[Order]]]:
    """Yield the parts of a run that the options select: heading, start state and orders."""
    pair = PAIRS[options.pair]
    charsets = [options.charset] if options.charset else ["ansi", "unicode"]
    for charset in charsets if pair is DOCUMENTED else ["unicode"]:
        state = start(pair, charset)
        programs = f"One writer, one reader, {charset}" if pair is DOCUMENTED else \
            f"{pair.writer} and {pair.reader}"
        yield f"{programs}: all {count(state):,} orders", state, every_order(state)
    if pair is DOCUMENTED:
        chance, most = random.Random(options.seed), count(TWO_AND_TWO)
        yield (f"Two writers, two readers, one of each charset: {options.random} of {most:,} "
               f"orders, picked with --seed {options.seed}", TWO_AND_TWO,
               [numbered(TWO_AND_TWO, chance.randint(1, most)) for _ in range(options.random)])


def show_failures(pool: Pool) -> None:
    """Print the repeated orders, and the first few that did not go as predicted."""
    for problem_seen in pool.repeated:
        print(f"repeated because the harness failed: {problem_seen}")
    for number, problem in sorted(pool.failures.items())[:MOST_SHOWN]:
        state, order = pool.jobs[number]
        print(f"\n{heading(state, order)} failed: {problem}")
        if isinstance(problem, Mismatch):
            print("\n".join(columns(state, problem.run)))
        pair = next(name for name, pair in PAIRS.items() if pair is state.pair)
        print(f"Repeat it with: make interleavings ORDER={word(order)} PAIR={pair}")


def run_order(state: State, order: Order) -> int:
    """Run one order and show it. Return the exit code."""
    print(heading(state, order))
    pool = Pool([(state, order)]).run()
    show_failures(pool)
    for run in pool.runs.values():
        print("\n".join(columns(state, run)))
    return 1 if pool.failures else 0


def run_all(options: argparse.Namespace) -> int:
    """Run the sections and print their outcomes. Return the exit code."""
    began = time.monotonic()
    print(GRANULARITY)
    parts = list(sections(options))
    jobs = [(state, order) for _, state, orders in parts for order in orders]
    pool = Pool(jobs).run()
    wrong: List[str] = []
    for title, state, _ in parts:
        print(f"\n{title}")
        if state is not TWO_AND_TWO:
            runs = [run for number, run in sorted(pool.runs.items()) if jobs[number][0] is state]
            print("\n".join(summary(state, runs)))
            wrong += [f"{title}: {problem}" for problem in wrong_counts(runs, state.pair)]
    show_failures(pool)
    print("\n".join(wrong))
    print(f"{len(jobs)} orders run, {len(pool.failures)} disagreements, "
          f"{round(time.monotonic() - began)} s.")
    return 1 if pool.failures or wrong else 0


def main() -> int:
    """Run what the command line asks for. Return the exit code."""
    options = arguments()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")  # No code page has all characters.
    try:
        return run_order(*options.order) if options.order else run_all(options)
    except HarnessError as problem:
        print(f"interleavings: {problem}", file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        print("interleavings: interrupted; all started processes have ended", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
