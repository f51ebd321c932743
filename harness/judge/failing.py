"""Checks how a program fails without an object or without a view: W2, R2, W4 and R4."""
from __future__ import annotations

import re
import time
from typing import Callable, List, Optional

import pytest

from harness.driver.contract import CREATE_FAILED, MAP_FAILED, OPEN_FAILED
from harness.driver.programs import Exit
from harness.driver.win32.calls import Call
from harness.judge.calls import Calls
from harness.judge.counting import bare
from harness.judge.checks import check
from harness.judge.claims import READER, WRITER
from harness.judge.calling import DOCUMENTED, repeats
from harness.judge.patience import MORE
from harness.judge.running import Running
from harness.judge.words import documented, printed, quoted, text_of

#: The documented line of each claim, with a place for the code.
LINES = {"W2": CREATE_FAILED, "R2": OPEN_FAILED, "W4": MAP_FAILED, "R4": MAP_FAILED}


def failure_check(claim: str, *facts: str, needs: str, gives: str = "") -> pytest.MarkDecorator:
    """Return the decorator of a check of a claim about a failure, and of these other facts."""
    own = ("line", "exit", "end", "after" if claim[1] == "2" else "closed")
    return check(*(f"{claim}.{name}" for name in own), *facts, needs=needs, gives=gives,
                 about=WRITER if claim[0] == "W" else READER)


def judge_failure(running: Running, claim: str, code: str, what: str,
                  again: Callable[[], Running],
                  succeeds: Optional[Callable[[], Exit]] = None) -> bool:
    """Check that a program fails as the claim says: it ends at once with the documented line on
    standard output and exit code 1, and makes no further calls. `code` is the error in the line, or
    "" if it is unknown; `what` names the situation; `again` starts it in the same one. `succeeds`
    runs it in the same situation, but so that it succeeds: what it prints then is no part of the
    line (B4). Return whether the program ended."""
    see, with_object = running.see, claim in ("W4", "R4")

    def goes_on() -> bool:
        calls = running.calls
        return bool(calls and (calls.goes_on(with_object) or calls.pauses)) or bool(
            running.role != WRITER and running.boxes())

    seconds = _seconds_to_end(running, goes_on)
    ended = running.end(MORE + running.rest() if goes_on() else 0.1)
    calls = running.calls
    if not ended and calls and calls.rests and not (calls.views if with_object else calls.objects):
        see.stop(why="it takes too long until its call fails")
    if calls and not with_object and _gets_another(calls):
        tried, function = DOCUMENTED[running.role]
        see(f"{tried}.function", "functions that it calls to get the object", [function],
            [bare(call.name) for call in calls.objects], call=calls.objects[-1])
        if any(call.result for call in calls.objects) \
                or not ended and len(_different(calls)) < len(calls.objects):
            return False  # It has an object, or waits for one.
    if not see(f"{claim}.end", f"its end {what}", "it ends",
               "it ends" if ended else running.doing(),
               call=running.waiting):
        return False
    assert ended
    running.judge_haste(f"{claim}.end", seconds, lambda: _seconds_to_end(again(), lambda: False))
    call = next((call for call in (calls.objects + calls.views if calls else [])
                 if not call.result), None)
    if code and calls and not with_object and len(_different(calls)) > 1:
        # That it tried again belongs to another claim. %d prints a large code as a negative number.
        error = calls.objects[-1].error
        code = str(error - (error >> 31 << 32))
    printed_code = re.search(r"\((-?\d+)\)", printed(running.output))
    number = printed_code[1] if printed_code and int(printed_code[1]) else "N"  # 0 is no error.
    line = LINES[claim].format(code or number)
    if _says_more(running, line, succeeds):
        see.because("B4")
    elif not code and documented(line, running.output) == printed(running.output):
        see.unable("nothing shows which code its line must have")
    else:
        see(f"{claim}.line", f"output {what}", documented(line, running.output),
            printed(running.output), call=call)
    see(f"{claim}.exit", f"exit code {what}", 1, ended.code, call=call)
    _judge_no_more(running, claim, calls)
    return True


def _seconds_to_end(running: Running, goes_on: Callable[[], bool]) -> float:
    """Wait until it ends or goes on. Return the seconds since its call failed, as far as that can
    be seen."""
    calls = running.calls
    if calls:
        running.until(lambda: goes_on() or running.calls and running.calls.failed)
    began = time.monotonic()
    running.until(goes_on)
    return time.monotonic() - began if calls else 0.0


def _different(calls: Calls) -> List[Call]:
    """Return its calls for an object, without those that repeat an earlier one."""
    return list({(call.name, call.arguments): call for call in reversed(calls.objects)}.values())


def _gets_another(calls: Calls) -> bool:
    """Return whether it got an object in another way, or tried to. A writer that only repeats its
    call does not end (W2); a reader that does so makes more attempts than one (R1)."""
    asked = _different(calls) if calls.role == WRITER else calls.objects
    return any(call.result for call in asked) or len(asked) > 1


def _says_more(running: Running, line: str, succeeds: Optional[Callable[[], Exit]]) -> bool:
    """Return whether it prints that line after the text that it also prints on success."""
    seen, always = running.output, running.known["prints"].encode("latin-1")
    before = next((seen.out[:-length] for length in (len(line), len(line) - 1)
                   if documented(line, seen) == quoted(text_of(seen.out[-length:]))), None)
    if before is None or not (before or seen.err):
        return False
    if not seen.err and always.startswith(before):
        return True
    there = succeeds() if succeeds else None
    return bool(there and there.out.startswith(before) and there.err == seen.err)


def _judge_no_more(running: Running, claim: str, calls: Optional[Calls]) -> None:
    """Check that a program calls nothing without an object, and only CloseHandle without a view."""
    if not calls or not calls.objects:
        return
    see, first = running.see, calls.objects[0]
    after = calls.all[calls.all.index(first):]
    others = [*(call for call in calls.questions if any(call is one for one in after)),
              *calls.keys, *(calls.views if claim[1] == "2" else [])]
    if claim == "W2" and not repeats(running):
        others += [call for call in calls.objects[1:]
                   if (call.name, call.arguments) == (first.name, first.arguments)]
    if claim[1] == "2" and not calls.objects[0].result:
        see(f"{claim}.after", "calls after it got no object", [],
            [calls.show(call) for call in others]
            + (calls.order if calls.objects[1:] else calls.order_at_end),
            call=(others or calls.pauses or calls.all)[-1])
    elif claim[1] == "4" and calls.views and not calls.views[0].result:
        again = [] if repeats(running, "view") else calls.views[1:]
        see(f"{claim}.closed", "calls after it got no view", ["CloseHandle(hMapFile)"],
            [calls.show(call) for call in again + calls.keys]
            + (calls.order if calls.views[1:] else calls.order_at_end),
            call=[*calls.pauses, calls.views[0]][0])
