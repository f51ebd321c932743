"""What the exercises ask of a reader. Each check raises Wrong where a student's reader does
something else; the check itself takes the part of the writer."""
from __future__ import annotations

import struct
import time
from typing import Optional

from harness.driver.contract import BUF_SIZE, encode
from harness.driver.waiting import Countdown
from harness.driver.win32.calls import Call
from harness.driver.win32.constants import FILE_MAP_READ, WAIT_TIMEOUT, named
from harness.judge.calls import BOX, OBJECT, VIEW
from harness.lessons.exercises.examining import INFINITE, WAITS, Examination, Run
from harness.lessons.exercises.objects import Event, Mutex

#: The time limit of the exercise `limit`; what a wait may differ from it, and a loop of waits; and
#: how much longer a busy machine may take until a program that has given up has ended. In seconds.
LIMIT, CLOCK, LOOP, BUSY = 5.0, 0.1, 0.6, 5.0
#: A wait that is shorter is one of many, in milliseconds.
SHORT = 250
WAIT_ABANDONED = 0x80
#: The exit codes of exceptions begin here.
CRASHES = 0x80000000
#: The argument with the access rights.
RIGHTS = {"OpenFileMapping": 0, "MapViewOfFile": 1, "MapViewOfFileEx": 1, "MapViewOfFileExNuma": 1}


def read_only(exam: Examination) -> None:
    """The reader shows whatever message there is, and asks for the right to read only."""
    for size in (3, 48):
        text = exam.text(exam.unit * (size + exam.random.randrange(size)))
        exam.object(text + bytes(exam.unit))
        run = exam.start()
        hint = "show the text that is in the view, whatever it is"
        run.until(lambda: run.program.boxes() or run.program.ended(), "it shows a message box",
                  hint)
        calls = run.calls(*OBJECT, *VIEW)
        for call in calls:
            place = RIGHTS.get(call.function)
            rights = call.arguments[place] if place is not None else None
            run.agree(f"access rights that {call.name} asks for", "the right to read, and no other",
                      "the right to read, and no other" if rights == FILE_MAP_READ else
                      named("FILE_MAP", rights) if isinstance(rights, int) else "to create it",
                      "look up the access rights of this function: which does a reader need?", call)
        box = run.shows(text, hint)
        if not {call.function for call in calls} & set(VIEW):
            run.wrong("calls that get the view", "one", "none that can be seen",
                      "call OpenFileMapping and MapViewOfFile by their names")
        run.answers(box)
        exam.clear()


def length_reader(exam: Examination) -> None:
    """The reader shows as many bytes as the length says, and refuses a length that is too large."""
    room = BUF_SIZE - 4
    middle = exam.unit * exam.random.randrange(10, 100)
    for size in (middle, room, exam.unit, 0, room - exam.unit):
        text = exam.text(size)
        mapping = exam.object(struct.pack("<I", size) + text)
        before = mapping.read(mapping.region)
        run = exam.start()
        box = run.shows(text, f"the length is {size}: show that many bytes, which no terminator "
                        f"follows; at most {room} fit behind a length")
        run.answers(box)
        run.agree("the object after the reader", before, mapping.read(len(before)),
                  "a reader changes nothing in the object: work on a copy")
        exam.clear()
    for size in (room + 1, BUF_SIZE, 0x7FFFFFFF, 0xFFFFFFFF,
                 exam.random.randrange(BUF_SIZE, 1 << 31)):
        mapping = exam.object(struct.pack("<I", size))
        before = mapping.read(mapping.region)
        run = exam.start()
        run.ends(1, f"Bad length ({size}).", f"compare the length, a number without a sign, with "
                 f"what fits: {size} bytes do not")
        run.agree("the object after the reader", before, mapping.read(len(before)),
                  "a reader changes nothing in the object")
        exam.clear()


# Events -------------------------------------------------------------------------------------


def milliseconds(call: Call) -> int:
    """How long that wait may take."""
    time_limit = call.arguments[WAITS[call.function]]
    assert isinstance(time_limit, int)
    return time_limit


def is_many(call: Call) -> bool:
    """Whether that wait is for more than one object."""
    count = call.arguments[0]
    return call.function.startswith("WaitForMultiple") and isinstance(count, int) and count > 1


def waits(run: Run, what: str, hint: str) -> Optional[Call]:
    """The reader waits, for long and for the first time; that call. None where it waits in a
    function that is not traced."""
    waiting = f"it waits for the {what}"

    def looked() -> bool:
        calls = run.calls(*WAITS)
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
    return run.blocked(*WAITS)


