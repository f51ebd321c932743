"""What the exercises ask of a writer. Each check raises Wrong where a student's writer does
something else; the check itself takes the part of the reader, or of another writer."""
from __future__ import annotations

import struct

from harness.driver.contract import BUF_SIZE, encode
from harness.driver.win32.constants import WAIT_TIMEOUT
from harness.driver.win32.objects import Mapping
from harness.judge.calls import INPUT
from harness.lessons.exercises import readers
from harness.lessons.exercises.examining import AS_BEFORE, INFINITE, WAITS, Examination, Run
from harness.lessons.exercises.objects import Event, Mutex
from harness.lessons.exercises.readers import record


def length_writer(exam: Examination) -> None:
    """The writer puts the size of its text in front of it, and changes no other byte."""
    run = exam.start(hold=True)
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
    run.quits()
    exam.clear()


def holds_message(exam: Examination, mapping: Mapping) -> bool:
    """Whether the object has the message and nothing else."""
    return mapping.read(BUF_SIZE) == exam.message.ljust(BUF_SIZE, b"\0")


def agree_message(run: Run, mapping: Mapping) -> None:
    """The object has the message and nothing else."""
    run.agree("bytes of the object", run.exam.message.ljust(BUF_SIZE, b"\0"),
              mapping.read(BUF_SIZE), AS_BEFORE)


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
    creates = "CreateEvent", "CreateEventEx", "OpenEvent"
    made = next(iter(run.calls(*creates)), None)
    if not event:
        run.wrong("name of the event", exam.name("MyFileMappingReady"), run.names(*creates),
                  "both programs create the event, whichever comes first", made)
    run.agree("kind of the event that it creates", "manual-reset",
              "manual-reset" if event.manual else "auto-reset", "a manual-reset event releases "
              "every reader and stays set; look up the arguments of CreateEvent", made)
    finish_event(run, event, hint)
    exam.clear()
    event = exam.create(Event)
    run = exam.start()
    run.rests()
    finish_event(run, event, "the reader may have created the event before you: set it all the "
                 "same")
    exam.clear()


def finish_event(run: Run, event: Event, hint: str) -> None:
    """The writer waits for its key, and the event is set."""
    mapping = run.opened()
    agree_message(run, mapping)
    run.agree("the event while the writer waits for its key", "set",
              "set" if event.is_set else "not set", hint)
    run.free()
    run.rests()
    run.quits()


def one_writer(exam: Examination) -> None:
    """A writer that finds an object of its name leaves it alone, whenever that was created; another
    one works as ever."""
    run = exam.start()
    run.rests()
    agree_message(run, run.opened())
    run.quits()
    exam.clear()
    for data in (bytes(BUF_SIZE), exam.noise(BUF_SIZE)):
        mapping = exam.object(data)
        before = mapping.read(mapping.region)
        refuses(exam.start(), mapping, before)
        exam.clear()
    run = exam.start(hold=True)
    if run.holds_at("CreateFileMapping", "CreateFileMappingNuma"):
        mapping = exam.object(exam.noise(BUF_SIZE))
        before = mapping.read(mapping.region)
        run.free()
        refuses(run, mapping, before, ", which was created while you looked for it")
    exam.clear()


def refuses(run: Run, mapping: Mapping, before: bytes, more: str = "") -> None:
    """The writer leaves the object as it was before, and says so."""
    run.until(lambda: run.program.ended() or run.program.boxes() or run.blocked(*INPUT)
              or mapping.read(mapping.region) != before, "it ends",
              "what does CreateFileMapping say of an object that exists?")
    run.agree(f"bytes of somebody else's object{more}", before, mapping.read(mapping.region),
              "CreateFileMapping itself says whether the object is new: look up how")
    run.ends(1, "The name is in use.", "say that the name is in use, and end at once")


# Mutexes ------------------------------------------------------------------------------------


def mutex_of(run: Run) -> Mutex:
    """The mutex that the program has created."""
    mutex = run.exam.find(Mutex)
    if not mutex:
        creates = "CreateMutex", "CreateMutexEx", "OpenMutex"
        run.wrong("name of the mutex", run.exam.name("MyFileMappingLock"), run.names(*creates),
                  "both programs create the mutex, whichever comes first",
                  next(iter(run.calls(*creates)), None))
    return mutex


def changes(run: Run, letter: str, mapping: Mapping, expected: bytes, hint: str) -> None:
    """A key is pressed, and the object is as expected once the program waits for the next one."""
    run.rests(run.type(letter))
    run.agree("the object after a key", expected, mapping.read(mapping.region), hint)


def typed_in_vain(run: Run, letter: str, mapping: Mapping, hint: str) -> int:
    """A key is pressed while somebody else owns the mutex: nothing may change. What `type`
    returns."""
    before = mapping.read(mapping.region)
    keys = run.type(letter)
    run.until(lambda: run.blocked(*WAITS) or mapping.read(mapping.region) != before,
              "it waits for the mutex", hint)
    run.agree("the object while another program owns the mutex", before,
              mapping.read(mapping.region), hint)
    return keys


