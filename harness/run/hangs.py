"""What a run that takes too long is doing: which programs run, and the message boxes that they
show. Wine's debugger lists all windows."""
from __future__ import annotations

import os
import re
from typing import Dict, List

from harness.driver.wine.children import ChildProcesses
from harness.driver.wine.processes import descendants
from harness.run.program import Place
from harness.run.status import escaped

#: Seconds that the list may take.
PATIENCE = 10.0
#: How the debugger is asked. The desktop of a prefix's first program has always the same handle,
#: and stays as a window, though its process may have ended and others get a desktop of their own.
QUESTIONS = ("info wnd 0x10020", "info wnd")
#: A window: its indentation, class, style, procedure, thread and text.
WINDOW = r"(?m)^( *)[0-9a-f]{8} +(\S+) +[0-9a-f]{8} [0-9a-f]+ [0-9a-f]+ (.*)$"
DIALOG, TEXT, BUTTON, NONE = "#32770", "Static", "Button", "-- Empty --"
#: Programs of Wine's own that run for others.
SERVICES = ("conhost.exe", "explorer.exe", "plugplay.exe", "rpcss.exe", "services.exe", "start.exe",
            "svchost.exe", "winedbg.exe", "winedevice.exe")


def describe(place: Place, processes: ChildProcesses) -> List[str]:
    """A line for each program that runs and for each message box that is open."""
    names = [escaped(name) for name in programs().values()]
    return [f"still running: {', '.join(names)}"] * bool(names) + _boxes(place, processes)


def programs() -> Dict[int, str]:
    """The Windows programs among the descendants of this process, by their process ids."""
    found = {}
    for process in descendants(os.getpid()):
        try:
            with open(f"/proc/{process}/cmdline", "rb") as file:
                path = file.read().split(b"\0")[0].decode(errors="replace")
        except OSError:
            continue  # It has ended.
        name = re.split(r"[\\/]", path.partition(".exe")[0])[-1] + ".exe"
        if ".exe" in path.lower() and name.lower() not in SERVICES:
            found[process] = name
    return found


def _boxes(place: Place, processes: ChildProcesses) -> List[str]:
    for question in QUESTIONS:
        boxes = parsed(_asked(place, processes, question))
        if boxes:
            return [f'a message box is open: "{escaped(title)}" saying "{escaped(text)}" '
                    f"({escaped(buttons)})" for title, text, buttons in boxes]
    return []


def _asked(place: Place, processes: ChildProcesses, question: str) -> str:
    """What the debugger prints."""
    import tempfile  # Here, as few programs hang.
    with tempfile.TemporaryFile() as file:
        files = [os.open(os.devnull, os.O_RDWR), os.dup(file.fileno()),
                 os.open(os.devnull, os.O_RDWR)]
        processes.finish([place.wine[0], "winedbg.exe", "--command", question],
                         place.environment, PATIENCE, files)
        file.seek(0)
        return file.read().decode(errors="replace").replace("\r", "")


def parsed(text: str) -> List[List[str]]:
    """The title, text and buttons of each message box in the list of windows."""
    found: List[List[str]] = []
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
