"""What a test expects of a program under test: its object, its message box, its end, its changes.

Each expectation adds its findings to the claim that the program contradicts, and says whether the
test can go on.
"""
from __future__ import annotations

from typing import List, Optional, Tuple

from harness.driver.contract import CREATE_FAILED, MAP_FAILED, OPEN_FAILED, encode
from harness.driver.errors import Expired
from harness.driver.meeting import Scene
from harness.driver.programs import Exit, Launch, Program
from harness.driver.waiting import ANSWERED, wait_for
from harness.driver.win32.boxes import Box
from harness.driver.win32.constants import ANSI
from harness.driver.win32.objects import Mapping
from harness.judge.findings import READER, WRITER, board, expect, not_judged, quoted
from harness.judge.trace import Trace

PREFIXES = [text.partition("{")[0].encode() for text in (CREATE_FAILED, OPEN_FAILED, MAP_FAILED)]


def half_of_program(program: Program) -> str:
    """The half of the pair that a program of a scene is."""
    return WRITER if program.name == "the writer" else READER


def missing_part(outcome: Exit) -> str:
    """How far a program came that ended with a documented line: "object" or "view" where it says
    that it got none, else ""."""
    for prefix, part in zip(PREFIXES, ("object", "object", "view")):
        if outcome.out.startswith(prefix):
            return part
    return ""


def printed(ended: Exit) -> str:
    """What it has printed, in quotes; standard error is named."""
    texts = [data.decode("ascii", "backslashreplace") for data in (ended.out, ended.err)]
    return quoted(texts[0]) + (f" and on standard error {quoted(texts[1])}" if texts[1] else "")


def end_of(program: Program, claim: str, what: str) -> Optional[Exit]:
    """Wait for the program's end. None, with a finding for the claim, where it goes on; it is then
    ended. `what` says when it should have ended."""
    half = half_of_program(program)
    try:
        # What was seen once need not be waited for again.
        ended = program.wait(ANSWERED) if board.hangs(half, claim) else program.wait()
    except Expired:
        boxes = [f'a message box that says "{box.text}"' for box in program.boxes()]
        if claim == "R6" and boxes:
            expect("R5", "number of message boxes, one after the other", 1, "more than one")
        else:
            expect(claim, what, "it ends", " and ".join(["it still runs", *boxes]), half,
                   hangs=True)
        program.terminate()
        return None
    board.record.tried.add(claim)
    return ended


def expect_success(program: Program, claim: str, what: str) -> Optional[Exit]:
    """Wait for the end of a program that has done its work (`what` says after what), and judge it:
    exit code 0 (the claim), and nothing printed (B4)."""
    ended = end_of(program, claim, what)
    if ended:
        half = half_of_program(program)
        expect("B4", "output of a run that succeeds", quoted(""), printed(ended), half)
        expect(claim, f"exit code {what}", 0, ended.code, half)
    return ended


def expect_failure(program: Program, claim: str, line: str, what: str) -> Optional[Exit]:
    """Wait for the end of a program that must fail, and judge what it printed, where, and its exit
    code (the claim). `line` is the documented one, `what` the situation."""
    ended = end_of(program, claim, f"its end {what}")
    if not ended:
        return None
    half = half_of_program(program)
    expect(claim, f"output {what}", quoted(line), printed(ended), half)
    expect(claim, f"exit code {what}", 1, ended.code, half)
    return ended


def expect_box(reader: Program, text: str, title: str) -> Optional[Box]:
    """Wait for the reader's one message box and judge it (R5). None where there is none."""
    if board.hangs(READER, "R5"):
        boxes = reader.boxes(ANSWERED)
    else:
        boxes = reader.boxes(10.0)
    if not expect("R5", "number of message boxes that are open", 1, len(boxes), hangs=not boxes):
        if not boxes and not reader.ended():
            reader.terminate()
        return None
    box = boxes[0]
    expect("R5", "text of the message box, which must be that in the memory", quoted(text),
           quoted(box.text or ""))
    expect("R5", "title of the message box", quoted(title), quoted(box.title))
    expect("R5", "buttons of the message box", ["OK"], [button.label for button in box.buttons])
    expect("R5", "owner of the message box", False, box.owner != 0)
    expect("R5", "icon in the message box", False, box.icon)
    return box


def show_and_go(reader: Program, text: str, title: str) -> None:
    """Judge the reader's message box (R5), answer it, and judge the reader's end (R6)."""
    box = expect_box(reader, text, title)
    if box:
        reader.answer(box)
        expect_success(reader, "R6", "after its message box was answered")
    elif reader.ended():
        expect_success(reader, "R6", "without a message box")


