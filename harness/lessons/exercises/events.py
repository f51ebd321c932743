"""Checks programs for the exercises event and limit. A check plays the other program, and raises
Wrong if the student's program does something else."""
from __future__ import annotations

import time

from harness.driver.contract import BUF_SIZE
from harness.driver.waiting import Countdown
from harness.driver.win32.calls import Call
from harness.driver.win32.constants import WAIT_TIMEOUT
from harness.driver.win32.objects import Mapping
from harness.judge.calls import BOX, OBJECT
from harness.lessons.exercises.examining import AS_BEFORE, CREATES, INFINITE, WAITS, Run
from harness.lessons.exercises.setting import Event, Examination

#: The time limit of the exercise `limit`; the tolerance for one wait, and for a loop of waits; and
#: how much later a program may end on a busy machine after it gave up. In seconds.
LIMIT, CLOCK, LOOP, BUSY = 5.0, 0.1, 0.6, 4.0
GAVE_UP = f"No message within {LIMIT:g} s."
#: A shorter wait counts as one of a polling loop, in milliseconds.
SHORT = 250
#: The exit codes of exceptions begin here.
CRASHES = 0x80000000


def event_writer(exam: Examination) -> None:
    """Check that the writer sets the event when the message is complete, and not before."""
    hint = "set the event once, after the whole copy, and leave it set while you wait for the key"
    run = Run(exam, hold=True)
    event = mapping = None
    for place in run.steps():
        event = event or exam.find(Event)
        mapping = mapping or exam.find(Mapping)
        if event and event.state == "set" and not (mapping and exam.documented == (
                mapping if mapping.region else mapping.map()).read(BUF_SIZE)):
            run.wrong("the event while the message is not complete", "not set", "set",
                      "check where you set the event, and the third argument of CreateEvent",
                      place.call)
    event = event or run.created(Event)
    run.agree("kind of the event that it creates", "manual-reset",
              "manual-reset" if event.manual else "auto-reset", "a manual-reset event releases "
              "every reader and stays set; look up the arguments of CreateEvent",
              run.first(*CREATES[Event]))
    event.close()
    event = exam.find(Event)
    run.agree("the event while the writer waits for its key", "set",
              event.state if event else "gone", hint)
    mapping = mapping or run.created(Mapping).map()
    run.agree("bytes of the object", exam.documented, mapping.read(BUF_SIZE), AS_BEFORE)
    run.keeps(mapping)
    run.free()
    run.rests()
    run.quits()
    exam.host.sweep()
    event = exam.create(Event)
    run = Run(exam)
    run.rests()
    run.agree("the event that was there before the writer", "set", event.state,
              "the reader may have created the event first: set it in that case too")
    run.quits()


def milliseconds(call: Call) -> int:
    """Return the time limit of that wait in milliseconds."""
    time_limit = call.arguments[WAITS[call.function]]
    assert isinstance(time_limit, int)
    return time_limit


def is_many(call: Call) -> bool:
    """Return whether that wait is for more than one object."""
    count = call.arguments[0]
    return call.function.startswith("WaitForMultiple") and isinstance(count, int) and count > 1


def waits(run: Run, what: str, hint: str) -> Call:
    """Wait until the reader makes its first long wait, and return that call. Raises Wrong if it
    polls or shows a message box instead."""
    waiting = f"it waits for the {what}"

    def looked() -> bool:
        calls = run.wait_calls()
        over = [call for call in calls if call.result is not None and milliseconds(call) < SHORT]
        if len(over) > 1:
            run.wrong("how it waits", f"one call that waits for the {what}",
                      f"{len(over)} waits of {milliseconds(over[0])} ms and less",
                      "let the system wake your program: a loop of short waits is polling",
                      over[-1])
        return bool(run.program.boxes() or calls and calls[-1].result is None
                    and milliseconds(calls[-1]) >= SHORT)

    run.until(looked, waiting, hint)
    if run.program.boxes():
        run.wrong("what it does", waiting, run.doing(), hint)
    return run.wait_calls()[-1]


def opens_nothing(run: Run) -> None:
    """Check that the reader has not opened the object yet, and shows nothing."""
    early = run.first(*OBJECT)
    hint = "wait first, then open: before the event is set, the message may be missing or half done"
    if early:
        run.wrong("what it does before the event is set", "it only waits",
                  f"it calls {early.name}", hint, early)
    if run.program.boxes() or run.program.ended():
        run.wrong("what it does before the event is set", "it waits", run.doing(), hint)


