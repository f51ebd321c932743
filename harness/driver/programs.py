"""Programs under test, as started by the agent, and their message boxes."""
from __future__ import annotations

from dataclasses import dataclass
from typing import List, NamedTuple, Optional, Tuple

from harness.driver.agent import Agent, Answer
from harness.driver.calls import Call
from harness.driver.errors import Expired, HarnessError, Win32Error
from harness.driver.waiting import AGENT_START, DEADLINE, Deadlines, deadlines


@dataclass(frozen=True)
class Key:
    """A key as a console delivers it: virtual-key code, character, control-key state."""

    code: int
    char: int = 0
    control: int = 0


ENTER = Key(0x0D, 0x0D)
ESCAPE = Key(0x1B, 0x1B)
SPACE = Key(0x20, 0x20)
LETTER = Key(0x58, ord("x"))
CONTROL_C = Key(0x43, 3, 0x0008)
F1 = Key(0x70)
ARROW_UP = Key(0x26, 0, 0x0100)


@dataclass(frozen=True)
class Button:
    """A push button: its control id and its label, ampersand included."""

    id: int
    label: str


@dataclass(frozen=True)
class Box:
    """An open message box: window and owner handles, and everything a person sees. One whose
    program `hangs` cannot be read."""

    window: int
    owner: int
    title: str
    text: Optional[str]
    icon: bool
    buttons: Tuple[Button, ...]
    hangs: bool = False


@dataclass(frozen=True)
class Exit:
    """How a program ended: exit code, and the bytes that it wrote to its two streams.

    `out` and `err` hold at most the first 64 KiB; `out_total` and `err_total` count all bytes so
    far. More may follow unless both streams are `over`: a child may have them open.
    """

    code: int
    out: bytes
    err: bytes
    out_total: int
    err_total: int
    over: bool = True


@dataclass(frozen=True)
class Launch:
    """How a program is started.

    `new_console`: in a console of its own, and not in the one that all programs share.
    `limited_token`: with a token that lacks SeCreateGlobalPrivilege. `trace`: under the agent as
    its debugger, so that `calls` works. `hold`: traced, and held before and after each call.
    `fail`: traced, and the first call of that function (named without A or W) fails with the last
    error `error`.
    """

    new_console: bool = False
    limited_token: bool = False
    trace: bool = False
    hold: bool = False
    fail: Optional[str] = None
    error: int = 0


TRACED = Launch(trace=True)
HELD = Launch(trace=True, hold=True)


class Place(NamedTuple):
    """Where a program started with `hold` is: whether it is held or has ended (or runs), how many
    stops it has made, and its last call. The first stop is at its start; each call makes two."""

    held: bool
    ended: bool
    stops: int
    call: Optional[Call]


