"""What the orders of one writer and one reader lead to: each outcome that there is, and why."""
from __future__ import annotations

from typing import Dict, Iterable, List, NamedTuple, Tuple

from harness.driver.contract import MESSAGE

from harness.interleavings.changing import SEQUENCE, UNPROTECTED
from harness.interleavings.orders import Order, Pairs, number_of
from harness.interleavings.robust import ROBUST
from harness.interleavings.stage import Story, Taken
from harness.interleavings.steps import DOCUMENTED, Kind

#: What the reader got (the box's text, or its error), and how far the writer was at that moment.
Key = Tuple[str, str]


class Outcome(NamedTuple):
    """One thing that can happen. `orders` is how many orders must lead to it; `sign` and `colour`
    stand for it in tables and in the picture."""

    key: Key
    orders: int
    sign: str
    colour: str
    sees: str
    cause: str


BEFORE, HOLDS, CLOSED = "before", "holds", "closed"

Outcomes = Tuple[Outcome, ...]

OUTCOMES: Outcomes = (
    Outcome(("error 2", BEFORE), 7, "2<", "#b3261e",
            "\"Could not open file mapping object (2).\": too early",
            "The reader opens the name before the writer has created the object."),
    Outcome(("", HOLDS), 161, "[ ]", "#9a6700",
            "an empty message box",
            "The object exists, and is still all zero: its name can be opened before the message "
            "is copied, and the reader has no way to know."),
    Outcome((MESSAGE, HOLDS), 220, "M", "#2e7d4f",
            f"\"{MESSAGE}\"",
            "The message box opens after the copy, while the writer still has the object open."),
    Outcome((MESSAGE, CLOSED), 74, "M>", "#2f6fb3",
            f"\"{MESSAGE}\", though the writer has closed the object",
            "The reader's own handle keeps the object and its bytes alive."),
    Outcome(("error 2", CLOSED), 3, "2>", "#7a3b8f",
            "\"Could not open file mapping object (2).\": too late",
            "The writer has closed the last handle, so the object and its name are gone."),
)

#: Those of the robust pair.
ROBUST_OUTCOMES: Outcomes = (
    Outcome(("error 1460", BEFORE), 33, "T<", "#9a6700",
            "\"Could not get a message (no writer in time)\": before there is a writer",
            "The reader's limit passes before the writer has created the object."),
    Outcome(("error 1460", HOLDS), 198, "T", "#7a5c00",
            "\"Could not get a message (no writer in time)\": while there is a writer",
            "The limit passes before the writer says that its message is complete, or the reader "
            "comes after the writer has taken that back in order to end."),
    Outcome((MESSAGE, HOLDS), 336, "M", "#2e7d4f",
            f"\"{MESSAGE}\"",
            "The reader has copied a complete message, and the writer still holds the object."),
    Outcome((MESSAGE, CLOSED), 714, "M>", "#2f6fb3",
            f"\"{MESSAGE}\", though the writer has closed the object",
            "The reader has opened the object in time, or has already copied the message."),
    Outcome(("error 2", CLOSED), 84, "2>", "#7a3b8f",
            "\"Could not open the shared memory (has its writer ended?)\"",
            "The writer closes the object after the reader was told that it is there, and before "
            "the reader opens it. Until its limit passes, the reader waits for another writer."),
    Outcome(("error 1460", CLOSED), 54, "T>", "#b3261e",
            "\"Could not get a message (no writer in time)\": after the writer",
            "The reader comes when the writer has gone, and waits until its limit passes."),
)


#: Those of the pair whose record changes: without protection, and with a sequence counter.
LATE = Outcome(("error 2", CLOSED), 3, "2>", "#7a3b8f",
               "\"Could not open the record\": too late", "The writer has closed the object.")
UNPROTECTED_OUTCOMES: Outcomes = (
    Outcome(("error 2", BEFORE), 7, "2<", "#b3261e", "\"Could not open the record\": too early",
            "The writer has not created the object yet."),
    Outcome(("--", ""), 51, "--", "#9a6700", "the record before the change",
            "The reader reads before the change begins."),
    Outcome(("x-: half of a change", ""), 30, "x-", "#b3261e", "half of a change",
            "The reader reads between the two halves."),
    Outcome(("xx", ""), 40, "xx", "#2e7d4f", "the record after the change",
            "The reader reads after the change."),
    LATE)
