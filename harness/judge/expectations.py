"""What a test expects of a program under test: its calls, exit, message box and changes."""
from __future__ import annotations

import difflib
from typing import List, Sequence, Tuple

from harness.driver.calls import Call, lines
from harness.driver.contract import TITLE
from harness.driver.errors import Expired
from harness.driver.objects import Mapping
from harness.driver.programs import Box, Program
from harness.driver.waiting import wait_for
from harness.judge.claims import CLAIMS


def expect(claim: str, what: str, expected: object, seen: object) -> None:
    """Fail, for a claim and in words that a student understands, unless both are equal."""
    if seen != expected:
        raise AssertionError(f"{claim}: {what}\n  expected: {expected!r}\n  seen:     {seen!r}\n"
                             f"  the claim: {CLAIMS[claim]}")


def expect_calls(who: str, rows: Sequence[Tuple[str, str]], calls: Sequence[Call]) -> None:
    """Fail, with both lists as one diff, unless the calls are those of the rows, each of which
    is a claim and its line. The claim that the message names is that of the first difference."""
    expected, seen = [line for _, line in rows], lines(calls)
    if seen == expected:
        return
    matcher = difflib.SequenceMatcher(None, expected, seen, autojunk=False)
    first = next(start for tag, start, _, _, _ in matcher.get_opcodes() if tag != "equal")
    claim = rows[min(first, len(rows) - 1)][0]
    diff = "\n".join("  " + line for line in difflib.ndiff(expected, seen) if line[0] != "?")
    raise AssertionError(f"{claim}: {who} does not make the documented API calls "
                         f"(- expected, + seen)\n{diff}\n  the claim: {CLAIMS[claim]}")


def expect_exit(claim: str, program: Program, code: int = 0, out: str = "") -> None:
    """Wait for the program's end and judge the exit code and all that it wrote.

    `out` is its standard output as text in ASCII, line ends included; standard error must be
    empty. Raises AssertionError naming the claim, or Expired where the program goes on.
    """
    try:
        ended = program.wait()
    except Expired as problem:
        raise Expired(f"{claim}: {problem}")
    expect(claim, f"standard output of {program.name}", out.encode("ascii"), ended.out)
    expect(claim, f"standard error of {program.name}", b"", ended.err)
    expect(claim, f"exit code of {program.name}", code, ended.code)


def expect_box(reader: Program, text: str) -> Box:
    """Wait for the reader's message box, judge it (R5), and return it for an answer.

    Raises AssertionError, or Expired where there is no box or more than one.
    """
    try:
        box = reader.box()
    except Expired as problem:
        raise Expired(f"R5: {problem}")
    expect("R5", "text of the box", text, box.text)
    expect("R5", "title of the box", TITLE, box.title)
    expect("R5", "buttons of the box", ["OK"], [button.label for button in box.buttons])
    expect("R5", "owner and icon of the box", (0, False), (box.owner, box.icon))
    return box


def show_and_go(reader: Program, text: str) -> None:
    """Judge the reader's box (R5), answer it, and judge the reader's end (R6)."""
    reader.answer(expect_box(reader, text))
    expect_exit("R6", reader)


def press_and_go(writer: Program) -> None:
    """Press a key in the writer's console and judge its end (W7)."""
    writer.press()
    expect_exit("W7", writer)


def filled(mapping: Mapping, data: bytes, fill: bytes) -> bytes:
    """Put `data` into the mapped object, and the byte `fill` behind it to the end of its last
    page; returns all that was written."""
    page = data + fill * (mapping.region - len(data))
    mapping.write(page)
    return page


def await_change(mapping: Mapping, before: bytes, writer: Program) -> None:
    """Wait until the mapped object has other bytes than `before`. Raises Expired where the writer
    ends without a change, or makes none."""
    wait_for(lambda: mapping.read(len(before)) != before, "a change in the object",
             writer.describe, over=writer.ended)


def changes(before: bytes, after: bytes) -> List[Tuple[int, int]]:
    """The runs of bytes that differ, each as the offset of its first byte and that behind its
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
