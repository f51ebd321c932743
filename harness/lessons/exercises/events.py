"""What the exercises event and limit ask of both programs. A check raises Wrong where one does
something else; it plays the other program itself."""
from __future__ import annotations

import time
from typing import Optional

from harness.driver.contract import BUF_SIZE
from harness.driver.waiting import Countdown
from harness.driver.win32.calls import Call
from harness.driver.win32.constants import WAIT_TIMEOUT
from harness.judge.calls import BOX, OBJECT
from harness.lessons.exercises.examining import CREATES, INFINITE, WAITS, Examination, Run
from harness.lessons.exercises.objects import Event
from harness.lessons.exercises.writers import agree_message, holds_message

#: The time limit of the exercise `limit`; what a wait may differ from it, and a loop of waits; and
#: how much longer a busy machine may take until a program that has given up has ended. In seconds.
LIMIT, CLOCK, LOOP, BUSY = 5.0, 0.1, 0.6, 4.0
#: A wait that is shorter is one of many, in milliseconds.
SHORT = 250
#: The exit codes of exceptions begin here.
CRASHES = 0x80000000


def event_writer(exam: Examination) -> None:
    """The writer sets the event when the message is complete, and not before."""
    hint = "set the event once, after the whole copy, and leave it set while you wait for the key"
    run = exam.start(hold=True)
    event = mapping = None
    for place in run.steps():
        event = event or exam.find(Event)
        mapping = mapping or exam.host.find(exam.words.name)
        if event and event.is_set and not (mapping and holds_message(
                exam, mapping if mapping.region else mapping.map())):
            run.wrong("the event while the message is not complete", "not set", "set",
                      "look at where the event is set, and at the third argument of CreateEvent",
                      place.call)
    event = event or run.created(Event)
    run.agree("kind of the event that it creates", "manual-reset",
              "manual-reset" if event.manual else "auto-reset", "a manual-reset event releases "
              "every reader and stays set; look up the arguments of CreateEvent",
              run.first(*CREATES[Event]))
    event.close()
    run.agree("the event while the writer waits for its key", "set", state(exam.find(Event)), hint)
    mapping = mapping or run.opened()
    agree_message(run, mapping)
    run.keeps(mapping)
    run.free()
    run.rests()
    run.quits()
    exam.clear()
    event = exam.create(Event)
    run = exam.start()
    run.rests()
    run.agree("the event that was there before the writer", "set", state(event),
              "the reader may have created the event before you: set it all the same")
    run.quits()
    exam.clear()


def state(event: Optional[Event]) -> str:
    """The state of an event in words."""
    return "gone" if not event else "set" if event.is_set else "not set"


def milliseconds(call: Call) -> int:
    """How long that wait may take."""
    time_limit = call.arguments[WAITS[call.function]]
    assert isinstance(time_limit, int)
    return time_limit


def is_many(call: Call) -> bool:
    """Whether that wait is for more than one object."""
    count = call.arguments[0]
    return call.function.startswith("WaitForMultiple") and isinstance(count, int) and count > 1


def waits(run: Run, what: str, hint: str) -> Call:
    """The reader waits, for long and for the first time; that call."""
    waiting = f"it waits for the {what}"

    def looked() -> bool:
        calls = run.wait_calls()
        over = [call for call in calls if call.result is not None and milliseconds(call) < SHORT]
        if len(over) > 1:
            run.wrong("how it waits", f"one call that waits for the {what}",
                      f"{len(over)} waits of {milliseconds(over[0])} ms and less",
                      "let the system wake your program up: a loop of short waits is none",
                      over[-1])
        return bool(run.program.boxes() or calls and calls[-1].result is None
                    and milliseconds(calls[-1]) >= SHORT)

    run.until(looked, waiting, hint)
    if run.program.boxes():
        run.wrong("what it does", waiting, run.doing(), hint)
    return run.wait_calls()[-1]


def opens_nothing(run: Run) -> None:
    """The reader has not opened the object yet, and shows nothing."""
    early = run.first(*OBJECT)
    hint = "first wait, then open: until the event is set there may be no object, or half a message"
    if early:
        run.wrong("what it does before the event is set", "it only waits",
                  f"it calls {early.name}", hint, early)
    if run.program.boxes() or run.program.ended():
        run.wrong("what it does before the event is set", "it waits", run.doing(), hint)


