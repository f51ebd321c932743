"""Checks the X display on which a host will draw."""
from __future__ import annotations

import os
import re
import socket

from harness.driver.errors import HarnessError
from harness.driver.waiting import DISPLAY

#: The X protocol's first message: little-endian, version 11.0, without authorization.
HELLO = b"l\0\x0b\0\0\0\0\0\0\0\0\0"


def check(display: str) -> None:
    """Raise HarnessError if nothing answers there. A refused connection means that the display is
    alive; Wine may know the authorization."""
    name = re.fullmatch(r"([^:]*):(\d{1,5})(?:\.\d+)?", display)
    try:
        if not name:
            raise OSError("it is not of the form HOST:NUMBER")
        host, number = name.group(1), int(name.group(2))
        local, path = host in ("", "unix"), f"/tmp/.X11-unix/X{number}"
        with socket.socket(socket.AF_UNIX) if local else \
                socket.create_connection((host, 6000 + number), DISPLAY) as connection:
            connection.settimeout(DISPLAY)
            if local:
                # Linux also has it by a name that is no file, if a container hides the folder.
                connection.connect(path if os.path.exists(path) else "\0" + path)
            connection.sendall(HELLO)
            if not connection.recv(1):
                raise OSError("it closed the connection")
    except (OSError, OverflowError) as problem:
        raise HarnessError(f"the X display {display!r} does not answer ({problem}); set DISPLAY to "
                           "one that does, or draw nowhere with --display null")


def is_managed() -> bool:
    """Return whether the display has a window manager, if Xlib can tell; otherwise True. Raises
    HarnessError if the display does not answer."""
    display = os.environ.get("DISPLAY", "")
    check(display)
    try:
        from Xlib import X, error
        from Xlib import display as xlib
        screen = xlib.Display(display)
    except Exception:  # Xlib has no common base class for the errors of a display.
        return True
    try:
        # Only one client may request this: the window manager, if there is one.
        refused = error.CatchError(error.BadAccess)
        screen.screen().root.change_attributes(event_mask=X.SubstructureRedirectMask,
                                               onerror=refused)
        screen.sync()
        return refused.get_error() is not None
    finally:
        screen.close()
