"""Checks programs for the exercises changing and two-writers. A check plays the other program, or
another writer, and raises Wrong if the student's program does something else."""
from __future__ import annotations

import struct

from harness.driver.contract import BUF_SIZE, encode
from harness.driver.win32.constants import WAIT_TIMEOUT
from harness.driver.win32.objects import Mapping
from harness.judge.calls import BOX, INPUT
from harness.lessons.exercises import events
from harness.lessons.exercises.examining import INFINITE, WAITS, Run
from harness.lessons.exercises.setting import Examination, Mutex

WAIT_ABANDONED = 0x80


def changes(run: Run, letter: str, mapping: Mapping, expected: bytes, hint: str) -> None:
    """Press a key and check the object once the program waits for the next one."""
    run.rests(run.type(letter))
    run.agree("the object after a key", expected, mapping.read(mapping.region), hint)


def typed_in_vain(run: Run, letter: str, mapping: Mapping, hint: str) -> int:
    """Press a key while another program owns the mutex. Nothing may change. Return as `type`."""
    before = mapping.read(mapping.region)
    keys = run.type(letter)
    run.until(lambda: run.blocked(*WAITS) or mapping.read(mapping.region) != before,
              "it waits for the mutex", hint)
    run.agree("the object while another program owns the mutex", before,
              mapping.read(mapping.region), hint)
    return keys


def looks_at_its_wait(exam: Examination, run: Run, hint: str) -> None:
    """Check that a writer whose wait (the last one of `run`) returns WAIT_TIMEOUT changes nothing.
    A wait without a time limit never returns WAIT_TIMEOUT."""
    call = next(iter(run.wait_calls()[::-1]), None)
    exam.host.sweep()
    if not call or events.milliseconds(call) == INFINITE:
        return
    run = Run(exam, fail=call.function, result=WAIT_TIMEOUT)
    run.rests()
    mapping = run.created(Mapping).map()
    keys = run.type(*exam.letters(1))
    run.until(lambda: run.program.ended() or len(run.wait_calls()) > 1
              or len(run.calls(*INPUT)) > keys, "it fails, or waits again", hint)
    run.agree("the object after its wait has returned WAIT_TIMEOUT", bytes(BUF_SIZE),
              mapping.read(BUF_SIZE), "check what the wait returned before you continue")


def changing_writer(exam: Examination) -> None:
    """Check that the writer owns the mutex from the first half of a change to the second only."""
    hint = "acquire the mutex before the first half and release it after the second"
    halves = "two 32-bit numbers: the first key is the first, the second key the second"
    letters = exam.letters(6)
    run = Run(exam)
    run.rests()
    mapping, mutex = run.created(Mapping).map(), run.created(Mutex)
    rest = bytes(mapping.region - 8)
    run.agree("the mutex before a key is pressed", "free", mutex.state, hint)
    before = "\0\0"
    for first, second in zip(letters[:4:2], letters[1:4:2]):
        changes(run, first, mapping, record(first + before[1]) + rest, halves)
        run.agree("the mutex between the two halves", "owned", mutex.state, hint)
        changes(run, second, mapping, record(first + second) + rest, halves)
        run.agree("the mutex after a change", "free", mutex.state, hint)
        before = first + second
    with mutex.owned():
        keys = typed_in_vain(run, letters[4], mapping, hint)
    run.rests(keys)
    changes(run, letters[5], mapping, record(letters[4] + letters[5]) + rest, halves)
    run.quits(escape=True)
    run.agree("the mutex after the writer", "free", mutex.state, hint)
    looks_at_its_wait(exam, run, hint)


def two_writers(exam: Examination) -> None:
    """Check that each writer appends what is typed while there is room, whatever others do."""
    hint = "own the mutex while you read the length, write after the text and change the length"
    room = BUF_SIZE - 4
    text = exam.text(exam.unit * exam.random.randrange(5, 50))
    mapping = exam.object(struct.pack("<I", len(text)) + text)
    noise = mapping.read(mapping.region)

    def log(text: bytes) -> bytes:
        """Return the object's bytes with that text."""
        start = struct.pack("<I", len(text)) + text
        return start + noise[len(start):]

    first, second = (Run(exam, new_console=True) for _ in range(2))
    for run in (first, second):
        run.rests()
        run.agree("the object after the start of one more writer", noise,
                  mapping.read(len(noise)), "the object may be in use: do not initialize it")
    mutex = first.created(Mutex)
    run.agree("the mutex before a key is pressed", "free", mutex.state, hint)
    for run, letter in zip((first, second, first), exam.letters(3)):
        text += encode(letter, exam.half.charset)
        changes(run, letter, mapping, log(text), "append the character after the text, and "
                f"nothing else; the length is in bytes, {exam.unit} for each character")
        run.agree("the mutex after a key", "free", mutex.state, hint)
    letter, last, surplus = exam.letters(3)
    with mutex.owned():
        keys = typed_in_vain(first, letter, mapping, hint)
        text += exam.text(2 * exam.unit)
        mapping.write(log(text))
    text += encode(letter, exam.half.charset)
    first.rests(keys)
    first.agree("the object after both have written", log(text), mapping.read(len(noise)), hint)
    second.quits(escape=True)
    text = exam.text(room - exam.unit)
    mapping.write(log(text))
    full = f"at most {room} bytes fit after the length: check while you own the mutex"
    changes(first, last, mapping, log(text + encode(last, exam.half.charset)), full)
    third = Run(exam, new_console=True)
    third.rests()
    # While the first one waits for the mutex, the object fills up.
    mapping.write(log(b""))
    for run, size in ((first, room), (third, 0xFFFFFFFF)):
        with mutex.owned():
            typed_in_vain(run, surplus, mapping, hint)
            mapping.write(struct.pack("<I", size))
            before = mapping.read(len(noise))
        run.ends(1, "No room.", full)
        run.agree("the object, which had no room", before, mapping.read(len(noise)), full)
        run.agree("the mutex after a writer has ended", "free", mutex.state, hint)
    looks_at_its_wait(exam, first, hint)


def record(letters: str) -> bytes:
    """Return the record of the exercise `changing`: a 32-bit number for each of two halves."""
    return struct.pack("<II", *map(ord, letters))


def changing_reader(exam: Examination) -> None:
    """Check that the reader copies the record while it owns the mutex, and shows it afterwards."""
    hint = "own the mutex while you copy the record, and release it before you show the copy"
    letters = "".join(exam.letters(6))
    old, new, later = letters[:2], letters[2:4], letters[4:]
    shown = encode(new, exam.half.charset)
    mutex = exam.create(Mutex)
    with mutex.owned():
        mapping = exam.object(record(new[0] + old[1]))
        before = mapping.read(mapping.region)
        run = Run(exam, hold=True)
        run.free()
        call = events.waits(run, "mutex, while the record is half changed", hint)
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
    events.looks_at_result(exam, call)
    run = Run(exam, fail=call.function, result=WAIT_ABANDONED)
    run.ends(1, "The writer has died.", "check what the wait returned: the system reports that the "
             "owner of a mutex ended without releasing it")
