"""The consoles of programs: which one a program gets, its keys, its screen, Ctrl-C."""
from __future__ import annotations

import itertools
from contextlib import contextmanager, suppress
from typing import Any, Iterator, List, NamedTuple, Tuple

from harness.driver.errors import HostLost, Win32Error
from harness.driver.win32.constants import (ERROR_WRITE_FAULT, FILE_SHARE_READ_WRITE,
                                            GENERIC_READ_WRITE, KEY_EVENT, OPEN_EXISTING)
from harness.driver.win32.functions import Win32

EVENTS = 32  #: The most input events to check.


class Key(NamedTuple):
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


class Consoles:
    """The consoles that an agent has created for its programs, `inhabitants`. A process has at most
    one console, so the agent switches to that of the program: `current` is its number, or 0."""

    def __init__(self, win32: Win32) -> None:
        self.win32 = win32
        self.current = 0
        self.inhabitants: List[Any] = []
        self._made = 0
        self._first_mode = 0  # The input mode of a new console.
        self._ignore_ctrl_c()

    def _ignore_ctrl_c(self) -> None:
        """Ignore Ctrl-C with a handler routine: programs would inherit NULL. The agent may have
        inherited NULL, so undo that. Windows forgets the routine with each change of console."""
        for handler, add in ((None, False), (self.win32.agent.ignore, True)):
            self.win32.SetConsoleCtrlHandler(handler, add)

    @contextmanager
    def opened(self, name: str = "CONIN$", inherited: bool = False) -> Iterator[int]:
        """Yield a handle to the input (CONIN$) or the screen (CONOUT$) of the current console;
        programs inherit it if `inherited`. Raises Win32Error."""
        handle = self.win32.CreateFileW(
            name, GENERIC_READ_WRITE, FILE_SHARE_READ_WRITE,
            self.win32.out("SECURITY_ATTRIBUTES", inherit=inherited), OPEN_EXISTING, 0, None)
        try:
            yield handle
        finally:
            with suppress(HostLost):
                self.win32.CloseHandle(handle)

    def _mode(self, handle: int) -> int:
        mode = self.win32.out("DWORD")
        self.win32.GetConsoleMode(handle, mode)
        return int(mode.value)

    def new(self) -> None:
        """Switch to a new console. Raises Win32Error."""
        self._leave()
        self.win32.AllocConsole()
        self._made += 1
        self.current = self._made
        self._ignore_ctrl_c()
        with self.opened() as handle:
            self._first_mode = self._mode(handle)

    def choose(self, new: bool) -> None:
        """Switch to a new console, unless the current one will do: no new one is wanted, and all of
        its programs run (their unread keys stay), or all have ended and left it as it was."""
        self.inhabitants = [process for process in self.inhabitants if process.console]
        here = [process for process in self.inhabitants if process.console == self.current]
        ended = [process.ended() for process in here]
        if new or not self.current or any(ended) and not all(ended) or (
                all(ended) and not self.untouched()):
            self.new()

    def join(self, console: int, process_id: int) -> None:
        """Switch to that console, to which that process is attached. Raises Win32Error."""
        if console != self.current:
            self._leave()
            self.win32.AttachConsole(process_id)
            self.current = console
            self._ignore_ctrl_c()

    def _leave(self) -> None:
        self.current = 0
        try:
            self.win32.FreeConsole()
        except Win32Error:
            pass  # There was none.

    def untouched(self) -> bool:
        """Discard the unread input of the current console. Return whether it is as good as new: the
        initial mode, an empty screen, no pending read of an ended program to take the next key."""
        win32 = self.win32
        released = win32.out("KEY_INPUT_RECORD", type=KEY_EVENT)
        count = win32.out("DWORD")
        try:
            with self.opened() as handle:
                if self._mode(handle) != self._first_mode:
                    return False
                win32.FlushConsoleInputBuffer(handle)
                win32.WriteConsoleInputW(handle, released, 1, count)
                win32.GetNumberOfConsoleInputEvents(handle, count)
                win32.FlushConsoleInputBuffer(handle)
                return count.value == 1 and self.screen() == ("", 0, 0)
        except Win32Error:
            return False

    def press(self, key: Key) -> None:
        """Press and release a key in the current console. Raises Win32Error."""
        written = self.win32.out("DWORD")
        records = b"".join(bytes(self.win32.out(
            "KEY_INPUT_RECORD", type=KEY_EVENT, down=down, repeat=1, key=key.code, char=key.char,
            control=key.control, scan=self.win32.MapVirtualKeyW(key.code, 0))) for down in (1, 0))
        with self.opened() as handle:
            self.win32.WriteConsoleInputW(handle, records, 2, written)
        if written.value != 2:
            raise Win32Error("WriteConsoleInputW", ERROR_WRITE_FAULT)

    def unread(self, key: Key) -> bool:
        """Return whether the current console has that key, unread. Raises Win32Error."""
        count = self.win32.out("DWORD")
        record = self.win32.structure("KEY_INPUT_RECORD")
        records = bytearray(EVENTS * len(record()))
        with self.opened() as handle:
            self.win32.PeekConsoleInputW(handle, records, EVENTS, count)
        return any(one.type == KEY_EVENT and one.down and one.key == key.code
                   for one in itertools.islice(record.each(records), count.value))

    def discard_input(self) -> None:
        """Discard the unread input of the current console. Raises Win32Error."""
        with self.opened() as handle:
            self.win32.FlushConsoleInputBuffer(handle)

    def screen(self) -> Tuple[str, int, int]:
        """Return the current console's text to the end of the cursor's row, and the cursor's row
        and column from 0."""
        info, read = self.win32.out("CONSOLE_SCREEN_BUFFER_INFO"), self.win32.out("DWORD")
        with self.opened("CONOUT$") as handle:
            self.win32.GetConsoleScreenBufferInfo(handle, info)
            text = bytearray(2 * (info.row + 1) * info.columns)
            self.win32.ReadConsoleOutputCharacterW(handle, text, len(text) // 2, 0, read)
        shown = text.decode("utf-16-le", "surrogatepass").rstrip()
        return shown, info.row, info.column
