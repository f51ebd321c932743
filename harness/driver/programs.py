"""Programs under test, as started by the agent, and their message boxes."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Tuple

from .agent import Agent
from .calls import Call
from .patience import DEADLINE, patience


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
    """An open message box: window and owner handles, and everything a person sees."""

    window: int
    owner: int
    title: str
    text: Optional[str]
    icon: bool
    buttons: Tuple[Button, ...]


@dataclass(frozen=True)
class Exit:
    """How a program ended: exit code, and the bytes that it wrote to its two streams.

    `out` and `err` hold at most the first 64 KiB; `out_total` and `err_total` count all bytes.
    """

    code: int
    out: bytes
    err: bytes
    out_total: int
    err_total: int


class Program:
    """A program that the agent has started.

    `command` is its Windows command line. `name` is what failure messages call it. Further
    fields go to the agent's `start` request as they are. `patience` is how long its steps may
    take; the harness's own programs, which are not judged, have theirs.
    """

    patience = patience

    def __init__(self, agent: Agent, name: str, command: str, **fields: object) -> None:
        self.agent = agent
        self.name = name
        started = agent.request("start", 0, command=command, **fields)
        self.number: int = started["program"]
        self.pid: int = started["pid"]

    def _request(self, verb: str, ms: int = 0, **fields: object) -> Dict[str, Any]:
        return self.agent.request(verb, ms, program=self.number, **fields)

    def status(self) -> Tuple[bool, Exit]:
        """Whether it has ended, and what it has written so far (the code is 0 until it ends)."""
        return self._status(0)

    def ended(self) -> bool:
        """Whether it has ended."""
        return self.status()[0]

    def _status(self, ms: int) -> Tuple[bool, Exit]:
        answer = self._request("wait", ms)
        return answer["ended"], Exit(answer.get("code", 0), bytes.fromhex(answer["out"]),
                                     bytes.fromhex(answer["err"]), answer["out_total"],
                                     answer["err_total"])

    def wait(self, seconds: float = DEADLINE) -> Exit:
        """Wait for its end. Raises Expired, with its boxes and output, when it goes on."""
        seconds = self.patience.allowed(seconds)
        ended, outcome = self._status(int(seconds * 1000))
        if not ended:
            raise self.patience.expired(f"{self.name} was expected to end within {seconds:g} s, "
                                        f"but still runs; {self.describe()}", seconds)
        return outcome

    def boxes(self, seconds: float = 0.0) -> List[Box]:
        """Its open message boxes, waiting for the first one; empty if it ends or none comes."""
        answer = self._request("boxes", int(self.patience.allowed(seconds) * 1000))
        return [Box(box["window"], box["owner"], box.get("title", ""), box.get("text"),
                    box.get("icon", False),
                    tuple(Button(button["id"], button.get("label", ""))
                          for button in box.get("buttons", [])))
                for box in answer["boxes"]]

    def box(self, seconds: float = DEADLINE) -> Box:
        """Its one open message box. Raises Expired if it opens none, or more than one."""
        boxes = self.boxes(seconds)
        if len(boxes) != 1:
            seconds = self.patience.allowed(seconds)
            raise self.patience.expired(
                f"{self.name} was expected to show one message box within {seconds:g} s, but "
                f"{self.describe(boxes)}", seconds)
        return boxes[0]

    def answer(self, box: Box, button: Optional[Button] = None) -> None:
        """Press a button of its box; the first one unless another is named."""
        self.agent.request("answer", window=box.window, button=(button or box.buttons[0]).id)

    def press(self, key: Key = LETTER) -> None:
        """Press one key on its console (WriteConsoleInput)."""
        self._request("press", key=key.code, char=key.char, control=key.control)

    def screen(self) -> Tuple[str, int, int]:
        """The text on its console up to the cursor, and the cursor's row and column from 0."""
        answer = self._request("screen")
        return answer.get("text", ""), answer["row"], answer["column"]

    def calls(self) -> List[Call]:
        """What it has called so far, in that order; it was started with trace=1."""
        return [Call.of(call) for call in self._request("calls")["calls"]]

    def terminate(self) -> None:
        """End it as a crash would (TerminateProcess)."""
        self._request("terminate")

    def describe(self, boxes: Optional[List[Box]] = None) -> str:
        """What can be seen of it from outside, in one line, for a failure message."""
        ended, seen = self.status()
        boxes = self.boxes() if boxes is None else boxes
        shown = "; ".join(f"«{box.title}» saying «{box.text}»" for box in boxes) or "none"
        return (f"{self.name} (process {self.pid}) "
                f"{f'ended with {seen.code}' if ended else 'is running'}; open boxes: {shown}; "
                f"standard output: {seen.out[:400]!r} ({seen.out_total} bytes); "
                f"standard error: {seen.err[:400]!r} ({seen.err_total} bytes)")

    def forget(self) -> None:
        """End it and all of its children, and free what the agent holds of it."""
        self._request("forget")
