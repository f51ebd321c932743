"""A Python prompt with two live Win32 processes, `first` and `second`: `make lab`.

    >>> h = first.CreateFileMapping(INVALID_HANDLE_VALUE, None, PAGE_READWRITE, 0, 256, NAME)
    first: CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 256, "…") -> h1
      Global\\Mine: 1 handle, 4,096 bytes

The process named before the dot really makes each call. One line shows the call, its result and its
last error; a second line shows the object as a third process sees it. A failing call raises no
exception: it returns NULL, and you go on. You can pipe in a script; its lines are echoed.
"""
from __future__ import annotations

import code
import struct
import sys
from contextlib import closing, suppress
from typing import Any, Callable, Dict, List

from harness.driver import waiting
from harness.driver.errors import Win32Error
from harness.driver.host import Host, Settings
from harness.driver.hosts import open_host
from harness.driver.win32 import boxes, constants
from harness.driver.win32.agent import Agent
from harness.driver.win32.functions import FAILURE, Win32
from harness.driver.win32.prototypes import FUNCTIONS, Prototype
from harness.lessons.command import exit_with
from harness.lessons.drawing import draw, dump

NAME = "Global\\Mine"
#: MSGBOXPARAMSW in a 64-bit process: size, owner, module, text, caption, style and the rest.
BOX = struct.Struct("<I4xQQQQI4xQQQI4x")
BANNER = """Two processes, first and second, wait for your calls. Try:
  h = first.CreateFileMapping(INVALID_HANDLE_VALUE, None, PAGE_READWRITE, 0, 256, NAME)
help(first.MapViewOfFile) shows a function's prototype, dir(first) all functions, Ctrl-D ends."""


class Process:
    """A live Win32 process. Its methods are the functions of driver/win32/prototypes.py, with or
    without their final W; `show`, `write` and `message_box` are the laboratory's own."""

    def __init__(self, name: str, host: Host, agent: Agent, watched: List[str]) -> None:
        self._name, self._host, self._win32, self._watched = name, host, Win32(agent), watched
        self._labels: Dict[int, str] = {}
        self._box = 0

    def __dir__(self) -> List[str]:
        return sorted(name[:-1] if name.endswith("W") else name for name in FUNCTIONS
                      if not name.startswith("Nt")) + ["message_box", "press_ok", "show", "write"]

    def __getattr__(self, name: str) -> Callable[..., int]:
        if name not in FUNCTIONS and name + "W" not in FUNCTIONS:
            raise AttributeError(f"no function {name}; dir({self._name}) lists them")
        prototype = FUNCTIONS[name if name in FUNCTIONS else name + "W"]

        def function(*arguments: Any) -> int:
            return self._call(prototype, arguments)

        function.__name__ = prototype.name
        function.__doc__ = str(prototype)
        return function

    def _call(self, prototype: Prototype, arguments: Any) -> int:
        shown = ", ".join(self._shown(kind, value)
                          for kind, value in zip(prototype.types, arguments))
        try:
            result = getattr(self._win32, prototype.name)(*arguments)
            error = self._win32.last_error if self._win32.last_error == 183 else 0
        except Win32Error as problem:
            result, error = FAILURE[prototype.result], problem.code
        if result and prototype.result in ("HANDLE", "PVOID"):
            kind = prototype.result[0].lower().replace("p", "v")
            count = sum(label[0] == kind for label in self._labels.values())
            self._labels[result] = f"{kind}{count + 1}"
        ended = f", last error {constants.error_name(error)}" if error else ""
        print(f"{self._name}: {prototype.name}({shown}) -> "
              f"{self._shown(prototype.result, result)}{ended}")
        if "FileMapping" in prototype.name and isinstance(arguments[-1], str):
            self._watched[:] = [arguments[-1]]
        for name in self._watched:
            print(f"  {name}: {seen(self._host, name)}")
        return int(result)

    def _shown(self, kind: str, value: Any) -> str:
        if isinstance(value, str):
            return f'"{constants.escaped(value)}"'
        if value is None:
            return "NULL"
        pointer = kind in ("HANDLE", "PVOID") and value in self._labels
        return self._labels[value] if pointer else constants.named(kind, value)

    def show(self, view: int, count: int = 16) -> None:
        """Print `count` bytes of a view in this process."""
        print("\n".join(dump(self._win32.read(view, count))))

    def write(self, view: int, text: str, encoding: str = "utf-16-le") -> None:
        """Write the text into a view, without a terminator."""
        self._win32.write(view, text.encode(encoding))

    def message_box(self, view: int, title: str = "Process2") -> None:
        """Open a message box with the text of a view. It stays open: a new thread runs it."""
        caption = (title + "\0").encode("utf-16-le")
        place, = self._win32.stored(caption)
        room = self._win32.allocate(BOX.size)
        self._win32.write(room, BOX.pack(BOX.size, 0, 0, view, place, 0, 0, 0, 0, 0))
        # This function takes a single argument, so it can be a thread's start routine.
        self._win32.CreateThread(None, 0, self._win32.address("user32", "MessageBoxIndirectW"),
                                 room, 0, None)
        self._draw(waiting.BOX)

    def _draw(self, seconds: float) -> None:
        # This process never ends, but waiting for it yields the processor.
        own = constants.CURRENT_PROCESS
        for box in boxes.boxes(self._win32, self._win32.GetCurrentProcessId(), seconds,
                               lambda wait: self._win32.wait(own, seconds=wait) is not None):
            self._box = box.window
            print("\n".join(draw(box)))

    def press_ok(self) -> None:
        """Draw the open message box as it is now, and press its button."""
        self._draw(0)
        boxes.answer(self._win32, self._win32.GetCurrentProcessId(), self._box, 1)


