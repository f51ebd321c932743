"""Determines the outcomes of orders, predicted or real."""
from __future__ import annotations

from typing import Dict, Iterable, List, Tuple

from harness.interleavings.model import State, who
from harness.interleavings.orders import every_order, number_of
from harness.interleavings.pairs import BEFORE, CLOSED, HOLDS, Key, Order, PairModel
from harness.interleavings.replay import Run, StepResult


def predict(state: State, order: Order) -> Run:
    """Return the run of an order as the model predicts it."""
    run: List[StepResult] = []
    for actor in order:
        step = state.next(actor)
        assert step
        state, predicted = state.take(actor)
        run.append(StepResult(actor, step, predicted, predicted, state))
    return tuple(run)


def predict_all(state: State) -> List[Run]:
    """Return the runs of all orders from this state, as the model predicts them."""
    return [predict(state, order) for order in every_order(state)]


def outcome_of(run: Run) -> Key:
    """Return the outcome of a run of one writer and its readers."""
    readers = sorted({result.actor for result in run if result.actor[0] == "r"})
    got = [_got(run, reader) for reader in readers]
    return got[0] if len(got) == 1 else (", ".join(sorted(what for what, _ in got)), "")


def _got(run: Run, reader: str) -> Key:
    for actor, step, _, seen, after, _ in run:
        if who(actor) != reader:
            continue
        moment = (BEFORE if not after.objects else
                  HOLDS if "w" in after.objects[-1].handles else CLOSED)
        if step.name == "open" and not seen.succeeded:
            return f"error {seen.error}", moment
        if step.name == "lapse":
            return "error 1460", moment
        if step.shows:
            return seen.box or "", moment
        if seen.end:
            return seen.end[1].strip(), ""
    raise AssertionError("the reader has neither failed nor shown anything")


def name_freed_by(run: Run) -> str:
    """Return the actor whose CloseHandle removed the name for good."""
    return next(result.actor for before, result in zip(run[-2::-1], run[::-1])
                if before.seen.handles and not result.seen.handles)


def grouped(runs: Iterable[Run]) -> Dict[Key, List[Run]]:
    """Return the runs by outcome."""
    groups: Dict[Key, List[Run]] = {}
    for run in runs:
        groups.setdefault(outcome_of(run), []).append(run)
    return groups


def order_of(run: Run) -> Order:
    """Return the order of the run."""
    return tuple(result.actor for result in run)


def shortest(state: State, runs: Iterable[Run]) -> Order:
    """Return the order with the fewest steps, then the fewest switches between programs."""
    def length(order: Order) -> Tuple[int, int, int]:
        changes = sum(one != other for one, other in zip(order, order[1:]))
        return len(order), changes, number_of(state, order)
    return min(map(order_of, runs), key=length)


def wrong_counts(runs: Iterable[Run], pair: PairModel) -> List[str]:
    """Return a message for each outcome with a wrong number of orders, missing and unexpected ones
    included."""
    counts = {key: len(found) for key, found in grouped(runs).items()}
    due = {outcome.key: outcome.orders for outcome in pair.outcomes}
    return [f"the outcome {key}: {due.get(key, 0)} orders expected, {counts.get(key, 0)} seen"
            for key in {**due, **counts} if due.get(key, 0) != counts.get(key, 0)]
