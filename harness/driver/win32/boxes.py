"""The message boxes of other processes: found by class and owner, read, answered."""
from __future__ import annotations

from typing import Callable, Iterator, List, NamedTuple, Optional, Tuple

from harness.driver.errors import HarnessError, Win32Error
from harness.driver.waiting import GRACE, Countdown
from harness.driver.win32.constants import (GW_OWNER, GWL_STYLE, SMTO_ABORTIFHUNG, SS_ICON,
                                            SS_TYPEMASK, STM_GETICON, WM_COMMAND, WM_GETTEXT,
                                            WM_GETTEXTLENGTH, WM_NULL)
from harness.driver.win32.functions import Value, Win32

#: The window class of a message box, and of every other dialog box.
DIALOG = "#32770"
#: The control in which a message box has its text. (An icon's has another id on each system.)
TEXT_ITEM = 0xFFFF
#: The most characters of a text that are read.
LONGEST = 65536


class Button(NamedTuple):
    """A push button: its control id and its label, ampersand included."""

    id: int
    label: str


class Box(NamedTuple):
    """An open message box: window and owner handles, and everything a person sees. One whose
    program `hangs` cannot be read."""

    window: int
    owner: int
    title: str
    text: Optional[str]
    icon: bool
    buttons: Tuple[Button, ...]
    hangs: bool = False


def children(win32: Win32, parent: Optional[int], kind: str) -> Iterator[int]:
    """The child windows of that class, or the top-level windows where the parent is None."""
    window = 0
    while True:
        window = win32.FindWindowExW(parent, window, kind, None)
        if not window:
            return
        yield window


def _process_of(win32: Win32, window: int) -> int:
    process = win32.out("DWORD")
    win32.GetWindowThreadProcessId(window, process)
    return process.get()


class _Reader:
    """Asks windows, as long as there is time; one that does not answer has no more to say."""

    def __init__(self, win32: Win32, seconds: float) -> None:
        self.win32 = win32
        self._countdown = Countdown(seconds)

    def ask(self, window: int, message: int, w: int = 0, into: Value = None) -> Optional[int]:
        """The window's answer to a message, or None."""
        result = self.win32.out("SIZE_T")
        milliseconds = int(1000 * self._countdown.left())
        try:
            if milliseconds:
                self.win32.SendMessageTimeoutW(window, message, w, into, SMTO_ABORTIFHUNG,
                                               milliseconds, result)
                return result.get()
        except Win32Error:
            pass
        return None

    def text(self, window: int) -> Optional[str]:
        """What the window says."""
        length = self.ask(window, WM_GETTEXTLENGTH)
        if length is None:
            return None
        room = bytearray(2 * (min(length, LONGEST) + 1))
        copied = self.ask(window, WM_GETTEXT, len(room) // 2, room)
        return None if copied is None else room[:2 * copied].decode("utf-16-le", "surrogatepass")

    def has_icon(self, box: int) -> bool:
        """Whether a static control of the box shows an icon."""
        return any(self.win32.GetWindowLongW(child, GWL_STYLE) & SS_TYPEMASK == SS_ICON
                   and self.ask(child, STM_GETICON)
                   for child in children(self.win32, box, "Static"))

    def box(self, window: int) -> Box:
        """Everything about that box."""
        win32 = self.win32
        owner = win32.GetWindow(window, GW_OWNER)
        # A program that hangs would let each question wait in vain, so one is asked first.
        if self.ask(window, WM_NULL) is None:
            return Box(window, owner, "", None, False, (), True)
        item = win32.GetDlgItem(window, TEXT_ITEM)
        return Box(window, owner, self.text(window) or "", self.text(item) if item else None,
                   self.has_icon(window),
                   tuple(Button(win32.GetDlgCtrlID(child), self.text(child) or "")
                         for child in children(win32, window, "Button")))


def boxes(win32: Win32, process_id: int, seconds: float, ended: Callable[[float], bool]
          ) -> List[Box]:
    """The open message boxes of a process, as soon as there is one; none if the time is over or
    the process has `ended`, which is asked with the seconds that it may wait for that."""
    countdown = Countdown(seconds)
    while True:
        found = [window for window in children(win32, None, DIALOG)
                 if _process_of(win32, window) == process_id and win32.IsWindowVisible(window)]
        # Nothing announces another process's windows; waiting for its end paces the search.
        if found or countdown.over() or ended(0.001):
            break
    # Each has its share of the time, so that one that hangs takes no other's.
    countdown = Countdown(GRACE)
    return [_Reader(win32, countdown.left() / (len(found) - number)).box(window)
            for number, window in enumerate(found)]


def answer(win32: Win32, process_id: int, window: int, button: int) -> None:
    """Press that button of a message box of the process. Raises HarnessError where it has no such
    window, Win32Error."""
    if _process_of(win32, window) != process_id:
        raise HarnessError(f"process {process_id} has no window {window:#x} any more")
    control = win32.GetDlgItem(window, button)
    win32.PostMessageW(window, WM_COMMAND, button, control)