class Program:
    """A program that the agent has started.

    `command` is its Windows command line, `folder` the Windows path of its current directory.
    `name` is what failure messages call it. `deadlines` are those of its steps; the harness's own
    programs, which are not checked, have their own.
    """

    deadlines = deadlines

    def __init__(self, agent: Agent, name: str, command: str, folder: Optional[str] = None,
                 launch: Launch = Launch(), own_deadlines: Optional[Deadlines] = None) -> None:
        self.agent = agent
        self.name = name
        self.traced = launch.trace
        self.terminated = False
        if own_deadlines:
            self.deadlines = own_deadlines
        started = agent.request(
            "start", grace=AGENT_START, command=command, folder=folder,
            console="new" if launch.new_console else None,
            token="limited" if launch.limited_token else None, trace=launch.trace or None,
            hold=launch.hold or None, fail=launch.fail, error=launch.error if launch.fail else None)
        self.number: int = started["program"]
        self.pid: int = started["pid"]

    def _request(self, verb: str, seconds: float = 0.0, **fields: Optional[int]) -> Answer:
        return self.agent.request(verb, seconds, program=self.number, **fields)

    def _ask_trace(self, verb: str, seconds: float = 0.0, to: Optional[int] = None) -> Answer:
        """What fails in the tracer says nothing about the program, and makes its calls useless."""
        try:
            return self._request(verb, seconds, to=to)
        except Win32Error as error:
            raise HarnessError(f"calls of {self.name} may be missing: {error}") from error

    def status(self) -> Tuple[bool, Exit]:
        """Whether it has ended, and what it has written so far (the code is 0 until it ends)."""
        return self._status(0.0)

    def ended(self) -> bool:
        """Whether it has ended."""
        return self.status()[0]

    def _status(self, seconds: float) -> Tuple[bool, Exit]:
        answer = self._request("wait", seconds)
        out, err = answer["out"], answer["err"]
        return answer["ended"], Exit(answer.get("code", 0), bytes.fromhex(out["data"]),
                                     bytes.fromhex(err["data"]), out["total"], err["total"],
                                     out["over"] and err["over"])

    def wait(self, seconds: float = DEADLINE) -> Exit:
        """Wait for its end. Raises Expired, with its boxes and output, when it goes on."""
        seconds = self.deadlines.allowed(seconds)
        ended, outcome = self._status(seconds)
        if not ended:
            raise Expired(f"{self.name} was expected to end within {seconds:g} s, but still runs; "
                          f"{self.describe()}")
        return outcome

    def boxes(self, seconds: float = 0.0) -> List[Box]:
        """Its open message boxes, waiting for the first one; empty if it ends or none comes."""
        answer = self._request("boxes", self.deadlines.allowed(seconds))
        return [Box(box["window"], box["owner"], box.get("title", ""), box.get("text"),
                    box.get("icon", False),
                    tuple(Button(button["id"], button.get("label", ""))
                          for button in box.get("buttons", [])), box["hangs"])
                for box in answer["boxes"]]

    def box(self, seconds: float = DEADLINE) -> Box:
        """Its one open message box. Raises Expired if it opens none, or more than one."""
        boxes = self.boxes(seconds)
        if len(boxes) != 1:
            seconds = self.deadlines.allowed(seconds)
            raise Expired(f"{self.name} was expected to show one message box within {seconds:g} s, "
                          f"but {self.describe(boxes)}")
        return boxes[0]

    def answer(self, box: Box, button: Optional[Button] = None) -> None:
        """Press a button of its box; the first one unless another is named."""
        self._request("answer", window=box.window, button=(button or box.buttons[0]).id)

    def press(self, key: Key = LETTER) -> None:
        """Press one key on its console (WriteConsoleInput)."""
        self._request("press", key=key.code, char=key.char, control=key.control)

    def screen(self) -> Tuple[str, int, int]:
        """The text on its console up to the cursor, and the cursor's row and column from 0."""
        answer = self._request("screen")
        return answer.get("text", ""), answer["row"], answer["column"]

    def calls(self) -> List[Call]:
        """The calls that its own code has made so far, in their order; it was started traced."""
        return [Call.of(call) for call in self._ask_trace("calls")["calls"]]

    def has_called(self, name: str) -> bool:
        """Whether a traced program has called that function (its exact name) so far."""
        return any(call.name == name for call in self.calls())

    def place(self, seconds: float = DEADLINE) -> Place:
        """Where a held program is, once it has come to its next stop, or after `seconds`."""
        return self._place(self._ask_trace("held", self.deadlines.allowed(seconds)))

    def go(self, to: Optional[int] = None, seconds: float = 0.0) -> Place:
        """Let a held program go on to its next stop, or until it has made `to` stops; where it is
        then. With 0 seconds nobody waits for that."""
        return self._place(self._ask_trace("go", self.deadlines.allowed(seconds), to=to))

    @staticmethod
    def _place(answer: Answer) -> Place:
        call = answer.get("call")
        return Place(answer["held"], answer["ended"], answer["stops"], call and Call.of(call))

    def go_through(self, function: str) -> None:
        """Let a held program go on until that call (its exact name) has returned. Raises Expired
        where the program never makes it."""
        while True:
            place = self.place()
            if not place.held:
                raise Expired(f"a call of {function} was expected; {self.describe()}")
            if place.call and place.call.name == function and place.call.result is not None:
                return
            self.go()

    def terminate(self) -> None:
        """End it as a crash would (TerminateProcess)."""
        self.terminated = True
        self._request("terminate")

    def describe(self, boxes: Optional[List[Box]] = None) -> str:
        """What can be seen of it from outside, in one line, for a failure message."""
        ended, seen = self.status()
        boxes = self.boxes() if boxes is None else boxes
        shown = "; ".join("one that does not answer" if box.hangs else
                          f'"{box.title}" saying "{box.text}"' for box in boxes) or "none"
        return (f"{self.name} (process {self.pid}) "
                f"{f'ended with {seen.code}' if ended else 'is running'}; open boxes: {shown}; "
                f"standard output: {seen.out[:400]!r} ({seen.out_total} bytes); "
                f"standard error: {seen.err[:400]!r} ({seen.err_total} bytes)")

    def forget(self) -> None:
        """End it and all of its children, and free what the agent holds of it."""
        self._request("forget")
