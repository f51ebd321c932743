"""The programs on the page: each setup, its states, and orders that reach all of them."""
from __future__ import annotations

from typing import Dict, List, Tuple

from harness.interleavings.documented import DOCUMENTED
from harness.interleavings.model import Order, State, start
from harness.interleavings.orders import PAIRS, branches, every_order

#: Every setup by the name that it has in the page's address, before its first step.
SETUPS: Dict[str, State] = {
    "pair": start(DOCUMENTED),
    "mixed": start(DOCUMENTED, w="unicode", r="ansi"),
    "writers": start(DOCUMENTED, w1="ansi", w2="unicode", r="unicode"),
    **{name: start(PAIRS[name]) for name in ("robust", "unprotected", "sequence")}}
#: The setups of which all orders are run. Of the others enough are, to take every step from every
#: state: they differ from the pair only in who takes part.
WHOLE = ("pair", "robust", "unprotected", "sequence")


def states(first: State) -> List[State]:
    """Every state that some order reaches, each once, after all those that lead there."""
    found: Dict[State, None] = {first: None}
    level = [first]
    while level:
        level = list(dict.fromkeys(after for before in level for _, after in branches(before)))
        for state in level:
            found.pop(state, None)  # It moves back if an order with more steps leads there, too.
            found[state] = None
    return list(found)


def cover(first: State) -> List[Order]:
    """Orders in which, taken together, every program takes its next step from every state. Each is
    the one with the most steps that none of those before it has."""
    backwards = states(first)[::-1]
    left = {(state, actor) for state in backwards for actor, _ in branches(state)}
    orders = []
    while left:
        best: Dict[State, Tuple[int, Order]] = {}
        for state in backwards:
            best[state] = max(((best[after][0] + ((state, actor) in left),
                                (actor, *best[after][1])) for actor, after in branches(state)),
                              default=(0, ()))
        order = best[first][1]
        orders.append(order)
        state = first
        for actor in order:
            left.discard((state, actor))
            state = dict(branches(state))[actor]
    return orders


def orders_to_run(setup: str) -> List[Order]:
    """All orders of a setup, or a cover."""
    return (every_order if setup in WHOLE else cover)(SETUPS[setup])