def press_and_go(scene: Scene, writer: Program) -> Optional[Exit]:
    """Press what makes the writer go on, and judge its end (W7)."""
    facts = scene.pair.writer.facts
    if facts.no_end:
        board.record.because |= set(facts.no_end)
        writer.terminate()
        return None
    for key in facts.keys:
        writer.press(key)
    return expect_success(writer, "W7", "after its key was pressed")


def expect_calls(scene: Scene, program: Program) -> None:
    """Compare all calls of a program that has gone from its object to its end by itself, where the
    run is about calls."""
    if program.traced and not program.terminated:
        trace_of(scene, program).compare()


def trace_of(scene: Scene, program: Program) -> Trace:
    """The calls of a traced program of the scene."""
    half = half_of_program(program)
    return Trace(scene.pair.writer if half == WRITER else scene.pair.reader, half, program.calls(),
                 scene.pair.words)


def waiting_writer(scene: Scene, launch: Optional[Launch] = None) -> Tuple[Program, Mapping]:
    """Start the writer and wait until its message is in the object; both. Ends the test where it is
    known that this does not come, or where it does not."""
    facts = scene.pair.writer.facts
    if facts.no_object or facts.no_wait:
        not_judged(facts.no_object + facts.no_wait)
    writer = scene.writer(launch)
    try:
        return writer, scene.message_of(writer)
    except Expired:
        expect("W5", "message in the object", "there", "not there, as it was at the first start")
        not_judged(["W5"])


def needs_wait(scene: Scene, half: str) -> None:
    """End the test where it is known that the program does not come to its key or message box."""
    needs_object(scene, half)
    facts = (scene.pair.writer if half == WRITER else scene.pair.reader).facts
    if facts.no_wait:
        not_judged(facts.no_wait)


def needs_object(scene: Scene, half: str) -> None:
    """End the test where it is known that the program does not get the object at all."""
    facts = (scene.pair.writer if half == WRITER else scene.pair.reader).facts
    if facts.no_object:
        not_judged(facts.no_object)


def filled(mapping: Mapping, data: bytes, fill: bytes) -> bytes:
    """Put `data` into the mapped object, and the byte `fill` after it to the end of its last page;
    returns all that was written."""
    page = data + fill * (mapping.region - len(data))
    mapping.write(page)
    return page


def await_change(mapping: Mapping, before: bytes, writer: Program) -> bool:
    """Wait until the mapped object has other bytes than `before`. False where the writer ends
    without a change, or makes none."""
    try:
        wait_for(lambda: mapping.read(len(before)) != before, "a change in the object",
                 writer.describe, over=writer.ended)
    except Expired:
        return False
    return True


def changes(before: bytes, after: bytes) -> List[Tuple[int, int]]:
    """The runs of bytes that differ, each as the offset of its first byte and of the one after its
    last."""
    runs: List[Tuple[int, int]] = []
    for offset, (old, new) in enumerate(zip(before, after)):
        if old == new:
            continue
        if runs and runs[-1][1] == offset:
            runs[-1] = (runs[-1][0], offset + 1)
        else:
            runs.append((offset, offset + 1))
    return runs


def expect_message(scene: Scene, before: bytes, after: bytes) -> None:
    """Judge what the writer has made of the object's bytes (W5): the message at their beginning,
    without a terminator, and nothing else."""
    charset, message = scene.pair.writer.charset, scene.pair.words.message
    length = len(encode(message, charset))
    if expect("W5", "bytes of the object that the writer changed",
              runs((0, length)), runs(*changes(before, after))):
        expect_text(message, after[:length], charset)


def expect_text(message: str, written: bytes, charset: str) -> None:
    """Judge the bytes that the writer wrote (W5). They are shown as text where they are one in this
    character set, and in the script of the message."""
    expected = encode(message, charset)
    text = written.decode("utf-16-le" if charset == "unicode" else ANSI, "replace")
    is_text = text.isprintable() and (text.isascii() or not message.isascii())
    part = is_text and message.startswith(text)
    expect("W5", "how much of the message the writer wrote" if part else
           "what the writer wrote", quoted(message) if is_text else expected,
           quoted(text) if is_text else written)


def expect_no_echo(before: Tuple[str, int, int], after: Tuple[str, int, int]) -> None:
    """Compare what a console shows, and where its cursor is, before and after a key (W6)."""
    shown = after[0][len(before[0]):] if after[0].startswith(before[0]) else after[0]
    expect("W6", "what the console shows when a key is pressed", "nothing new",
           "nothing new" if after == before else
           quoted(" ".join(shown.split())) if shown.strip() else "the cursor moves")


def runs(*spans: Tuple[int, int]) -> str:
    """Runs of bytes in words; each is given as `changes` does."""
    told = [f"the first {end}" if not start else f"{end - start} from byte {start} on"
            for start, end in spans[:4]]
    return (", ".join(told) or "none") + " …" * (len(spans) > 4)
