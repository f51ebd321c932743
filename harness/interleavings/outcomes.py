"""What the orders of one writer and one reader lead to, by the model or as seen."""
from __future__ import annotations

from typing import Dict, Iterable, List, Tuple

from harness.interleavings.model import BEFORE, CLOSED, HOLDS, Key, Order, PairModel, State, who
from harness.interleavings.orders import every_order, number_of
from harness.interleavings.replay import Run, StepResult


def predict(state: State, order: Order) -> Run:
    """The run of an order as the model has it."""
    run: List[StepResult] = []
    for actor in order:
        step = state.next(actor)
        assert step
        state, predicted = state.take(actor)
        run.append(StepResult(actor, step, predicted, predicted, state))
    return tuple(run)


def predict_all(state: State) -> List[Run]:
    """The runs of all orders from there on, as the model has them."""
    return [predict(state, order) for order in every_order(state)]


def outcome_of(run: Run) -> Key:
    """What happened in the run of one writer and its readers."""
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
    """The actor whose closing left the name free for good."""
    return next(result.actor for before, result in zip(run[-2::-1], run[::-1])
                if before.seen.handles and not result.seen.handles)


def grouped(runs: Iterable[Run]) -> Dict[Key, List[Run]]:
    """The runs by their outcome."""
    groups: Dict[Key, List[Run]] = {}
    for run in runs:
        groups.setdefault(outcome_of(run), []).append(run)
    return groups


def order_of(run: Run) -> Order:
    """The order of the run."""
    return tuple(result.actor for result in run)


def shortest(state: State, runs: Iterable[Run]) -> Order:
    """The order with the fewest steps, then with the fewest changes from one program to another."""
    def length(order: Order) -> Tuple[int, int, int]:
        changes = sum(one != other for one, other in zip(order, order[1:]))
        return len(order), changes, number_of(state, order)
    return min(map(order_of, runs), key=length)


def table(state: State, runs: Iterable[Run]) -> List[Dict[str, object]]:
    """A row for each outcome, with the number of orders that led there and the shortest of them,
    for a report."""
    groups = grouped(runs)
    return [{"sign": outcome.sign, "colour": outcome.colour, "sees": outcome.sees,
             "cause": outcome.cause, "orders": len(groups[outcome.key]),
             "shortest": "".join(shortest(state, groups[outcome.key]))}
            for outcome in state.pair.outcomes if outcome.key in groups]


def wrong_counts(runs: Iterable[Run], pair: PairModel) -> List[str]:
    """What is wrong with the outcomes of all orders: one that is missing, has another number of
    orders than it must, or should not be there."""
    counts = {key: len(found) for key, found in grouped(runs).items()}
    due = {outcome.key: outcome.orders for outcome in pair.outcomes}
    return [f"the outcome {key}: {due.get(key, 0)} orders expected, {counts.get(key, 0)} seen"
            for key in {**due, **counts} if due.get(key, 0) != counts.get(key, 0)]
