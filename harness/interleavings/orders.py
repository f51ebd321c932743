"""Numbers all orders of steps, and reads the three notations for one.

An order is a list of actors' names, one for each step; the model determines which step that is.
Orders are counted, not listed, so that you can pick one of billions by its number.
"""
from __future__ import annotations

import re
from functools import lru_cache
from typing import Dict, List, Tuple

from harness.driver.errors import HarnessError
from harness.interleavings.changing import (MUTEX, MUTEX_READERS, SEQUENCE,
                                            SEQUENCE_READERS, UNPROTECTED)
from harness.interleavings.documented import DOCUMENTED, TWO_AND_TWO
from harness.interleavings.model import State, start
from harness.interleavings.pairs import Order, PairModel, Step
from harness.interleavings.robust import ROBUST

#: The pairs by the names of `make interleavings PAIR=`.
PAIRS: Dict[str, PairModel] = {"documented": DOCUMENTED, "robust": ROBUST,
                               "unprotected": UNPROTECTED, "sequence": SEQUENCE, "mutex": MUTEX,
                               "sequence-readers": SEQUENCE_READERS,
                               "mutex-readers": MUTEX_READERS}


def choices(state: State) -> Dict[str, Step]:
    """Return the steps that may come next, by their actors. With several readers, not all possible
    steps: after the opening, readers start in the order of their names, since they are
    interchangeable; a reader that has read, and a writer that has closed, go on to their end."""
    ready = {actor: step for actor, _ in state.processes for step in [state.next(actor)] if step}
    opening = state.pair.opening
    taken = {actor: process.taken for actor, process in state.processes}
    if not opening:
        return ready
    if sum(taken.values()) < len(opening):
        chosen = [opening[sum(taken.values())]]
    else:
        chosen = [actor for actor, step in ready.items()
                  if step.ends or step.name == "close" and actor[0] == "r"][:1]
    fresh = [actor for actor in ready if actor[0] == "r" and taken[actor] == opening.count(actor)]
    return {actor: ready[actor] for actor in chosen or ready if chosen or actor not in fresh[1:]}


@lru_cache(maxsize=None)
def branches(state: State) -> Tuple[Tuple[str, State], ...]:
    """Return each actor that may take a step, with the state after it."""
    return tuple((actor, state.take(actor)[0]) for actor in choices(state))


@lru_cache(maxsize=None)
def count(state: State) -> int:
    """Count the orders from this state to the end of all programs."""
    return sum(count(after) for _, after in branches(state)) if branches(state) else 1


def numbered(state: State, number: int) -> Order:
    """Return the order with that number, from 1 to count(state)."""
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
    """Return all orders from this state to the end of all programs, by number."""
    return [numbered(state, number + 1) for number in range(count(state))]


def number_of(state: State, order: Order) -> int:
    """Return the number of a complete order."""
    number = 1
    for chosen in order:
        for actor, after in branches(state):
            if actor == chosen:
                break
            number += count(after)
        state = after
    return number


def word(order: Order) -> str:
    """Return the order's shortest notation: the actors' names in a row."""
    return "".join(order)


def _wrong(text: str, why: str, can: Dict[str, Step]) -> HarnessError:
    steps = ", ".join(f"{actor}.{step.name}" for actor, step in can.items())
    return HarnessError(f"\"{text}\"{why}; "
                        + (f"it can go on with: {steps}" if steps else "all have ended"))


def parse(text: str, pair: PairModel = DOCUMENTED, charset: str = "unicode") -> Tuple[State, Order]:
    """Parse an order written as a number (of one writer and one reader), as a word (`wwrwr…`), or
    as steps (`w.create r.open …`). Return the state that it starts from, and the order.

    Raises HarnessError, naming the possible steps, if the programs cannot take it.
    """
    state = start(pair, charset)
    if text.strip().isdigit():
        if not 1 <= int(text) <= count(state):
            raise HarnessError(f"there is no order {text}: orders are from 1 to {count(state)}")
        return state, numbered(state, int(text))
    tokens = text.split()
    if len(tokens) == 1 and "." not in text:
        tokens = re.findall(r"[wrt]\d?|.", text.strip())
    if pair is DOCUMENTED and set("12") & set(text):
        state = TWO_AND_TWO
    actors = [name for name, _ in state.processes]
    order = tuple(token.partition(".")[0] for token in tokens)
    strangers = sorted(set(order) - set(actors))
    if strangers or not order:
        raise HarnessError(f"\"{text}\": there is no \"{' '.join(strangers)}\"; the programs are "
                           f"{', '.join(actors)}")
    after = state
    for actor, token in zip(order, tokens):
        can, step = choices(after), token.partition(".")[2]
        if actor not in can or step not in ("", can[actor].name):
            raise _wrong(text, f": {actor}.{step or '?'} cannot come there", can)
        after = after.take(actor)[0]
    if choices(after):
        raise _wrong(text, " stops early", choices(after))
    return state, order