def opens_nothing(run: Run) -> None:
    """The reader has not opened the object yet, and shows nothing."""
    early = next(iter(run.calls(*OBJECT)), None)
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
    if limit and call and not is_many(call) and milliseconds(call) > 1000 * LIMIT:
        first.wrong("how long it waits", f"{LIMIT:g} s", "for ever" if milliseconds(call) ==
                    INFINITE else f"{milliseconds(call)} ms", "a time limit is an argument of the "
                    "wait, in milliseconds", call)
    opens_nothing(first)
    event = exam.find(Event)
    creates = "CreateEvent", "CreateEventEx", "OpenEvent"
    if not event:
        first.wrong("name of the event", exam.name("MyFileMappingReady"), first.names(*creates),
                    "both programs create the event, whichever comes first", next(iter(
                        first.calls(*creates)), None))
    first.agree("kind and state of the event that it creates", "manual-reset, not set",
                f"{'manual' if event.manual else 'auto'}-reset, {'not ' * (not event.is_set)}set",
                "look up what the second and the third argument of CreateEvent mean",
                next(iter(first.calls(*creates)), None))
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
    alone = call and limit and not is_many(call) and milliseconds(call) == 1000 * LIMIT
    looks_at_result(exam, call, gave_up() if alone else "")
    exam.clear()


def looks_at_result(exam: Examination, call: Optional[Call], line: str = "") -> None:
    """A reader whose wait (`call`, in an earlier run) returns WAIT_TIMEOUT shows nothing; if there
    is a `line`, it prints that. A wait without a time limit does not return that."""
    if not call or milliseconds(call) == INFINITE:
        return
    run = exam.start(fail=call.function, result=WAIT_TIMEOUT)
    hint = "look at what the wait has returned before you go on"
    if line:
        run.ends(1, line, hint)
    expected = "it fails, or waits again"
    run.until(lambda: run.program.ended() or run.program.boxes()
              or len(run.calls(*WAITS)) > 1 and run.blocked(*WAITS), expected, hint)
    ended, outcome = run.program.status()
    crashed = ended and outcome.code not in range(1, CRASHES)
    if crashed or run.program.boxes():
        run.wrong("what it does when its wait has returned WAIT_TIMEOUT", expected, run.doing(),
                  hint, next(iter(run.calls(*BOX)), None))


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
    over = [wait for wait in run.calls(*WAITS) if wait.result == WAIT_TIMEOUT]
    # A program with a timer of its own has no other time limit than the clock. The clock of a busy
    # machine shows too much, never too little.
    own_timer = call and is_many(call)
    asked = waited if own_timer else sum(map(milliseconds, over)) / 1000
    shown = asked if waited > LIMIT - CLOCK else min(waited, asked)
    if abs(shown - LIMIT) > (CLOCK if len(over) == 1 and not own_timer else LOOP):
        run.wrong("how long it waits", f"{LIMIT:g} s", f"{shown:.1f} s", hint, call)
    run.ends(1, gave_up(), hint)


# Mutexes ------------------------------------------------------------------------------------


def record(letters: str) -> bytes:
    """The record of the exercise `changing`: a 32-bit number for each of its two halves."""
    return struct.pack("<II", *map(ord, letters))


def changing_reader(exam: Examination) -> None:
    """The reader copies the record while it owns the mutex, and shows the copy when it does not."""
    hint = "own the mutex while you copy the record, and give it back before you show the copy"
    old, new, later = (exam.letter() + exam.letter().upper() for _ in range(3))
    mutex = exam.create(Mutex)
    mutex.take()
    try:
        mapping = exam.object(record(new[0] + old[1]))
        before = mapping.read(mapping.region)
        run = exam.start(hold=True)
        run.free()
        call = waits(run, "mutex, while the record is half changed", hint)
        run.program.go()
        mapping.write(record(new))
    finally:
        mutex.release()
    for place in run.steps():
        gives = place.call and place.call.function == "ReleaseMutex" and place.call.result is None
        if gives:
            mapping.write(record(later))
            break
    else:
        if run.blocked(*BOX):
            run.wrong("the mutex while the message box is open", "free", mutex.state, hint)
    run.free()
    box = run.shows(shown(new, exam), "show the copy that you made while you owned the mutex")
    run.agree("the mutex while the message box is open", "free", mutex.state, hint)
    run.answers(box)
    run.agree("the object after the reader", record(later) + before[8:],
              mapping.read(mapping.region), "a reader changes nothing in the object")
    exam.clear()
    exam.object(record(new))
    run = exam.start()
    box = run.shows(shown(new, exam), "both programs create the mutex, whichever comes first")
    if not exam.find(Mutex):
        run.wrong("name of the mutex", exam.name("MyFileMappingLock"), run.names(
            "CreateMutex", "CreateMutexEx", "OpenMutex"), "both programs create the mutex")
    run.answers(box)
    looks_at_result(exam, call)
    if call:
        run = exam.start(fail=call.function, result=WAIT_ABANDONED)
        run.ends(1, "The writer has died.", "look at what the wait has returned: the system says "
                 "when the owner of a mutex has ended without giving it back")


def shown(letters: str, exam: Examination) -> bytes:
    """The record as the reader shows it."""
    return encode(letters, exam.half.charset)
