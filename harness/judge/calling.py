"""Checks the calls that get an object and a view and show the message, wherever a program runs."""
from __future__ import annotations

from harness.judge.calls import bare
from harness.judge.claims import READER, WRITER
from harness.judge.running import Running

#: The claim about how a program gets the object, and the documented function.
DOCUMENTED = {WRITER: ("W1", "CreateFileMapping"), READER: ("R1", "OpenFileMapping")}


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
        run.known.known.note(f"{run.role}.repeats")
    call = calls.objects[0]
    run.see("B3.name", "name of the object", run.words.name, calls.object_name, run.role, call)
    if right:
        _letter(run, call.name, function)
        run.see(f"{claim}.arguments", *calls.compare(call), call=call)


def repeats(run: Running) -> bool:
    """Return whether it gets its object more than once even without a failure."""
    return bool(run.known.known.noted(f"{run.role}.repeats"))


def judge_view(run: Running) -> bool:
    """Check the one call that gets the view. Return whether it is as documented."""
    calls, claim = run.calls, "W3" if run.role == WRITER else "R3"
    if not calls or not calls.objects or not calls.objects[0].result:
        return False
    last = calls.views[-1] if calls.views else None
    return run.see(
        f"{claim}.function", "functions that it calls to get the view", ["MapViewOfFile"],
        [bare(call.name) for call in calls.views], call=last) and run.see(
        f"{claim}.arguments", *calls.compare(calls.views[0]), call=calls.views[0])


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
                    f'{call.name}(NULL, pBuf, "{run.words.title}", MB_OK)', calls.box(), call=call)
