"""Checks the calls that get an object and a view and show the message, wherever a program runs."""
from __future__ import annotations

from dataclasses import replace
from typing import Dict, Tuple, Union

from harness.driver.contract import BUF_SIZE
from harness.driver.win32.calls import Call, Text, lines
from harness.driver.win32.constants import FILE_MAP_ALL_ACCESS, PAGE_READWRITE
from harness.judge.calls import Calls
from harness.judge.counting import bare, value
from harness.judge.claims import READER, WRITER
from harness.judge.running import Running

#: The claim about how a program gets the object, and the documented function.
DOCUMENTED = {WRITER: ("W1", "CreateFileMapping"), READER: ("R1", "OpenFileMapping")}
#: The arguments of a function that are compared, in their order.
ARGUMENTS = {
    "CreateFileMapping": ("handle", "security attributes", "protection", "size, high-order DWORD",
                          "size, low-order DWORD"),
    "OpenFileMapping": ("access", "inheritance"),
    "MapViewOfFile": ("handle", "access", "offset, high-order DWORD", "offset, low-order DWORD",
                      "size")}


def judge_object(run: Running, needs_name: bool = True) -> None:
    """Check the one call that gets the object: its function and arguments (W1 or R1), its
    character set (B2), and the name (B3)."""
    calls, (claim, function) = run.calls, DOCUMENTED[run.role]
    if not calls or not (calls.objects or needs_name):
        return
    last = calls.objects[-1] if calls.objects else None
    right = run.see(f"{claim}.function", "functions that it calls to get the object", [function],
                    [bare(call.name) for call in calls.objects], call=last)
    if not right and not calls.object_name:
        return
    if all(call.result for call in calls.objects) and calls.objects[1:]:
        run.known.known.note(f"{run.role}.repeats-object")
    call = calls.objects[0]
    run.see("B3.name", "name of the object", run.words.name, calls.object_name, run.role, call)
    if right:
        _letter(run, call.name, function)
        run.see(f"{claim}.arguments", *_compared(calls, call), call=call)


def repeats(run: Running, what: str = "object") -> bool:
    """Return whether it gets its object or its view more than once even without a failure."""
    return bool(run.known.known.noted(f"{run.role}.repeats-{what}"))


def judge_view(run: Running) -> bool:
    """Check the one call that gets the view. Return whether it is as documented."""
    calls, claim = run.calls, "W3" if run.role == WRITER else "R3"
    if not calls or not calls.objects or not calls.objects[0].result:
        return False
    last = calls.views[-1] if calls.views else None
    if all(call.result for call in calls.views) and calls.views[1:]:
        run.known.known.note(f"{run.role}.repeats-view")
    return run.see(
        f"{claim}.function", "functions that it calls to get the view", ["MapViewOfFile"],
        [bare(call.name) for call in calls.views], call=last) and run.see(
        f"{claim}.arguments", *_compared(calls, calls.views[0]), call=calls.views[0])


def _letter(run: Running, name: str, function: str) -> None:
    run.see("B2.letters", f"{function} of the program's character set", function + (
        "W" if run.half.charset == "unicode" else "A"), name, run.role)


def judge_box_call(run: Running) -> None:
    """Check the one call that shows the message (R5)."""
    calls = run.calls
    if calls and calls.waits and run.see(
            "R5.function", "functions that it calls to show the message", ["MessageBox"],
            [bare(call.name) for call in calls.waits], call=calls.waits[-1]):
        call = calls.waits[0]
        _letter(run, call.name, "MessageBox")
        if call.name.endswith("W") == (run.half.charset == "unicode"):
            run.see("R5.function", "arguments of MessageBox",
                    f'{call.name}(NULL, pBuf, "{run.words.title}", MB_OK)', _box(calls), call=call)


def _compared(calls: Calls, call: Call) -> Tuple[str, str, str]:
    """Return what is compared, the documented call, and the call itself. Both have the object name
    that the program uses, since that belongs to another claim."""
    name = bare(call.name)
    given = [value(argument) for argument in call.arguments]
    # A second object is wrong itself, but a view of it is one.
    mine = next((one.result for one in reversed(calls.objects) if one.result == given[0]),
                calls.objects[0].result) or 0
    documented = {
        "CreateFileMapping": [-1, 0, PAGE_READWRITE, 0, BUF_SIZE],
        "OpenFileMapping": [FILE_MAP_ALL_ACCESS, 0],
        "MapViewOfFile": [mine, FILE_MAP_ALL_ACCESS, 0, 0, BUF_SIZE]}[name]
    wrong = [about for about, right, seen in zip(ARGUMENTS[name], documented, given)
             if right != seen]
    kept: Dict[str, Union[int, Text]] = dict(zip(ARGUMENTS[name], documented))
    right = replace(call, arguments=(*kept.values(), *call.arguments[len(kept):]))
    history = [one for one in calls.all[:calls.all.index(call)] if one.result]
    return (f"{', '.join(wrong) or 'arguments'} at {name}",
            lines([*history, right])[-1].split(" -> ")[0], calls.show(call))


def _box(calls: Calls) -> str:
    """Return the first message box as a call, with pBuf in place of the text."""
    call = calls.waits[0]
    owner, text, title = call.arguments[:3]
    assert isinstance(text, Text) and isinstance(title, Text)
    # It may be a copy; the box itself shows whether the characters are those in the memory.
    titled = "NULL" if title.text is None else f'"{title.text}"'
    return (f"{call.name}({value(owner) and hex(value(owner)) or 'NULL'}, "
            f"{'NULL' if text.text is None else 'pBuf'}, {titled}, "
            f"{calls.show(call).rpartition(', ')[2]}")
