"""All orders of steps, each with a number, and three ways to write one down.

An order is the actors' names, one a step: what step it is follows from the model. Orders are
counted, not listed, so that one of billions can be picked by its number as well.
"""
from __future__ import annotations

import re
from functools import lru_cache
from typing import Dict, List, Tuple, Union

from harness.driver.errors import HarnessError

from harness.interleavings.changing import Changing, changing
from harness.interleavings.model import World, world
from harness.interleavings.robust import Robust, robust

Order = Tuple[str, ...]
Pairs = Union[World, Robust, Changing]
#: The pairs of docs/ besides the documented one, by the names of `make interleavings PAIR=`.
OTHERS: Dict[str, Pairs] = {"robust": robust(), "unprotected": changing(False),
                            "sequence": changing(True)}

ONE_AND_ONE = ("w", "r")
#: The writers' and the readers' character sets differ, so that who wrote last can be seen.
TWO_AND_TWO = {"w1": "ansi", "w2": "unicode", "r1": "ansi", "r2": "unicode"}


def one_and_one(charset: str) -> World:
    """A writer and a reader of that character set, before their first steps."""
    return world({actor: charset for actor in ONE_AND_ONE})


@lru_cache(maxsize=None)
def branches(start: Pairs) -> Tuple[Tuple[str, Pairs], ...]:
    """Each actor that has a step left to take, with the world after it."""
    return tuple((actor, start.take(actor)[0]) for actor, _ in start.processes
                 if start.next(actor))


@lru_cache(maxsize=None)
def count(start: Pairs) -> int:
    """How many orders lead from there to the end of all programs."""
    return sum(count(after) for _, after in branches(start)) if branches(start) else 1


def numbered(start: Pairs, number: int) -> Order:
    """The order of that number, from 1 to count(start)."""
    order: List[str] = []
    left = number - 1
    while branches(start):
        for actor, after in branches(start):
            if left < count(after):
                break
            left -= count(after)
        order.append(actor)
        start = after
    return tuple(order)


def every_order(start: Pairs) -> List[Order]:
    """All orders that lead from there to the end of all programs, by their numbers."""
    return [numbered(start, number + 1) for number in range(count(start))]


def number_of(start: Pairs, order: Order) -> int:
    """The number of a complete order."""
    number = 1
    for chosen in order:
        for actor, after in branches(start):
            if actor == chosen:
                break
            number += count(after)
        start = after
    return number


def word(order: Order) -> str:
    """The order's shortest form: the actors' names in a row."""
    return "".join(order)


def _complete(start: Pairs, order: Order, steps: List[str], text: str) -> None:
    """Raise HarnessError unless the order can be taken, to the end, with the steps named."""
    for actor, step in zip(order, steps):
        ahead = start.next(actor)
        if not ahead or step not in ("", ahead.name):
            raise HarnessError(f"\"{text}\": {actor}.{step or '?'} cannot come there; "
                               f"{f'{actor}.{ahead.name} is next' if ahead else 'it has ended'}")
        start = start.take(actor)[0]
    if branches(start):
        missing = ", ".join(f"{actor}.{ahead.name}" for actor, _ in start.processes
                            for ahead in [start.next(actor)] if ahead)
        raise HarnessError(f"\"{text}\" stops early; it can go on with: {missing}")


def parse(text: str, charset: str) -> Tuple[Pairs, Order]:
    """The order that somebody wrote as a number (of one writer and one reader), as a word
    (`wwrwr…`), or as steps (`w.create r.open …`), and the world that it starts from: that of the
    documented pair in that character set, or of one of OTHERS where `charset` is its name.

    Raises HarnessError, saying what could come instead, where the programs cannot take it.
    """
    start: Pairs = OTHERS.get(charset) or one_and_one(charset)
    if text.strip().isdigit():
        if not 1 <= int(text) <= count(start):
            raise HarnessError(f"there is no order {text}: they go from 1 to {count(start)}")
        return start, numbered(start, int(text))
    tokens = text.split()
    if len(tokens) == 1 and "." not in text:
        tokens = re.findall(r"[wr]\d?|.", text.strip())
    if charset not in OTHERS and set("12") & set(text):
        start = world(TWO_AND_TWO)
    actors = [name for name, _ in start.processes]
    order = tuple(token.partition(".")[0] for token in tokens)
    strangers = sorted(set(order) - set(actors))
    if strangers or not order:
        raise HarnessError(f"\"{text}\": there is no \"{' '.join(strangers)}\"; the programs are "
                           f"{', '.join(actors)}")
    _complete(start, order, [token.partition(".")[2] for token in tokens], text)
    return start, order