def event_reader(exam: Examination, limit: bool = False) -> None:
    """Readers that come before the message wait for the event, a later one does not; whoever is
    released shows the message."""
    hint = "wait for the event before you open the file mapping object, with one call" + \
        f" that takes {LIMIT:g} s at most, and no less" * limit
    first = exam.start()
    call = waits(first, "event", hint)
    if limit and not is_many(call) and milliseconds(call) > 1000 * LIMIT:
        first.wrong("how long it waits", f"{LIMIT:g} s", "for ever" if milliseconds(call) ==
                    INFINITE else f"{milliseconds(call)} ms", "a time limit is an argument of the "
                    "wait, in milliseconds", call)
    opens_nothing(first)
    event = first.created(Event)
    first.agree("kind and state of the event that it creates", "manual-reset, not set",
                f"{'manual' if event.manual else 'auto'}-reset, {'not ' * (not event.is_set)}set",
                "look up what the second and the third argument of CreateEvent mean",
                first.first(*CREATES[Event]))
    text = exam.text(exam.unit * exam.random.randrange(20, 100))
    mapping = exam.object(text[:exam.unit * 9], bytes(BUF_SIZE))
    second = exam.start()
    waits(second, "event", hint)
    for run in (first, second):
        opens_nothing(run)
    mapping.write(text)
    event.set()
    hint = "the event is set: it releases every reader, and stays set for those that come later"
    boxes = [(run, run.shows(text, hint)) for run in (first, second)]
    late = exam.start()
    boxes.append((late, late.shows(text, hint)))
    for run, box in boxes:
        run.answers(box)
    late.agree("the event after the readers", "set", "set" if event.is_set else "not set", hint)
    exam.clear()
    exam.create(Event)
    exam.object(text + bytes(exam.unit))
    alone = limit and not is_many(call) and milliseconds(call) == 1000 * LIMIT
    looks_at_result(exam, call, gave_up() if alone else "")
    exam.clear()


def looks_at_result(exam: Examination, call: Call, line: str = "") -> None:
    """A reader whose wait (`call`, in an earlier run) returns WAIT_TIMEOUT shows nothing; if there
    is a `line`, it prints that. A wait without a time limit does not return that."""
    if milliseconds(call) == INFINITE:
        return
    run = exam.start(fail=call.function, result=WAIT_TIMEOUT)
    hint = "look at what the wait has returned before you go on"
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


def gave_up() -> str:
    """What a reader prints that gives up."""
    return f"No message within {LIMIT:g} s."


def limit_reader(exam: Examination) -> None:
    """A reader gives up after its limit and says so, and not before; else it is as in `event`."""
    event_reader(exam, limit=True)
    exam.create(Event)
    exam.object(exam.text(40) + bytes(exam.unit))
    start, countdown = time.monotonic(), Countdown(LIMIT + BUSY)
    run = exam.start()
    hint = f"give up after {LIMIT:g} s: look at the time limit of the wait and at what it returns"
    call = waits(run, "event", hint)
    while not (run.program.ended() or run.program.boxes() or countdown.over()):
        time.sleep(0.01)
    waited = time.monotonic() - start
    if countdown.over():
        run.wrong("how long it waits", f"{LIMIT:g} s", run.doing(), hint, call)
    over = [wait for wait in run.wait_calls() if wait.result == WAIT_TIMEOUT]
    # A program with a timer of its own has no other time limit than the clock. The clock of a busy
    # machine shows too much, never too little.
    own_timer = is_many(call)
    asked = waited if own_timer else sum(map(milliseconds, over)) / 1000
    shown = asked if waited > LIMIT - CLOCK else min(waited, asked)
    if abs(shown - LIMIT) > (CLOCK if len(over) == 1 and not own_timer else LOOP):
        run.wrong("how long it waits", f"{LIMIT:g} s", f"{shown:.1f} s", hint, call)
    run.ends(1, gave_up(), hint)
