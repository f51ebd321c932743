"""Checks the writers of the exercises. A check plays the reader or another writer, and raises Wrong
if the student's program does something else."""
from __future__ import annotations

import struct

from harness.driver.contract import BUF_SIZE, encode
from harness.driver.win32.constants import WAIT_TIMEOUT
from harness.driver.win32.objects import Mapping
from harness.judge.counting import INPUT
from harness.lessons.exercises.examining import (AS_BEFORE, CREATES, INFINITE, WAITS, Run,
                                                 milliseconds)
from harness.lessons.exercises.setting import Event, Examination, Mutex, record


def length_writer(exam: Examination) -> None:
    """Check that the writer puts the size in front of the text, and changes no other byte."""
    run = Run(exam, hold=True)
    mapping = run.mapped()
    before = exam.noise(mapping.region)
    mapping.write(before)
    run.free()
    run.rests()
    size = len(exam.message)
    expected = struct.pack("<I", size) + exam.message
    run.agree("bytes of the object, which were random before", expected + before[len(expected):],
              mapping.read(mapping.region), f"the size of the text in bytes ({size}) as a 32-bit "
              "number, then the text, then nothing")
    run.keeps(mapping)
    run.quits()


def one_writer(exam: Examination) -> None:
    """Check that the writer leaves an object alone whenever it appears, else works as before."""
    run = Run(exam)
    run.rests()
    run.agree("bytes of the object", exam.documented,
              run.created(Mapping).map().read(BUF_SIZE), AS_BEFORE)
    run.quits()
    exam.host.sweep()
    for data in (bytes(BUF_SIZE), exam.noise(BUF_SIZE)):
        mapping, before = exam.object(data)
        refuses(Run(exam), mapping, before)
        exam.host.sweep()
    run = Run(exam, hold=True)
    if run.holds_at("CreateFileMapping", "CreateFileMappingNuma"):
        mapping, before = exam.object(exam.noise(BUF_SIZE))
        run.free()
        refuses(run, mapping, before, ", which it created after you looked for it")


def refuses(run: Run, mapping: Mapping, before: bytes, more: str = "") -> None:
    """Check that the writer leaves the object unchanged, and says that the name is in use."""
    run.until(lambda: run.program.ended() or run.program.boxes() or run.blocked(*INPUT)
              or mapping.read(mapping.region) != before, "it ends",
              "how does CreateFileMapping report that the object exists?")
    run.agree(f"bytes of another program's object{more}", before, mapping.read(mapping.region),
              "CreateFileMapping itself reports whether the object is new: look up how")
    run.ends(1, "The name is in use.", "print that the name is in use, and exit at once")


def event_writer(exam: Examination) -> None:
    """Check that the writer sets the event when the message is complete, and not before."""
    hint = "set the event once, after the whole copy, and leave it set while you wait for the key"
    run = Run(exam, hold=True)
    event = mapping = None
    for place in run.steps():
        event = event or exam.find(Event)
        mapping = mapping or exam.find(Mapping)
        if event and event.look()[1] == "set" and not (mapping and exam.documented == (
                mapping if mapping.region else mapping.map()).read(BUF_SIZE)):
            run.wrong("the event while the message is not complete", "not set", "set",
                      "check where you set the event, and the third argument of CreateEvent",
                      place.call)
    event = event or run.created(Event)
    run.agree("kind of the event that it creates", "manual-reset", event.look()[0],
              "a manual-reset event releases every reader and stays set; look up the arguments of "
              "CreateEvent", run.first(*CREATES[Event]))
    event.close()
    event = exam.find(Event)
    run.agree("the event while the writer waits for its key", "set",
              event.look()[1] if event else "gone", hint)
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
    run.agree("the event that was there before the writer", "set", event.look()[1],
              "the reader may have created the event first: set it in that case too")
    run.quits()


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
    if not call or milliseconds(call) == INFINITE:
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
    mapping, noise = exam.object(struct.pack("<I", len(text)) + text)

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
