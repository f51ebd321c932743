"""Lists the setups of the page, their states, and orders that reach all states."""
from __future__ import annotations

from typing import Dict, List, Tuple

from harness.interleavings.documented import DOCUMENTED
from harness.interleavings.model import State, start
from harness.interleavings.orders import PAIRS, branches, every_order
from harness.interleavings.pairs import Order

#: The start state of every setup, by its name in the page's address.
SETUPS: Dict[str, State] = {
    "pair": start(DOCUMENTED),
    "mixed": start(DOCUMENTED, w="unicode", r="ansi"),
    "writers": start(DOCUMENTED, w1="ansi", w2="unicode", r="unicode"),
    **{name: start(PAIRS[name]) for name in ("robust", "unprotected", "sequence")}}
#: The setups whose orders are all run. For the others, which differ from the pair only in their
#: processes, enough orders are run to take every step from every state.
WHOLE = ("pair", "robust", "unprotected", "sequence")


def states(first: State) -> List[State]:
    """Return every reachable state once, after all states that lead to it."""
    found: Dict[State, None] = {first: None}
    level = [first]
    while level:
        level = list(dict.fromkeys(after for before in level for _, after in branches(before)))
        for state in level:
            found.pop(state, None)  # A longer order may lead to it, too: move it back.
            found[state] = None
    return list(found)


def cover(first: State) -> List[Order]:
    """Return orders that together take every possible step from every state. Each is the order with
    the most steps that no earlier one takes."""
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
    """Return all orders of a setup, or a cover."""
    return (every_order if setup in WHOLE else cover)(SETUPS[setup])