def seen(host: Host, name: str) -> str:
    """Describe the file mapping object of that name as a third process sees it."""
    try:
        # FILE_MAP_COPY also grants the right to query the object's size.
        mapping = host.open(name, constants.FILE_MAP_READ | constants.FILE_MAP_COPY)
    except Win32Error as error:
        return f"cannot be opened, error {constants.error_name(error.code)}"
    with closing(mapping):
        handles = mapping.handles() - 1
        return f"{handles} handle{'s' * (handles != 1)}, {mapping.section()[0]:,} bytes"


class Laboratory(code.InteractiveConsole):
    """Two processes in a host, and the Python prompt that controls them. `locals` has its names:
    the processes, and the constants of Win32."""

    locals: Dict[str, Any]

    def __init__(self, host: Host) -> None:
        self._agents = [host.new_agent(), host.new_agent()]
        watched: List[str] = []
        super().__init__({
            **{name: value for name, value in vars(constants).items() if name.isupper()},
            **{name: Process(name, host, agent, watched)
               for name, agent in zip(("first", "second"), self._agents)}, "NAME": NAME})
        # Do not echo handles.
        sys.displayhook = lambda value: None if isinstance(value, int) else \
            sys.__displayhook__(value)

    def close(self) -> None:
        """End both processes."""
        for agent in self._agents:
            agent.close()

    def showtraceback(self) -> None:
        """Print the exception in one line, without its traceback."""
        kind, problem = sys.exc_info()[:2]
        print(f"{kind.__name__ if kind else ''}: {problem}")

    def run(self, lines: List[str]) -> None:
        """Echo and run the lines as if they were typed."""
        more = False
        for line in lines:
            print("... " if more else ">>> ", line, sep="")
            more = self.push(line)


def main() -> int:
    """Run the laboratory at a terminal, or for the script on standard input."""
    with closing(open_host(Settings(), NAME)) as host, closing(Laboratory(host)) as laboratory:
        if not sys.stdin.isatty():
            laboratory.run(sys.stdin.read().splitlines())
            return 0
        with suppress(ImportError):  # Not every Python can complete names.
            import readline
            import rlcompleter
            readline.set_completer(rlcompleter.Completer(laboratory.locals).complete)
            readline.parse_and_bind("tab: complete")
        laboratory.interact(BANNER, exitmsg="")
    return 0


if __name__ == "__main__":
    exit_with("lab", main)
