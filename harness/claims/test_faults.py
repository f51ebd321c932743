"""Calls made to fail with codes that no arrangement of objects can produce."""
from __future__ import annotations

import pytest

from harness.driver.contract import CREATE_FAILED, MAP_FAILED, NAME, OPEN_FAILED
from harness.driver.meeting import Scene
from harness.driver.programs import Launch, Program
from harness.judge.expectations import expect

pytestmark = pytest.mark.calls

#: The code and how `%d` prints it: short of memory, of system resources, of paging file, and one
#: with the highest bit set, of which %d makes a negative number.
CODES = [(8, "8"), (1450, "1450"), (1455, "1455"), (0x80000001, "-2147483647")]


def start_failing(scene: Scene, half: str, call: str, code: int) -> Program:
    """Start that half of the pair with the call made to fail."""
    if half == "reader":
        scene.host.create(NAME, 256)
    start = {"writer": scene.writer, "reader": scene.reader}[half]
    return start(Launch(trace=True, fail=call, error=code))


@pytest.mark.parametrize("code, printed", CODES)
@pytest.mark.parametrize("claim, half, call, text", [
    pytest.param("W2", "writer", "CreateFileMapping", CREATE_FAILED,
                 marks=pytest.mark.claims("W2", "B4")),
    pytest.param("W4", "writer", "MapViewOfFile", MAP_FAILED,
                 marks=pytest.mark.claims("W4", "B4")),
    pytest.param("R2", "reader", "OpenFileMapping", OPEN_FAILED,
                 marks=pytest.mark.claims("R2", "B4")),
    pytest.param("R4", "reader", "MapViewOfFile", MAP_FAILED,
                 marks=pytest.mark.claims("R4", "B4")),
])
def test_a_failure_is_told_with_its_code(scene: Scene, claim: str, half: str, call: str, text: str,
                                         code: int, printed: str) -> None:
    """One line with the code, exit code 1, and every handle closed that was open."""
    program = start_failing(scene, half, call, code)
    end = program.wait()
    expect(claim, f"what the {half} prints when {call} fails with {code}",
           (text.format(printed), "", 1), (end.out.decode("ascii", "replace"),
                                           end.err.decode("ascii", "replace"), end.code))
    made = program.calls()
    opened = [call_made.result for call_made in made
              if "FileMapping" in call_made.name and call_made.result]
    closed = [call_made.arguments[0] for call_made in made
              if call_made.name == "CloseHandle" and call_made.result]
    expect(claim, f"the handles that the {half} closes after {call} has failed", opened, closed)
    expect(claim, f"the last call of the {half}", "CloseHandle" if opened else call,
           made[-1].name if opened else made[-1].name.rstrip("AW"))


@pytest.mark.products
@pytest.mark.parametrize("half, call, claim", [
    pytest.param("writer", "UnmapViewOfFile", "W7", marks=pytest.mark.claims("W7")),
    pytest.param("writer", "CloseHandle", "W7", marks=pytest.mark.claims("W7")),
    pytest.param("reader", "MessageBox", "R5", marks=pytest.mark.claims("R5")),
    pytest.param("reader", "UnmapViewOfFile", "R6", marks=pytest.mark.claims("R6")),
    pytest.param("reader", "CloseHandle", "R6", marks=pytest.mark.claims("R6")),
])
def test_other_failures_are_not_looked_at(scene: Scene, half: str, call: str, claim: str) -> None:
    """No other result is looked at: the program goes on to exit 0 and prints nothing. The page
    shows that and asks it of nobody, so another pair may look."""
    program = start_failing(scene, half, call, 1455)
    if half == "writer":
        program.press()
    elif call != "MessageBox":
        program.answer(program.box())
    end = program.wait()
    expect(claim, f"how the {half} ends when {call} has failed", (0, b"", b""),
           (end.code, end.out, end.err))
    failed = [made.name.rstrip("AW") for made in program.calls() if not made.result]
    expect(claim, "the calls that failed", [call], [name for name in failed if name != "_getch"])
