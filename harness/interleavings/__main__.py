"""All orders of the writer's and the reader's steps on the real programs: `make interleavings`.

Exits with 0 only if every step of every order did what the model predicts and every expected
outcome was seen, with 1 if not, with 2 for a wrong order, and with 3 if the harness failed.
"""
from __future__ import annotations

import argparse
import io
import random
import signal
import sys
import time
from typing import Any, List, NoReturn, Optional

from harness.driver.errors import HarnessError

from harness.interleavings.crew import HOSTS, Crew, Job
from harness.interleavings.model import world
from harness.interleavings.orders import (OTHERS, TWO_AND_TWO, count, every_order, numbered,
                                          one_and_one, parse, word)
from harness.interleavings.outcomes import wrong_counts
from harness.interleavings.stage import Disagreement
from harness.interleavings.tell import GRANULARITY, columns, heading, summary

#: How many of the orders that failed are told step by step.
MOST_TOLD = 3
#: Seconds between two lines that say how far it is, in output that goes to no terminal.
PERIOD = 10.0


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="interleavings", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--order", metavar="ORDER",
                        help="show one order step by step; give its number, word, or steps")
    parser.add_argument("--charset", choices=("ansi", "unicode"),
                        help="run one pair only (default: both; unicode for one order)")
    parser.add_argument("--pair", choices=("documented", *OTHERS), default="documented",
                        help="the pair of Microsoft's page (default), the one of docs/robust, or "
                             "the one of docs/changing without or with a sequence counter")
    parser.add_argument("--random", type=int, default=500, metavar="N",
                        help="orders of two writers and two readers (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=None,
                        help="picks those orders; printed, so that you can repeat a run")
    return parser.parse_args()


def run(jobs: List[Job]) -> Crew:
    """Play the jobs, and say how far it is: on a terminal all the time, in a log now and then.
    Raises what broke the harness."""
    crew = Crew(jobs)
    said = time.monotonic()

    def progress(done: int) -> None:
        nonlocal said
        if sys.stderr.isatty():
            print(f"\r{done} of {len(jobs)} orders \r", end="", file=sys.stderr, flush=True)
        elif time.monotonic() > said + PERIOD:
            said = time.monotonic()
            print(f"{done} of {len(jobs)} orders", file=sys.stderr, flush=True)

    crew.run(min(len(jobs), HOSTS), progress)
    if crew.broken:
        raise crew.broken[0]
    return crew


def tell_failures(crew: Crew) -> None:
    """The orders that had to be repeated, and those that did not go as predicted, the first few of
    them in full."""
    for problem_told in crew.repeated:
        print(f"repeated because the harness failed: {problem_told}")
    for number, problem in sorted(crew.failures.items())[:MOST_TOLD]:
        start, order = crew.jobs[number]
        print(f"\n{heading(start, order)} failed: {problem}")
        if isinstance(problem, Disagreement):
            print("\n".join(columns(start, problem.story)))
        pair = next((f" PAIR={name}" for name, other in OTHERS.items()
                     if other.kind == start.kind), "")
        print(f"Again: make interleavings ORDER={word(order)}{pair}")


def tell_order(text: str, charset: str) -> int:
    """Play one order and tell it; the exit code."""
    try:
        start, order = parse(text, charset)
    except HarnessError as problem:
        print(f"interleavings: {problem}", file=sys.stderr)
        return 2
    print(heading(start, order))
    crew = run([(start, order)])
    tell_failures(crew)
    for story in crew.stories.values():
        print("\n".join(columns(start, story)))
    return 1 if crew.failures else 0


def tell_other(name: str) -> int:
    """Play all orders of one of OTHERS; the exit code."""
    began = time.monotonic()
    print(GRANULARITY)
    start = OTHERS[name]
    crew = run([(start, order) for order in every_order(start)])
    stories = [story for _, story in sorted(crew.stories.items())]
    programs = [start.kind.program(actor) for actor, _ in start.processes if actor != "t"]
    print(f"\n{' and '.join(programs)}: all {count(start):,} orders")
    print("\n".join(summary(start, stories)))
    tell_failures(crew)
    wrong = wrong_counts(stories, start.kind)
    print("\n".join(wrong))
    print(f"{len(crew.jobs)} orders run, {len(crew.failures)} disagreements, "
          f"{round(time.monotonic() - began)} s.")
    return 1 if crew.failures or wrong else 0


def tell_all(charsets: List[str], amount: int, seed: int) -> int:
    """Play all orders of one writer and one reader, and some of two and two; the exit code."""
    began = time.monotonic()
    print(GRANULARITY)
    crowd = world(TWO_AND_TWO)
    chosen = random.Random(seed)
    starts = [one_and_one(charset) for charset in charsets]
    jobs: List[Job] = [(start, order) for start in starts for order in every_order(start)]
    jobs += [(crowd, numbered(crowd, chosen.randint(1, count(crowd)))) for _ in range(amount)]
    crew = run(jobs)
    wrong: List[str] = []
    for charset, start in zip(charsets, starts):
        stories = [story for number, story in sorted(crew.stories.items())
                   if jobs[number][0] == start]
        print(f"\nOne writer, one reader, {charset}: all {count(start)} orders")
        print("\n".join(summary(start, stories)))
        wrong += [f"{charset}: {problem}" for problem in wrong_counts(stories)]
    print(f"\nTwo writers, two readers, one of each charset: {amount} of {count(crowd):,} orders, "
          f"picked with --seed {seed}")
    tell_failures(crew)
    print("\n".join(wrong))
    print(f"{len(jobs)} orders run, {len(crew.failures)} disagreements, "
          f"{round(time.monotonic() - began)} s.")
    return 1 if crew.failures or wrong else 0


def stop(*_: Any) -> NoReturn:
    """What SIGTERM does: the same as Ctrl-C."""
    raise KeyboardInterrupt


def main() -> int:
    """Run what the command line asks for; the exit code."""
    wanted = arguments()
    signal.signal(signal.SIGTERM, stop)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")  # The boxes' texts need more than any code page.
    seed: Optional[int] = wanted.seed
    try:
        if wanted.order:
            return tell_order(wanted.order, wanted.charset or (
                wanted.pair if wanted.pair in OTHERS else "unicode"))
        if wanted.pair in OTHERS:
            return tell_other(wanted.pair)
        return tell_all([wanted.charset] if wanted.charset else ["ansi", "unicode"],
                        wanted.random, random.randrange(10 ** 6) if seed is None else seed)
    except HarnessError as problem:
        print(f"interleavings: {problem}", file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        print("interleavings: interrupted; everything that it started has ended", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