def event_reader(exam: Examination, limit: bool = False) -> None:
    """Check that readers started before the message wait for the event, that a later one does not
    wait, and that all show the message."""
    hint = "wait for the event before you open the file mapping object, with one call" + \
        f" that takes {LIMIT:g} s at most, and no less" * limit
    first = Run(exam)
    call = waits(first, "event", hint)
    if limit and not is_many(call) and milliseconds(call) > 1000 * LIMIT:
        first.wrong("how long it waits", f"{LIMIT:g} s", "for ever" if milliseconds(call) ==
                    INFINITE else f"{milliseconds(call)} ms", "the time limit is an argument of "
                    "the wait function, in milliseconds", call)
    opens_nothing(first)
    event = first.created(Event)
    first.agree("kind and state of the event that it creates", "manual-reset, not set",
                f"{'manual' if event.manual else 'auto'}-reset, {event.state}",
                "look up the second and the third argument of CreateEvent",
                first.first(*CREATES[Event]))
    text = exam.text(exam.unit * exam.random.randrange(20, 100))
    mapping = exam.object(text[:exam.unit * 9].ljust(BUF_SIZE, b"\0"))
    second = Run(exam)
    waits(second, "event", hint)
    for run in (first, second):
        opens_nothing(run)
    mapping.write(text)
    event.set()
    hint = "the event is set: it releases every reader, and stays set for later ones"
    boxes = [(run, run.shows(text, hint)) for run in (first, second)]
    late = Run(exam)
    boxes.append((late, late.shows(text, hint)))
    for run, box in boxes:
        run.answers(box)
    late.agree("the event after the readers", "set", event.state, hint)
    exam.host.sweep()
    exam.create(Event)
    exam.object(text + bytes(exam.unit))
    alone = limit and not is_many(call) and milliseconds(call) == 1000 * LIMIT
    looks_at_result(exam, call, GAVE_UP if alone else "")
    exam.host.sweep()


def looks_at_result(exam: Examination, call: Call, line: str = "") -> None:
    """Check that a reader whose wait (`call`, of an earlier run) returns WAIT_TIMEOUT shows nothing
    and prints `line`, if any. A wait without a time limit never returns WAIT_TIMEOUT."""
    if milliseconds(call) == INFINITE:
        return
    run = Run(exam, fail=call.function, result=WAIT_TIMEOUT)
    hint = "check what the wait returned before you continue"
    if line:
        run.ends(1, line, hint)
    expected = "it fails, or waits again"
    run.until(lambda: run.program.ended() or run.program.boxes()
              or len(run.wait_calls()) > 1, expected, hint)
    ended, outcome = run.program.status()
    crashed = ended and outcome.code not in range(1, CRASHES)
    if crashed or run.program.boxes():
        run.wrong("what it does when its wait has returned WAIT_TIMEOUT", expected, run.doing(),
                  hint, run.first(*BOX))


def limit_reader(exam: Examination) -> None:
    """Check a reader as for `event`, and that it gives up after its limit and says so."""
    event_reader(exam, limit=True)
    exam.create(Event)
    exam.object(exam.text(40) + bytes(exam.unit))
    start, countdown = time.monotonic(), Countdown(LIMIT + BUSY)
    run = Run(exam)
    hint = f"give up after {LIMIT:g} s: check the time limit of the wait and what the wait returns"
    call = waits(run, "event", hint)
    while not (run.program.ended() or run.program.boxes() or countdown.over()):
        time.sleep(0.01)
    waited = time.monotonic() - start
    if countdown.over():
        run.wrong("how long it waits", f"{LIMIT:g} s", run.doing(), hint, call)
    over = [wait for wait in run.wait_calls() if wait.result == WAIT_TIMEOUT]
    # For a program with its own timer, only the clock shows the limit: too much on a busy machine.
    own_timer = is_many(call)
    shown = waited if own_timer else sum(map(milliseconds, over)) / 1000
    if abs(shown - LIMIT) > (CLOCK if len(over) == 1 and not own_timer else LOOP):
        run.wrong("how long it waits", f"{LIMIT:g} s", f"{shown:.1f} s", hint, call)
    run.ends(1, GAVE_UP, hint)
