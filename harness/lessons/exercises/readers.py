"""Checks the readers of the exercises. A check plays the writer, and raises Wrong if the student's
program does something else."""
from __future__ import annotations

import struct
import time

from harness.driver.contract import BUF_SIZE, encode
from harness.driver.waiting import Countdown
from harness.driver.win32.calls import Call
from harness.driver.win32.constants import FILE_MAP_READ, WAIT_TIMEOUT, named
from harness.judge.counting import BOX, OBJECT, VIEW
from harness.lessons.exercises.examining import CREATES, INFINITE, Run, is_many, milliseconds
from harness.lessons.exercises.setting import Event, Examination, Mutex, record

#: The index of the argument with the access rights.
RIGHTS = {"OpenFileMapping": 0, "MapViewOfFile": 1, "MapViewOfFileEx": 1, "MapViewOfFileExNuma": 1}
#: The number of bytes after a length.
ROOM = BUF_SIZE - 4
#: The time limit of the exercise `limit`; the tolerance for one wait, and for a loop of waits; and
#: how much later a program may end on a busy machine after it gave up. In seconds.
LIMIT, CLOCK, LOOP, BUSY = 5.0, 0.1, 0.6, 4.0
GAVE_UP = f"No message within {LIMIT:g} s."
#: A shorter wait counts as one of a polling loop, in milliseconds.
SHORT = 250
#: The exit codes of exceptions begin here.
CRASHES = 0x80000000
WAIT_ABANDONED = 0x80


def read_only(exam: Examination) -> None:
    """Check that the reader shows any message, and asks only for the right to read."""
    for size in (3, 48):
        text = exam.text(exam.unit * (size + exam.random.randrange(size)))
        exam.object(text + bytes(exam.unit))
        run = Run(exam)
        hint = "show whatever text is in the view"
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
            run.wrong("calls that map the view", "one", "none that can be traced",
                      "call OpenFileMapping and MapViewOfFile by their names")
        run.answers(box)
        exam.host.sweep()


def length_reader(exam: Examination) -> None:
    """Check that the reader shows as many bytes as the length says, and refuses a large length."""
    middle = exam.unit * exam.random.randrange(10, 100)
    for size in (middle, ROOM, exam.unit, 0, ROOM + 1, 0x7FFFFFFF, 0xFFFFFFFF):
        text = exam.text(size) if size <= ROOM else b""
        mapping, before = exam.object(struct.pack("<I", size) + text)
        run = Run(exam)
        if size <= ROOM:
            run.answers(run.shows(text, f"the length is {size}: show that many bytes; no terminator"
                                  f" follows them, and up to {ROOM} fit after a length"))
        else:
            run.ends(1, f"Bad length ({size}).", "compare the length, an unsigned number, with the "
                     f"room: {size} bytes do not fit")
        run.agree("the object after the reader", before, mapping.read(len(before)),
                  "a reader changes nothing in the object: work on a copy")
        exam.host.sweep()


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
                ", ".join(event.look()), "look up the second and the third argument "
                "of CreateEvent", first.first(*CREATES[Event]))
    text = exam.text(exam.unit * exam.random.randrange(20, 100))
    mapping, _ = exam.object(text[:exam.unit * 9].ljust(BUF_SIZE, b"\0"))
    second = Run(exam)
    waits(second, "event", hint)
    for run in (first, second):
        opens_nothing(run)
    mapping.write(text)
    event.win32.SetEvent(event.handle)
    hint = "the event is set: it releases every reader, and stays set for later ones"
    boxes = [(run, run.shows(text, hint)) for run in (first, second)]
    late = Run(exam)
    boxes.append((late, late.shows(text, hint)))
    for run, box in boxes:
        run.answers(box)
    late.agree("the event after the readers", "set", event.look()[1], hint)
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


def changing_reader(exam: Examination) -> None:
    """Check that the reader copies the record while it owns the mutex, and shows it afterwards."""
    hint = "own the mutex while you copy the record, and release it before you show the copy"
    letters = "".join(exam.letters(6))
    old, new, later = letters[:2], letters[2:4], letters[4:]
    shown = encode(new, exam.half.charset)
    mutex = exam.create(Mutex)
    with mutex.owned():
        mapping, before = exam.object(record(new[0] + old[1]))
        run = Run(exam, hold=True)
        run.free()
        call = waits(run, "mutex, while the record is half changed", hint)
        run.program.go()
        mapping.write(record(new))
    if run.holds_at("ReleaseMutex"):
        mapping.write(record(later))
    elif run.blocked(*BOX):
        run.wrong("the mutex while the message box is open", "free", mutex.state, hint)
    run.free()
    box = run.shows(shown, "show the copy that you made while you owned the mutex")
    run.agree("the mutex while the message box is open", "free", mutex.state, hint)
    run.answers(box)
    run.agree("the object after the reader", record(later) + before[8:],
              mapping.read(mapping.region), "a reader changes nothing in the object")
    exam.host.sweep()
    exam.object(record(new))
    run = Run(exam)
    box = run.shows(shown, "both programs create the mutex, whichever comes first")
    run.created(Mutex)
    run.answers(box)
    looks_at_result(exam, call)
    run = Run(exam, fail=call.function, result=WAIT_ABANDONED)
    run.ends(1, "The writer has died.", "check what the wait returned: the system reports that the "
             "owner of a mutex ended without releasing it")
