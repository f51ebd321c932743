"""Who plays on the page: each cast of programs, its states, and orders that reach all of them."""
from __future__ import annotations

from typing import Dict, List, Tuple

from harness.interleavings.model import world
from harness.interleavings.orders import OTHERS, Order, Pairs, branches, every_order, one_and_one

#: Every cast by the name that it has in the page's address, before its first step.
CASTS: Dict[str, Pairs] = {
    "pair": one_and_one("unicode"),
    "mixed": world({"w": "unicode", "r": "ansi"}),
    "writers": world({"w1": "ansi", "w2": "unicode", "r": "unicode"}),
    **OTHERS}
#: The casts of which all orders are run. Of the others enough are, to take every step from every
#: state: they differ from the pair only in who takes part.
WHOLE = ("pair", *OTHERS)


def states(start: Pairs) -> List[Pairs]:
    """Every state that some order reaches, each once, after all those that lead there."""
    found: Dict[Pairs, None] = {start: None}
    level = [start]
    while level:
        level = list(dict.fromkeys(after for before in level for _, after in branches(before)))
        for state in level:
            found.pop(state, None)  # It moves back if an order with more steps leads there, too.
            found[state] = None
    return list(found)


def cover(start: Pairs) -> List[Order]:
    """Orders in which, taken together, every program takes its next step from every state. Each is
    the one with the most steps that none of those before it has."""
    backwards = states(start)[::-1]
    left = {(state, actor) for state in backwards for actor, _ in branches(state)}
    orders = []
    while left:
        best: Dict[Pairs, Tuple[int, Order]] = {}
        for state in backwards:
            best[state] = max(((best[after][0] + ((state, actor) in left),
                                (actor, *best[after][1])) for actor, after in branches(state)),
                              default=(0, ()))
        order = best[start][1]
        orders.append(order)
        state = start
        for actor in order:
            left.discard((state, actor))
            state = dict(branches(state))[actor]
    return orders


def orders_to_run(cast: str) -> List[Order]:
    """All orders of a cast, or a cover."""
    start = CASTS[cast]
    if cast not in WHOLE:
        return cover(start)
    return every_order(start)