SEQUENCE_OUTCOMES: Outcomes = (
    *UNPROTECTED_OUTCOMES[:2],
    Outcome(("error 1460", HOLDS), 12, "T", "#7a5c00", "\"Could not read the record\"",
            "The reader comes between the two halves, and its limit passes before the change is "
            "complete."),
    UNPROTECTED_OUTCOMES[3]._replace(
        orders=58,
        cause="The reader reads after the change, or comes between its halves and waits."),
    LATE)


def outcomes_of(kind: Kind) -> Outcomes:
    """All that can happen with a pair of that kind."""
    return next(outcomes for known, outcomes in (
        (DOCUMENTED, OUTCOMES), (ROBUST, ROBUST_OUTCOMES), (SEQUENCE, SEQUENCE_OUTCOMES),
        (UNPROTECTED, UNPROTECTED_OUTCOMES)) if known == kind)


def foretell(start: Pairs, order: Order) -> Story:
    """The story of an order as the model has it."""
    story: List[Taken] = []
    for actor in order:
        step = start.next(actor)
        assert step
        start, predicted = start.take(actor)
        story.append(Taken(actor, step, predicted, predicted, start))
    return tuple(story)


def outcome_of(story: Story) -> Key:
    """What happened in the story of one writer and one reader."""
    for actor, step, _, seen, after, _ in story:
        moment = (BEFORE if not after.objects else
                  HOLDS if "w" in after.objects[-1].handles else CLOSED)
        if step.name == "open" and not seen.succeeded:
            return f"error {seen.error}", moment
        if step.name == "lapse":
            return "error 1460", moment
        if step.shows:
            return seen.box or "", moment
        if actor == "r" and seen.end:
            return seen.end[1].strip(), ""
    raise AssertionError("the reader has neither failed nor shown anything")


def name_freed_by(story: Story) -> str:
    """The actor whose closing left the name free for good."""
    return next(taken.actor for before, taken in zip(story[-2::-1], story[::-1])
                if before.seen.handles and not taken.seen.handles)


def grouped(stories: Iterable[Story]) -> Dict[Key, List[Story]]:
    """The stories by their outcome."""
    groups: Dict[Key, List[Story]] = {}
    for story in stories:
        groups.setdefault(outcome_of(story), []).append(story)
    return groups


def order_of(story: Story) -> Order:
    """The order that the story tells of."""
    return tuple(taken.actor for taken in story)


def shortest(start: Pairs, stories: Iterable[Story]) -> Order:
    """The order with the fewest steps, then with the fewest changes from one program to another."""
    def length(order: Order) -> Tuple[int, int, int]:
        changes = sum(one != other for one, other in zip(order, order[1:]))
        return len(order), changes, number_of(start, order)
    return min(map(order_of, stories), key=length)


def table(start: Pairs, stories: Iterable[Story]) -> List[Dict[str, object]]:
    """A row for each outcome, with the number of orders that led there and the shortest of them,
    for a report."""
    groups = grouped(stories)
    return [{"sign": outcome.sign, "colour": outcome.colour, "sees": outcome.sees,
             "cause": outcome.cause, "orders": len(groups[outcome.key]),
             "shortest": "".join(shortest(start, groups[outcome.key]))}
            for outcome in outcomes_of(start.kind) if outcome.key in groups]


def wrong_counts(stories: Iterable[Story], kind: Kind = DOCUMENTED) -> List[str]:
    """What is wrong with the outcomes of all orders: one that is missing, has another number of
    orders than it must, or should not be there."""
    counts = {key: len(found) for key, found in grouped(stories).items()}
    due = {outcome.key: outcome.orders for outcome in outcomes_of(kind)}
    return [f"the outcome {key}: {due.get(key, 0)} orders expected, {counts.get(key, 0)} seen"
            for key in {**due, **counts} if due.get(key, 0) != counts.get(key, 0)]
