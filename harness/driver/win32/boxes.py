"""Finds message boxes of other processes by class and owner, reads and answers them."""
from __future__ import annotations

from typing import Callable, List, NamedTuple, Optional, Tuple

from harness.driver.errors import HarnessError, Win32Error
from harness.driver.waiting import GRACE, Countdown
from harness.driver.win32.constants import (GW_HWNDNEXT, GW_OWNER, GWL_STYLE, SMTO_NORMAL,
                                            SS_ICON, SS_TYPEMASK, STM_GETICON, WM_CLOSE, WM_COMMAND,
                                            WM_GETTEXT, WM_NULL)
from harness.driver.win32.functions import Value, Win32

#: The window class of a message box, and of every other dialog box.
DIALOG = "#32770"
#: The control with a message box's text. (The id of the icon's differs between systems.)
TEXT_ITEM = 0xFFFF
#: The buffer for a class name, in characters; the names searched for are shorter.
CLASS_ROOM = 32
#: How often the windows are walked through at most.
WALKS = 5
#: The characters of a text to read at first, and at most.
SOME, LONGEST = 2048, 65536


class Button(NamedTuple):
    """A push button: its control id and its label, ampersand included."""

    id: int
    label: str


class Box(NamedTuple):
    """An open message box: window and owner handles, and everything that a user sees. If its
    program `hangs`, it cannot be read."""

    window: int
    owner: int
    title: str
    text: Optional[str]
    icon: bool
    buttons: Tuple[Button, ...]
    hangs: bool = False


def children(win32: Win32, parent: Optional[int], kind: Optional[str]) -> List[int]:
    """Return the child windows of that class, or of any (None); top-level windows if the parent is
    None. The walk is repeated if a window comes to the top or goes meanwhile."""
    found: List[int] = []
    for _ in range(WALKS):
        # Do not search for the next one with FindWindowEx: Wine 10's server has searched for 20 s
        # after a window, using a whole processor.
        first = window = win32.FindWindowExW(parent, None, kind, None)
        found.clear()
        while window and window not in found:
            found.append(window)
            window = win32.GetWindow(window, GW_HWNDNEXT)
        if win32.FindWindowExW(parent, None, kind, None) == first and (
                not found or win32.IsWindow(found[-1])):
            break
    return [window for window in found if not kind or _class_of(win32, window) == kind]


def _class_of(win32: Win32, window: int) -> str:
    name = bytearray(2 * CLASS_ROOM)
    length = win32.GetClassNameW(window, name, CLASS_ROOM)
    return name[:2 * length].decode("utf-16-le", "surrogatepass")


def _process_of(win32: Win32, window: int) -> int:
    process = win32.out("DWORD")
    win32.GetWindowThreadProcessId(window, process)
    return int(process.value)


def _visible(win32: Win32, process_id: int, kind: Optional[str]) -> List[int]:
    return [window for window in children(win32, None, kind)
            if _process_of(win32, window) == process_id and win32.IsWindowVisible(window)]


def _ask(win32: Win32, window: int, message: int, w: int = 0, into: Value = None,
         seconds: float = GRACE) -> int:
    """Return the window's answer to a message. Raises Win32Error if the window has gone, or if its
    program does not answer in that time."""
    result = win32.out("SIZE_T")
    win32.SendMessageTimeoutW(window, message, w, into, SMTO_NORMAL,
                              max(1, int(1000 * seconds)), result)
    return int(result.value)


def _text(win32: Win32, window: int) -> str:
    for characters in SOME, LONGEST:
        room = bytearray(2 * characters)
        copied = _ask(win32, window, WM_GETTEXT, characters, room)
        if copied < characters - 1:
            break
    return room[:2 * copied].decode("utf-16-le", "surrogatepass")


def _has_icon(win32: Win32, box: int) -> bool:
    return any(win32.GetWindowLongW(child, GWL_STYLE) & SS_TYPEMASK == SS_ICON
               and _ask(win32, child, STM_GETICON) for child in children(win32, box, "Static"))


def _read(win32: Win32, window: int, seconds: float) -> Optional[Box]:
    """Return everything about a message box, or None if it has gone. Its program has that many
    seconds for the first answer: in one that hangs, each question would wait in vain."""
    owner = win32.GetWindow(window, GW_OWNER)
    try:
        _ask(win32, window, WM_NULL, seconds=seconds)
        item = win32.GetDlgItem(window, TEXT_ITEM)
        return Box(window, owner, _text(win32, window), _text(win32, item) if item else None,
                   _has_icon(win32, window),
                   tuple(Button(win32.GetDlgCtrlID(child), _text(win32, child))
                         for child in children(win32, window, "Button")))
    except Win32Error:
        return Box(window, owner, "", None, False, (), True) if win32.IsWindowVisible(window) \
            else None


def boxes(win32: Win32, process_id: int, seconds: float, ended: Callable[[float], bool]
          ) -> List[Box]:
    """Wait for a message box of the process that answers, and return all open ones. After
    `seconds`, or if the process has `ended`, return those that do not answer (`hangs`), or none.
    `ended` gets the seconds that it may wait."""
    countdown = Countdown(seconds)
    while True:
        found = _visible(win32, process_id, DIALOG)
        # Divide the time among them, so that one that hangs takes no other's.
        share = Countdown(GRACE)
        read = [_read(win32, window, share.left() / (len(found) - number))
                for number, window in enumerate(found)]
        shown = [box for box in read if box]
        # A message box is visible before its program handles messages. Nothing announces another
        # process's windows; waiting for its end paces the search.
        if any(not box.hangs for box in shown) or countdown.over() \
                or ended(countdown.pause()):
            return shown


def answer(win32: Win32, process_id: int, window: int, button: int) -> None:
    """Press that button of a message box. Raises Win32Error, and HarnessError if it has gone."""
    if _process_of(win32, window) != process_id:
        raise HarnessError(f"process {process_id} no longer has window {window:#x}")
    control = win32.GetDlgItem(window, button)
    win32.PostMessageW(window, WM_COMMAND, button, control)


def close_windows(win32: Win32, process_id: int) -> bool:
    """Ask all visible windows of the process to close. Return whether it has any."""
    windows = _visible(win32, process_id, None)
    for window in windows:
        win32.PostMessageW(window, WM_CLOSE, 0, None)
    return bool(windows)
