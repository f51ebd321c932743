"""Every way to fail: the output, the exit code, and what is closed before the end.

Another process puts real obstacles under the documented name. For codes that no obstacle causes,
the tracer makes the call fail.
"""
from __future__ import annotations

from typing import Any, List

import pytest

from harness.claims.first_run import ROOM, may_have_an_object, sections
from harness.driver.contract import BUF_SIZE
from harness.driver.host import Host
from harness.driver.pair import Scene
from harness.driver.programs import Launch
from harness.driver.win32.calls import Call
from harness.driver.win32.objects import OTHER_KINDS, NamedObject
from harness.judge.counting import bare
from harness.judge.checks import Mine, See, check
from harness.judge.claims import READER
from harness.judge.failing import failure_check, judge_failure
from harness.judge.patience import ASKS, MORE, STEP
from harness.judge.running import Running
from harness.judge.starter import Starter
from harness.judge.words import printed

#: The fact that a program makes no object of its own instead of the one that it cannot get.
ALONE = {"W2": "W1.function", "R2": "R1.alone"}


def meets(claim: str, obstacle: str, needs: str = "object gives-up", gives: str = "") -> Any:
    """Return the row for a program that cannot get its object because of the obstacle."""
    facts = (ALONE[claim], "H4.early", "H5.kind", "H5.denied")
    marks = [failure_check(claim, *facts, needs=needs, gives=gives)]
    if obstacle in OTHER_KINDS[1:]:  # No program can distinguish these from an event.
        marks.append(pytest.mark.products)
    return pytest.param(claim, obstacle, id=f"{claim}-{obstacle}", marks=marks)


def put(host: Host, name: str, obstacle: str) -> List[NamedObject]:
    """Put the obstacle under the name. Return the objects that have the name then."""
    if obstacle == "nothing":
        return []
    return [host.create(name, BUF_SIZE, denied=True) if obstacle == "closed-to-all"
            else host.occupy(name, obstacle)]


def gets_no_object(host: Host, start: Starter, see: See, known: Mine, claim: str,
                   obstacle: str, again: bool = False) -> None:
    """Check a program that cannot get its object because of the obstacle. If it creates another
    object instead, repeat this with an event of that name."""
    code, fact = {"nothing": (2, "H4.early"), "closed-to-all": (5, "H5.denied")}.get(
        obstacle, (6, "H5.kind"))
    taken = put(host, known["object"], obstacle)
    before = sections(host)
    running = start()
    new = set()

    def makes_its_own() -> bool:
        new.update(set(sections(host)) - set(before) - set(known["others"]))
        return bool(new)

    running.until(lambda: makes_its_own() or running.boxes(), 0.0 if running.calls else STEP)
    if obstacle == "nothing" and not makes_its_own() and not running.calls \
            and may_have_made_one(host, start, known, running):
        see.stop(why="nothing shows whether it makes an object of its own")
    alone = see(ALONE[claim], f"objects that it makes when it meets {obstacle}", [], sorted(new))
    if alone and judge_failure(running, claim, str(code), f"when it meets {obstacle}",
                               start):
        see(fact, f"whether it fails when it meets {obstacle}", True, True)
        known.give("gives-up")
        return
    if alone and not running.calls and claim == "R2" and not running.boxes():
        tries_again(host, start, see, running, taken)
        return
    if makes_its_own() and not again:
        running.kill()
        for name in new:
            host.occupy(name, "event")
        gets_no_object(host, start, see, known, claim, "event", again=True)


def may_have_made_one(host: Host, start: Starter, known: Mine, running: Running) -> bool:
    """Return whether a reader silently ended with 0 or shows an empty text, as if it had got an
    object, though there was none, and fails if another kind of object has the name; or whether it
    says that it got no view."""
    ended, outcome = running.program.status()
    if may_have_an_object(outcome):
        return True
    shown = [box.text for box in running.boxes()]
    if outcome.out_total or outcome.err_total or (outcome.code if ended else shown != [""]):
        return False
    taken = put(host, known["object"], "event")
    again = start().end()
    for one in taken:
        one.close()
    return bool(again and again.code)


