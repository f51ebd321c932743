"""All orders of steps, each with a number, and three ways to write one down.

An order is the actors' names, one a step: what step it is follows from the model. Orders are
counted, not listed, so that one of billions can be picked by its number as well.
"""
from __future__ import annotations

import re
from functools import lru_cache
from typing import Dict, List, Tuple

from harness.driver.errors import HarnessError

from harness.interleavings.changing import MUTEX, SEQUENCE, UNPROTECTED
from harness.interleavings.documented import DOCUMENTED, TWO_AND_TWO
from harness.interleavings.model import Order, PairModel, State, start
from harness.interleavings.robust import ROBUST

#: The pairs by the names of `make interleavings PAIR=`.
PAIRS: Dict[str, PairModel] = {"documented": DOCUMENTED, "robust": ROBUST,
                               "unprotected": UNPROTECTED, "sequence": SEQUENCE, "mutex": MUTEX}


@lru_cache(maxsize=None)
def branches(state: State) -> Tuple[Tuple[str, State], ...]:
    """Each actor that has a step left to take, with the state after it."""
    return tuple((actor, state.take(actor)[0]) for actor, _ in state.processes
                 if state.next(actor))


@lru_cache(maxsize=None)
def count(state: State) -> int:
    """How many orders lead from there to the end of all programs."""
    return sum(count(after) for _, after in branches(state)) if branches(state) else 1


def numbered(state: State, number: int) -> Order:
    """The order of that number, from 1 to count(state)."""
    order: List[str] = []
    left = number - 1
    while branches(state):
        for actor, after in branches(state):
            if left < count(after):
                break
            left -= count(after)
        order.append(actor)
        state = after
    return tuple(order)


def every_order(state: State) -> List[Order]:
    """All orders that lead from there to the end of all programs, by their numbers."""
    return [numbered(state, number + 1) for number in range(count(state))]


def number_of(state: State, order: Order) -> int:
    """The number of a complete order."""
    number = 1
    for chosen in order:
        for actor, after in branches(state):
            if actor == chosen:
                break
            number += count(after)
        state = after
    return number


def word(order: Order) -> str:
    """The order's shortest form: the actors' names in a row."""
    return "".join(order)


def _complete(state: State, order: Order, steps: List[str], text: str) -> None:
    """Raise HarnessError unless the order can be taken, to the end, with the steps named."""
    for actor, step in zip(order, steps):
        ahead = state.next(actor)
        if not ahead or step not in ("", ahead.name):
            raise HarnessError(f"\"{text}\": {actor}.{step or '?'} cannot come there; "
                               f"{f'{actor}.{ahead.name} is next' if ahead else 'it has ended'}")
        state = state.take(actor)[0]
    if branches(state):
        missing = ", ".join(f"{actor}.{ahead.name}" for actor, _ in state.processes
                            for ahead in [state.next(actor)] if ahead)
        raise HarnessError(f"\"{text}\" stops early; it can go on with: {missing}")


def parse(text: str, pair: PairModel = DOCUMENTED, charset: str = "unicode") -> Tuple[State, Order]:
    """The order that somebody wrote as a number (of one writer and one reader), as a word
    (`wwrwr…`), or as steps (`w.create r.open …`), and the state that it starts from.

    Raises HarnessError, saying what could come instead, where the programs cannot take it.
    """
    state = start(pair, charset)
    if text.strip().isdigit():
        if not 1 <= int(text) <= count(state):
            raise HarnessError(f"there is no order {text}: they go from 1 to {count(state)}")
        return state, numbered(state, int(text))
    tokens = text.split()
    if len(tokens) == 1 and "." not in text:
        tokens = re.findall(r"[wr]\d?|.", text.strip())
    if pair is DOCUMENTED and set("12") & set(text):
        state = TWO_AND_TWO
    actors = [name for name, _ in state.processes]
    order = tuple(token.partition(".")[0] for token in tokens)
    strangers = sorted(set(order) - set(actors))
    if strangers or not order:
        raise HarnessError(f"\"{text}\": there is no \"{' '.join(strangers)}\"; the programs are "
                           f"{', '.join(actors)}")
    _complete(state, order, [token.partition(".")[2] for token in tokens], text)
    return state, order