def looks_at_result(exam: Examination, run: Run, hint: str) -> None:
    """A writer whose wait (the last one of that run) returns WAIT_TIMEOUT changes nothing. A wait
    without a time limit does not return that."""
    call = next(iter(run.calls(*WAITS)[::-1]), None)
    exam.clear()
    if not call or readers.milliseconds(call) == INFINITE:
        return
    run = exam.start(fail=call.function, result=WAIT_TIMEOUT)
    run.rests()
    mapping = run.opened()
    keys = run.type(exam.letter())
    run.until(lambda: run.program.ended() or len(run.calls(*WAITS)) > 1
              or len(run.calls(*INPUT)) > keys, "it fails, or waits again", hint)
    run.agree("the object after its wait has returned WAIT_TIMEOUT", bytes(BUF_SIZE),
              mapping.read(BUF_SIZE), "look at what the wait has returned before you go on")
    exam.clear()


def changing_writer(exam: Examination) -> None:
    """The writer owns the mutex from the first half of a change to the second, and no longer."""
    hint = "own the mutex from before the first half until after the second, and at no other time"
    halves = "two 32-bit numbers: the first key is the first, the second key the second"
    letters = [exam.letter() for _ in range(6)]
    run = exam.start()
    run.rests()
    mapping, mutex = run.opened(), mutex_of(run)
    rest = bytes(mapping.region - 8)
    run.agree("the mutex before a key is pressed", "free", mutex.state, hint)
    before = "\0\0"
    for first, second in zip(letters[:4:2], letters[1:4:2]):
        changes(run, first, mapping, record(first + before[1]) + rest, halves)
        run.agree("the mutex between the two halves", "owned", mutex.state, hint)
        changes(run, second, mapping, record(first + second) + rest, halves)
        run.agree("the mutex after a change", "free", mutex.state, hint)
        before = first + second
    mutex.take()
    try:
        keys = typed_in_vain(run, letters[4], mapping, hint)
    finally:
        mutex.release()
    run.rests(keys)
    changes(run, letters[5], mapping, record(letters[4] + letters[5]) + rest, halves)
    run.quits(escape=True)
    run.agree("the mutex after the writer", "free", mutex.state, hint)
    looks_at_result(exam, run, hint)


def two_writers(exam: Examination) -> None:
    """Each writer appends what is typed, whatever the others do meanwhile, as long as there is
    room."""
    hint = "own the mutex while you read the length, write behind the text and change the length"
    room = BUF_SIZE - 4
    text = exam.text(exam.unit * exam.random.randrange(5, 50))
    mapping = exam.object(struct.pack("<I", len(text)) + text)
    noise = mapping.read(mapping.region)

    def log(text: bytes) -> bytes:
        """The object with that text."""
        start = struct.pack("<I", len(text)) + text
        return start + noise[len(start):]

    first, second = (exam.start(new_console=True) for _ in range(2))
    for run in (first, second):
        run.rests()
        run.agree("the object after the start of one more writer", noise,
                  mapping.read(len(noise)), "the object may be in use: it needs no first content")
    mutex = mutex_of(first)
    run.agree("the mutex before a key is pressed", "free", mutex.state, hint)
    for run in (first, second, first):
        letter = exam.letter()
        text += encode(letter, exam.half.charset)
        changes(run, letter, mapping, log(text), "append the character behind the text, and "
                f"nothing else; the length is in bytes, {exam.unit} for each character")
        run.agree("the mutex after a key", "free", mutex.state, hint)
    mutex.take()
    try:
        letter = exam.letter()
        keys = typed_in_vain(first, letter, mapping, hint)
        text += exam.text(2 * exam.unit)
        mapping.write(log(text))
    finally:
        mutex.release()
    text += encode(letter, exam.half.charset)
    first.rests(keys)
    first.agree("the object after both have written", log(text), mapping.read(len(noise)), hint)
    second.quits(escape=True)
    text = exam.text(room - exam.unit)
    mapping.write(log(text))
    letter = exam.letter()
    full = f"at most {room} bytes fit behind the length: look before you write"
    changes(first, letter, mapping, log(text + encode(letter, exam.half.charset)), full)
    third = exam.start(new_console=True)
    third.rests()
    for run, size in ((first, room), (third, 0xFFFFFFFF)):
        mapping.write(struct.pack("<I", size))
        before = mapping.read(len(noise))
        run.type(exam.letter())
        run.ends(1, "No room.", full)
        run.agree("the object, which had no room", before, mapping.read(len(noise)), full)
        run.agree("the mutex after a writer has ended", "free", mutex.state, hint)
    looks_at_result(exam, first, hint)