def tries_again(host: Host, start: Starter, see: See, running: Running,
                taken: List[NamedObject]) -> None:
    """Check whether it still runs because it waits for the object, with several attempts."""
    for one in taken:
        one.close()
    start.object(BUF_SIZE).write(start.message)
    running.until(running.boxes, ASKS)
    if running.boxes() or running.program.ended():
        see.result.seen.pop()
        see("R1.function", "attempts to get the object", 1, "more than one")


@pytest.mark.parametrize("claim, obstacle", [
    meets("W2", "event", "object", "gives-up"), meets("R2", "nothing", "object", "gives-up"),
    *(meets("W2", obstacle) for obstacle in ("closed-to-all", *OTHER_KINDS[1:])),
    *(meets("R2", obstacle) for obstacle in ("closed-to-all", *OTHER_KINDS))])
def test_it_meets(host: Host, start: Starter, see: See, known: Mine, claim: str,
                  obstacle: str) -> None:
    """It prints one line and exits with 1: with 2 if no object has the name, 6 if another kind of
    object has it, and 5 if the DACL denies everyone."""
    gets_no_object(host, start, see, known, claim, obstacle)


@pytest.mark.calls
@pytest.mark.parametrize("code, shown", [
    # The paging file is too small; a code that %d prints as a negative number.
    pytest.param(1455, "1455", id="1455", marks=pytest.mark.products),
    pytest.param(0x80000001, "-2147483647", id="negative")])
@pytest.mark.parametrize("claim, function", [
    pytest.param(claim, function, id=claim, marks=failure_check(
        claim, f"{claim}.number", needs="calls")) for claim, function in (
            ("W2", "CreateFileMapping"), ("R2", "OpenFileMapping"), ("W4", "MapViewOfFile"),
            ("R4", "MapViewOfFile"))])
def test_its_call_fails(start: Starter, see: See, known: Mine, claim: str, function: str, code: int,
                        shown: str) -> None:
    """It prints one line with the code as %d prints it, closes a handle that it has, and exits with
    1."""
    if not start.traced:
        pytest.skip("its calls cannot be seen")
    if known["others"]:
        pytest.skip("it has more than one file mapping object")
    if known.role == READER:
        start.object(BUF_SIZE)
    elif claim == "W4" and known.has("existing"):
        start.object(ROOM)
    running = start(fail=function, error=code)

    def made() -> List[Call]:
        calls = running.calls
        found = (calls.views if function == "MapViewOfFile" else calls.objects) if calls else []
        return [call for call in found
                if call.result is not None and bare(call.name) == function]

    def result() -> List[object]:
        return [call.result for call in made()[:1]]

    running.until(result)
    calls = running.calls
    if result() != [0] or function == "MapViewOfFile" and not (
            calls and calls.objects and calls.objects[0].result):
        see.stop(why=f"it makes no call of {function} that could be made to fail")
    if running.until(lambda: any(call.result for call in made()), MORE):
        see.stop(why=f"its next call of {function} succeeds")
    if any(call.arguments != made()[0].arguments for call in made()):
        see.stop(why=f"its next call of {function} fails with another error")
    if judge_failure(running, claim, shown, f"when {function} fails",
                     lambda: start(fail=function, error=code)):
        # Without its sign it is still the same code: the line is wrong, but not the number.
        see(f"{claim}.number", "whether it prints the code of the failure", True,
            any(number in printed(running.output) for number in (shown, str(code))))


@pytest.mark.products
@pytest.mark.calls
@check("W7.exit", "R6.exit")
@pytest.mark.parametrize("program, call", [
    ("writer", "UnmapViewOfFile"), ("writer", "CloseHandle"), ("reader", "MessageBox"),
    ("reader", "UnmapViewOfFile"), ("reader", "CloseHandle")])
def test_other_failures_are_not_looked_at(scene: Scene, program: str, call: str) -> None:
    """The program exits with 0 and prints nothing. Other pairs need not do as the page here."""
    launch = Launch(trace=True, fail=call, error=1455)
    if program == "reader":
        scene.host.create(scene.pair.words.name, BUF_SIZE)
    failing = scene.writer(launch) if program == "writer" else scene.reader(launch)
    if program == "writer":
        failing.press()
    elif call != "MessageBox":
        failing.answer(failing.box())
    end = failing.wait()
    assert (end.code, end.out, end.err) == (0, b"", b"")
    failed = [made.name.rstrip("AW") for made in failing.calls() if not made.result]
    assert [name for name in failed if name != "_getch"] == [call]
