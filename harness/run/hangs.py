"""Describes a run that takes too long: the running programs and their message boxes. Wine's
debugger lists all windows."""
from __future__ import annotations

import os
import re

from harness.driver.errors import HarnessError
from harness.driver.win32.constants import escaped
from harness.driver.wine.processes import programs
from harness.run.place import Place

#: Seconds that the list may take.
PATIENCE = 10.0
#: Questions to the debugger. The desktop of a prefix's first program always has the same handle,
#: and stays as a window although its process may have ended and others get their own desktop.
QUESTIONS = ("info wnd 0x10020", "info wnd")
#: A window: its indentation, class, style, procedure, thread and text.
WINDOW = r"(?m)^( *)[0-9a-f]{8} +(\S+) +[0-9a-f]{8} [0-9a-f]+ [0-9a-f]+ (.*)$"
DIALOG, TEXT, BUTTON, NONE = "#32770", "Static", "Button", "-- Empty --"


def describe(place: Place) -> list[str]:
    """Return a line for each running program and for each open message box."""
    names = [escaped(name) for name in programs(place.supervisor.pid).values()]
    lines = [f"still running: {', '.join(names)}"] * bool(names)
    try:
        boxes = parsed(_asked(place, QUESTIONS[0])) or parsed(_asked(place, QUESTIONS[1]))
    except HarnessError as problem:
        return [*lines, str(problem)]
    return lines + [f'a message box is open: "{escaped(title)}" saying "{escaped(text)}" '
                    f"({escaped(buttons)})" for title, text, buttons in boxes]


def _asked(place: Place, question: str) -> str:
    """Return what the debugger prints. Raises HarnessError."""
    import tempfile  # Here, as few programs hang.
    with tempfile.TemporaryFile() as file, open(os.devnull, "rb+", 0) as null:
        place.supervisor.start([place.wine[0], "winedbg.exe", "--command", question],
                               place.environment,
                               [null.fileno(), file.fileno(), null.fileno()]).report(PATIENCE)
        file.seek(0)
        return file.read().decode(errors="replace").replace("\r", "")


def parsed(text: str) -> list[list[str]]:
    """Parse the list of windows: the title, text and buttons of each message box."""
    found: list[list[str]] = []
    depth = -1
    for indent, kind, shown in re.findall(WINDOW, text):
        shown = "" if shown == NONE else shown.strip()
        if kind == DIALOG:
            depth = len(indent)
            found.append([shown, "", ""])
        elif len(indent) <= depth:
            depth = -1
        elif depth >= 0 and shown and kind in (TEXT, BUTTON):
            which = 1 if kind == TEXT else 2
            found[-1][which] = " ".join(filter(None, [found[-1][which], shown]))
    return found
